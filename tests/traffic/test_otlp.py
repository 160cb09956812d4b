"""OTLP JSON as the collector's file exporter writes it, with GenAI names of both generations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillwatch.traffic.otlp import reader

from .conftest import Scan

NANOS = "1772353800123456789"
INPUT = [
    {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
    {"role": "user", "parts": [{"type": "text", "content": "Weather in Paris?"}]},
    {
        "role": "assistant",
        "parts": [
            {"type": "tool_call", "id": "c1", "name": "get_weather", "arguments": {"l": "P"}}
        ],
    },
    {
        "role": "tool",
        "parts": [{"type": "tool_call_response", "id": "c1", "response": "rainy, 57°F"}],
    },
]
OUTPUT = [
    {
        "role": "assistant",
        "parts": [
            {"type": "reasoning", "content": "It is raining."},
            {"type": "text", "content": "Rain, 57°F."},
        ],
        "finish_reason": "stop",
    }
]
CURRENT: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m-large",
    "gen_ai.request.max_tokens": 200,
    "gen_ai.request.temperature": 0.5,
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.input_tokens": 47,
    "gen_ai.usage.output_tokens": 52,
    "gen_ai.usage.reasoning.output_tokens": 11,
    "gen_ai.conversation.id": "conv_1",
    "enduser.id": "acct-heron",
    "client.address": "192.0.2.7",
    "user_agent.original": "openai-python/3.54",
}
DEFINITIONS = [{"type": "function", "name": "get_weather", "parameters": {"type": "object"}}]


def any_value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [any_value(item) for item in value]}}
        case dict():
            return {"kvlistValue": {"values": attributes(value)}}
    return {"stringValue": value}


def attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_value(value)} for key, value in values.items()]


RESOURCE = {"attributes": attributes({"service.name": "edge-eu", "service.version": "3"})}


def span(values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "chat m-large",
        "kind": 3,
        "startTimeUnixNano": NANOS,
        "endTimeUnixNano": "1772353801000000000",
        "attributes": attributes(values),
        "status": {},
    } | more


def spans(*these: dict[str, Any]) -> dict[str, Any]:
    scope = {"scope": {"name": "opentelemetry.instrumentation.openai_v2"}, "spans": list(these)}
    return {"resourceSpans": [{"resource": RESOURCE, "scopeSpans": [scope]}]}


def logs(*records: dict[str, Any]) -> dict[str, Any]:
    scope = {"scope": {"name": "opentelemetry.util.genai"}, "logRecords": list(records)}
    return {"resourceLogs": [{"resource": RESOURCE, "scopeLogs": [scope]}]}


def event(
    name: str, values: dict[str, Any], body: Any = None, span_id: str = "a1"
) -> dict[str, Any]:
    record = {
        "timeUnixNano": NANOS,
        "observedTimeUnixNano": NANOS,
        "eventName": name,
        "attributes": attributes(values),
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": span_id,
    }
    return record if body is None else record | {"body": any_value(body)}


def on_span() -> dict[str, Any]:
    return CURRENT | {
        "gen_ai.input.messages": json.dumps(INPUT),
        "gen_ai.output.messages": json.dumps(OUTPUT),
        "gen_ai.tool.definitions": json.dumps(DEFINITIONS),
    }


def on_event() -> dict[str, Any]:
    return CURRENT | {
        "gen_ai.input.messages": INPUT,
        "gen_ai.output.messages": OUTPUT,
        "gen_ai.tool.definitions": DEFINITIONS,
    }


EXPECTED = {
    "exchange_id": "chatcmpl-1",
    "account": "acct-heron",
    "address": "192.0.2.7",
    "user_agent": "openai-python/3.54",
    "model": "m-large",
    "operation": "chat",
    "system": "Be brief.",
    "prompt": "Weather in Paris?",
    "completion": "Rain, 57°F.",
    "input_tokens": 47,
    "output_tokens": 52,
    "reasoning_tokens": 11,
    "max_tokens": 200,
    "temperature": 0.5,
    "conversation": "conv_1",
    "turn": 1,
    "tools": ["get_weather"],
    "status": "ok",
    "gateway": "edge-eu",
}


def filled(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in row.items() if v is not None and k != "time"}


def test_a_current_span_fills_the_exchange(scan: Scan) -> None:
    (row,) = scan([spans(span(on_span()))]).rows
    assert filled(row) == EXPECTED
    assert row["time"].isoformat() == "2026-03-01T08:30:00.123456+00:00"


def test_a_current_event_tells_the_same_as_the_span(scan: Scan) -> None:
    name = "gen_ai.client.inference.operation.details"
    (row,) = scan([logs(event(name, on_event()))]).rows
    assert filled(row) == EXPECTED
    as_attribute = event("", on_event() | {"event.name": name})
    del as_attribute["eventName"]
    assert scan([logs(as_attribute)], name="b.jsonl").rows == [row]


def test_system_instructions_are_kept_apart_from_messages(scan: Scan) -> None:
    values = on_event() | {
        "gen_ai.input.messages": INPUT[1:],
        "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
    }
    (row,) = scan([spans(span(values))]).rows
    assert filled(row) == EXPECTED


def test_old_message_events_of_a_span_are_one_exchange(scan: Scan) -> None:
    """As opentelemetry-instrumentation-openai-v2 emits them by default (semconv 1.30)."""
    shared = {"gen_ai.system": "openai", "user.id": "acct-heron"}
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": "No."},
    }
    records = [
        event("gen_ai.system.message", shared, {"content": "Be brief."}),
        event("gen_ai.user.message", shared, {"content": "Hello"}),
        event("gen_ai.assistant.message", shared, {"content": "Hi."}),
        event("gen_ai.user.message", shared, {"content": "Is it raining?"}),
        event("gen_ai.choice", shared, choice),
        event("gen_ai.user.message", shared, {"content": "Another call"}, span_id="b2"),
    ]
    first, second = scan([logs(*records)]).rows
    assert first["system"] == "Be brief."
    assert (first["prompt"], first["turn"]) == ("Is it raining?", 2)
    assert (first["completion"], first["status"]) == ("No.", "ok")
    assert (second["prompt"], second["completion"]) == ("Another call", None)


def test_old_span_attributes_are_read(scan: Scan) -> None:
    """Semconv 1.26 (`gen_ai.prompt`) and OpenLLMetry's numbered form of it."""
    old = {
        "gen_ai.system": "openai",
        "gen_ai.request.model": "m-large",
        "gen_ai.usage.prompt_tokens": 9,
        "gen_ai.usage.completion_tokens": 3,
        "enduser.id": "acct-heron",
    }
    whole = old | {
        "gen_ai.prompt": json.dumps([{"role": "user", "content": "Hello"}]),
        "gen_ai.completion": json.dumps([{"role": "assistant", "content": "Hi."}]),
    }
    numbered = old | {
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "Hello",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "Hi.",
        "llm.request.functions.0.name": "get_weather",
    }
    rows = scan([spans(span(whole), span(numbered))]).rows
    for row in rows:
        assert (row["prompt"], row["completion"], row["turn"]) == ("Hello", "Hi.", 1)
        assert (row["input_tokens"], row["output_tokens"]) == (9, 3)
        assert row["model"] == "m-large"
    assert rows[1]["tools"] == ["get_weather"]


def test_old_span_events_are_read(scan: Scan) -> None:
    """Semconv 1.27 wrote content on span events."""
    values = {"gen_ai.system": "openai", "enduser.id": "acct-heron"}
    said = json.dumps([{"role": "user", "content": "Hello"}])
    asked = {"name": "gen_ai.content.prompt", "attributes": attributes({"gen_ai.prompt": said})}
    (row,) = scan([spans(span(values, events=[asked]))]).rows
    assert row["prompt"] == "Hello"


@pytest.mark.parametrize(
    "other",
    [
        {"http.request.method": "POST"},
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.system": "openai"},
        {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "get_weather"},
    ],
)
def test_spans_that_are_no_model_call_are_no_records(scan: Scan, other: dict[str, Any]) -> None:
    result = scan([spans(span(other), span(on_span()))])
    assert len(result.rows) == 1
    assert not result.rejects


def test_one_bad_span_costs_only_itself(scan: Scan) -> None:
    anonymous = {k: v for k, v in on_span().items() if k != "enduser.id"}
    broken = on_span() | {"gen_ai.input.messages": "[{not JSON"}
    result = scan([spans(span(anonymous), span(broken), span(CURRENT), span(on_span()))])
    assert len(result.rows) == 1
    assert result.reasons == [
        (1, "account", "missing account"),
        (1, "prompt", "not JSON"),
        (1, "prompt", "missing prompt"),
    ]


def test_a_user_may_write_json(scan: Scan) -> None:
    values = {
        "gen_ai.system": "openai",
        "enduser.id": "acct-heron",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "[1, 2",
        "gen_ai.prompt.1.role": "user",
        "gen_ai.prompt.1.content": "[1, 2]",
    }
    (row,) = scan([spans(span(values))]).rows
    assert (row["prompt"], row["turn"]) == ("[1, 2]", 2)


def test_the_account_is_taken_from_the_first_attribute_there_is(scan: Scan) -> None:
    values = on_span() | {"user.id": "second", "crm.customer": "acct-crane"}
    document = spans(span(values))
    assert scan([document]).rows[0]["account"] == "acct-heron"
    chosen = reader(account=("crm.customer", "enduser.id"))
    assert scan([document], chosen, name="b.jsonl").rows[0]["account"] == "acct-crane"


def test_the_account_may_stand_on_the_resource(scan: Scan) -> None:
    document = spans(span({k: v for k, v in on_span().items() if k != "enduser.id"}))
    document["resourceSpans"][0]["resource"] = {"attributes": attributes({"tenant.id": "t-9"})}
    assert scan([document]).rows[0]["account"] == "t-9"


@pytest.mark.parametrize(
    ("change", "more", "status"),
    [
        ({"error.type": "429"}, {"status": {"code": 2}}, "limited"),
        ({"error.type": "RateLimitError"}, {"status": {"code": "STATUS_CODE_ERROR"}}, "limited"),
        ({"error.type": "AuthenticationError"}, {"status": {"code": 2}}, "denied"),
        ({"error.type": "timeout"}, {"status": {"code": 2}}, "error"),
        ({}, {"status": {"code": 2}}, "error"),
        ({"gen_ai.response.finish_reasons": ["content_filter"]}, {}, "refused"),
        ({}, {"status": {"code": 1}}, "ok"),
    ],
)
def test_status_tells_how_the_call_ended(
    scan: Scan, change: dict[str, Any], more: dict[str, Any], status: str
) -> None:
    (row,) = scan([spans(span(on_span() | change, **more))]).rows
    assert row["status"] == status


def test_a_whole_file_of_one_pretty_document_is_read(scan: Scan) -> None:
    text = json.dumps(spans(span(on_span()), span(on_span())), indent=2)
    assert len(scan(text, name="trace.json").rows) == 2


def test_a_document_of_another_kind_is_set_aside(scan: Scan) -> None:
    result = scan([spans(span(on_span())), {"resourceMetrics": []}])
    assert result.reasons == [(2, None, "not OTLP")]
