"""OpenTelemetry's names for what an exchange has, current and old, in order of preference.

Current names: semantic-conventions-genai 1.42.0-dev, `docs/gen-ai/gen-ai-spans.md` and
`gen-ai-events.md`. Old: semantic-conventions up to 1.36.0, and the numbered attributes of
OpenLLMetry (`gen_ai.prompt.0.content`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stillwatch.traffic.envelope import status_of_http
from stillwatch.traffic.messages import answer, opened, request, tool_names
from stillwatch.traffic.reader import Row

Attributes = dict[str, Any]

ACCOUNT = (
    "enduser.id",
    "user.id",
    "gen_ai.user.id",
    "gen_ai.user",
    "llm.user",
    "account.id",
    "customer.id",
    "tenant.id",
)
"""Where the account is looked for, unless told otherwise."""

_NAMES: dict[str, tuple[str, ...]] = {
    "organization": ("organization.id", "gen_ai.openai.organization", "tenant.id"),
    "credential": ("credential.id", "api_key.id", "api_key.hash"),
    "address": ("client.address", "http.client_ip", "source.address"),
    "network": ("client.as.number", "network.asn"),
    "country": ("client.geo.country_iso_code", "geo.country.iso_code"),
    "user_agent": ("user_agent.original", "http.user_agent"),
    "tls_fingerprint": ("tls.client.ja4", "tls.client.ja3"),
    "model": ("gen_ai.request.model", "gen_ai.response.model"),
    "operation": ("gen_ai.operation.name", "llm.request.type"),
    "input_tokens": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
    "output_tokens": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
    "reasoning_tokens": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
    ),
    "max_tokens": ("gen_ai.request.max_tokens",),
    "temperature": ("gen_ai.request.temperature",),
    "conversation": ("gen_ai.conversation.id", "session.id"),
    "gateway": ("gateway.name", "service.name"),
}

_NOT_A_CALL = (
    "create_agent",
    "invoke_agent",
    "invoke_workflow",
    "execute_tool",
    "retrieval",
    "plan",
)
_NUMBERED = re.compile(r"gen_ai\.(prompt|completion)\.(\d{1,6})\.(role|content)")
_FUNCTION = re.compile(r"llm\.request\.functions\.(\d+)\.name")
_EVENT = re.compile(r"gen_ai\.(system|user|assistant|tool)\.message")


def is_model_call(attributes: Attributes) -> bool:
    """Whether the attributes of a span say that it is a request to a model."""
    operation = attributes.get("gen_ai.operation.name")
    if operation in _NOT_A_CALL:
        return False
    return operation is not None or any(
        name in attributes for name in ("gen_ai.request.model", "gen_ai.system")
    )


def message(event: str, body: object) -> dict[str, Any] | None:
    """The message in an old event: its body as a log record, its attributes as a span event."""
    if event == "gen_ai.choice":
        if not isinstance(body, dict):
            return {"role": "choice", "content": None}
        inner = opened(body.get("message"))
        content = inner.get("content") if isinstance(inner, dict) else inner
        return {
            "role": "choice",
            "content": content if content is not None else body.get("content"),
            "finish_reason": body.get("finish_reason"),
        }
    if match := _EVENT.fullmatch(event):
        content = body.get("content") if isinstance(body, dict) else body
        return {"role": match[1], "content": content}
    return None


def exchange(
    attributes: Attributes,
    record: Mapping[str, Any],
    said: list[dict[str, Any]],
    account: tuple[str, ...],
) -> Row:
    """One span or event as a row. `said` are the messages of old events, in order."""
    row: Row = {column: _first(attributes, names) for column, names in _NAMES.items()}
    asked, answered = _messages(attributes, said)
    row |= request(asked, opened(attributes.get("gen_ai.system_instructions")))
    row["completion"] = answer(answered)
    row["account"] = _first(attributes, account)
    row["time"] = next(
        (
            record[name]
            for name in ("startTimeUnixNano", "timeUnixNano", "observedTimeUnixNano")
            if record.get(name) not in (None, 0, "0", "")
        ),
        None,
    )
    row["exchange_id"] = attributes.get("gen_ai.response.id") or _span_id(record)
    if row["operation"] == "completion":
        row["operation"] = "text_completion"
    row["tools"] = _tools(attributes)
    row["status"] = _status(attributes, record, said)
    return row


def _first(attributes: Attributes, names: tuple[str, ...]) -> object:
    for name in names:
        value = attributes.get(name)
        if value is not None and value != "":
            return value
    return None


def _messages(attributes: Attributes, said: list[dict[str, Any]]) -> tuple[object, object]:
    # An exporter's limit on the length of attributes cuts the JSON text of messages in the middle.
    asked = opened(attributes.get("gen_ai.input.messages"), "prompt")
    answered = opened(attributes.get("gen_ai.output.messages"), "completion")
    asked = opened(attributes.get("gen_ai.prompt")) if asked is None else asked
    answered = opened(attributes.get("gen_ai.completion")) if answered is None else answered
    if asked is None and said:
        # Assistant messages are history; only a choice is the answer.
        asked = [one for one in said if one["role"] != "choice" and one["content"] is not None]
        asked = asked or None
    if answered is None:
        answered = [one for one in said if one["role"] == "choice"] or None
    if asked is None:
        asked = _numbered(attributes, "prompt")
    if answered is None:
        answered = _numbered(attributes, "completion")
    return asked, answered


def _numbered(attributes: Attributes, which: str) -> list[dict[str, Any]] | None:
    found: dict[int, dict[str, Any]] = {}
    for name, value in attributes.items():
        match = _NUMBERED.fullmatch(name)
        if match and match[1] == which:
            found.setdefault(int(match[2]), {"role": "user"})[match[3]] = _content(value)
    return [found[number] for number in sorted(found)] or None


def _content(value: object) -> object:
    """Text, or the content parts it is the JSON of: a user may write JSON too."""
    parts = opened(value)
    if isinstance(parts, list) and all(isinstance(p, dict) and "type" in p for p in parts):
        return parts
    return value


def _tools(attributes: Attributes) -> list[str] | None:
    if (defined := attributes.get("gen_ai.tool.definitions")) is not None:
        return tool_names(opened(defined))
    names = [(int(m[1]), v) for k, v in attributes.items() if (m := _FUNCTION.fullmatch(k))]
    return [str(name) for _, name in sorted(names, key=lambda pair: pair[0])] or None


def _span_id(record: Mapping[str, Any]) -> str | None:
    trace, span = record.get("traceId"), record.get("spanId")
    return f"{trace}:{span}" if trace and span else None


def _status(
    attributes: Attributes, record: Mapping[str, Any], said: list[dict[str, Any]]
) -> str | None:
    reasons = opened(attributes.get("gen_ai.response.finish_reasons")) or []
    reasons = [*reasons, *(one.get("finish_reason") for one in said)]
    if "content_filter" in reasons or "refusal" in reasons:
        return "refused"
    status = record.get("status")
    code = status.get("code") if isinstance(status, dict) else None
    kind = attributes.get("error.type")
    if kind is None and code not in (2, "STATUS_CODE_ERROR"):
        return "ok"
    kind = str(kind)
    for word, meaning in (
        ("RateLimit", "limited"),
        ("Authentication", "denied"),
        ("PermissionDenied", "denied"),
        ("content_filter", "refused"),
    ):
        if word.lower() in kind.lower():
            return meaning
    number = kind if kind.isdecimal() else str(attributes.get("http.response.status_code"))
    by_code = status_of_http(int(number)) if number.isdecimal() and len(number) == 3 else None
    return "error" if by_code in (None, "ok") else by_code
