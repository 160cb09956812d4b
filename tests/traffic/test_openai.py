"""OpenAI pairs, bodies as openai-python 3.54.0 types them (`types/chat`, `types/responses`)."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Scan

CHAT: dict[str, Any] = {
    "timestamp": "2026-03-01T09:30:00.250+01:00",
    "account": "acct-heron",
    "organization": "org-fen",
    "headers": {"User-Agent": "python-httpx/0.28", "X-Forwarded-For": "192.0.2.7, 10.0.0.1"},
    "status_code": 200,
    "request": {
        "model": "m-large",
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is on this picture?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                ],
            },
        ],
        "max_completion_tokens": 512,
        "temperature": 0.2,
        "tools": [{"type": "function", "function": {"name": "look_up", "parameters": {}}}],
        "safety_identifier": "end-user-5",
    },
    "response": {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1772353801,
        "model": "m-large-2026-02",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "A heron.", "refusal": None},
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": {
            "prompt_tokens": 90,
            "completion_tokens": 40,
            "total_tokens": 130,
            "completion_tokens_details": {"reasoning_tokens": 32, "audio_tokens": 0},
        },
    },
}

RESPONSES: dict[str, Any] = {
    "time": 1772353800,
    "request": {
        "model": "m-large",
        "instructions": "Be brief.",
        "input": "Why is the sky blue?",
        "max_output_tokens": 300,
        "conversation": {"id": "conv_1"},
        "tools": [{"type": "web_search"}, {"type": "function", "name": "look_up"}],
        "safety_identifier": "acct-heron",
    },
    "response": {
        "id": "resp_1",
        "object": "response",
        "created_at": 1772353801,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": "Scattering.", "annotations": []}],
            },
        ],
        "usage": {
            "input_tokens": 12,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 70,
            "output_tokens_details": {"reasoning_tokens": 64},
            "total_tokens": 82,
        },
    },
}


def test_a_chat_completion_fills_the_exchange(scan: Scan) -> None:
    (row,) = scan([CHAT]).rows
    assert {k: v for k, v in row.items() if v is not None} == {
        "exchange_id": "chatcmpl-1",
        "time": row["time"],
        "account": "acct-heron",
        "organization": "org-fen",
        "address": "192.0.2.7",
        "user_agent": "python-httpx/0.28",
        "model": "m-large",
        "operation": "chat",
        "system": "Be brief.",
        "prompt": "What is on this picture?",
        "completion": "A heron.",
        "input_tokens": 90,
        "output_tokens": 40,
        "reasoning_tokens": 32,
        "max_tokens": 512,
        "temperature": 0.2,
        "turn": 2,
        "tools": ["look_up"],
        "status": "ok",
    }
    assert row["time"].isoformat() == "2026-03-01T08:30:00.250000+00:00"


def test_a_response_fills_the_exchange(scan: Scan) -> None:
    (row,) = scan([RESPONSES]).rows
    assert row["prompt"] == "Why is the sky blue?"
    assert row["system"] == "Be brief."
    assert row["completion"] == "Scattering."
    assert (row["input_tokens"], row["output_tokens"], row["reasoning_tokens"]) == (12, 70, 64)
    assert row["tools"] == ["web_search", "look_up"]
    assert row["conversation"] == "conv_1"
    assert row["account"] == "acct-heron", "the safety identifier stands in for the account"


def test_the_account_falls_back_to_the_older_user_field(scan: Scan) -> None:
    request = CHAT["request"] | {"safety_identifier": None, "user": "acct-old"}
    (row,) = scan([CHAT | {"account": None, "request": request}]).rows
    assert row["account"] == "acct-old"


def test_time_falls_back_to_when_the_response_was_made(scan: Scan) -> None:
    (row,) = scan([{k: v for k, v in CHAT.items() if k != "timestamp"}]).rows
    assert row["time"].timestamp() == 1772353801


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status_code": 429, "response": {"error": {"code": "rate_limit_exceeded"}}}, "limited"),
        ({"status_code": 401, "response": {"error": {"code": "invalid_api_key"}}}, "denied"),
        ({"status_code": 403, "response": {}}, "denied"),
        ({"status_code": 500, "response": None}, "error"),
        (
            {"status_code": 400, "response": {"error": {"code": "content_policy_violation"}}},
            "refused",
        ),
        (
            {
                "response": {
                    "object": "chat.completion",
                    "choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}],
                }
            },
            "refused",
        ),
        (
            {
                "response": {
                    "object": "chat.completion",
                    "choices": [
                        {
                            "message": {"content": None, "refusal": "I can't."},
                            "finish_reason": "stop",
                        }
                    ],
                }
            },
            "refused",
        ),
    ],
)
def test_status_tells_how_the_request_ended(
    scan: Scan, change: dict[str, Any], status: str
) -> None:
    (row,) = scan([CHAT | change]).rows
    assert row["status"] == status


def test_a_refusing_response_is_refused(scan: Scan) -> None:
    output = [
        {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    ]
    (row,) = scan([RESPONSES | {"response": RESPONSES["response"] | {"output": output}}]).rows
    assert row["status"] == "refused"
    assert row["completion"] == "No."


def test_batch_lines_with_time_and_account_are_read(scan: Scan) -> None:
    line = {
        "custom_id": "task-17",
        "method": "POST",
        "url": "/v1/chat/completions",
        "time": "2026-03-01T09:30:00Z",
        "account": "acct-heron",
        "body": CHAT["request"],
        "response": {"status_code": 200, "request_id": "r", "body": CHAT["response"]},
    }
    (row,) = scan([line, line]).rows[:1]
    assert (row["completion"], row["status"]) == ("A heron.", "ok")
    del line["response"]
    (row,) = scan([line]).rows
    assert row["exchange_id"] == "task-17"


def test_a_misspelled_column_beside_the_bodies_is_told_and_nothing_else(scan: Scan) -> None:
    wrong = CHAT | {"acount": "a", "payment_mrk": None}
    batch = {"custom_id": "c", "id": "i", "method": "POST", "url": "/", "error": None}
    result = scan([wrong, CHAT | batch, CHAT | {"status": "200", "timestamp": 1772353800}])
    assert not result.rejects
    assert [(note.field, note.reason) for note in result.notes] == [
        ("acount", "unknown column"),
        ("payment_mrk", "unknown column"),
    ]
    assert {row["account"] for row in result.rows} == {"acct-heron"}


def test_bodies_logged_as_text_are_opened(scan: Scan) -> None:
    import json

    pair = CHAT | {k: json.dumps(CHAT[k]) for k in ("request", "response")}
    assert scan([pair]).rows == scan([CHAT], name="other.jsonl").rows


def test_an_envelope_without_a_request_is_set_aside(scan: Scan) -> None:
    result = scan([CHAT, {"time": 1, "account": "a", "response": {}}])
    assert result.reasons == [(2, "request", "missing request")]


def test_messages_of_a_wrong_type_are_set_aside(scan: Scan) -> None:
    result = scan([CHAT, CHAT | {"request": CHAT["request"] | {"messages": 7}}])
    assert result.reasons == [(2, "prompt", "wrong type")]
