"""Anthropic Messages request and response pairs.

Bodies as the `anthropic` Python package 2.12.0 types them (`types/message_create_params.py`,
`types/message.py`, `types/stop_reason.py`), in the envelope of `stillwatch.traffic.envelope`. The
account is the envelope's `account`, else the request's `metadata.user_id`, which customers set to
an opaque id of their own user. `usage.input_tokens` does not count what the cache held, so the
three kinds of input tokens are added up. Thinking blocks are hidden reasoning, no part of the
answer's text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.traffic.envelope import ENVELOPE_COLUMNS, bodies, pair, status_of_http
from stillwatch.traffic.exchange import TEXT
from stillwatch.traffic.messages import answer, request, tool_names
from stillwatch.traffic.reader import Reader, RecordError, Row

_INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_ERRORS = {
    "rate_limit_error": "limited",
    "authentication_error": "denied",
    "permission_error": "denied",
}


def matches(document: Mapping[str, Any]) -> float:
    both = bodies(document)
    if both is None:
        return 0.0
    sent, got = both
    if got.get("type") == "message" and "stop_reason" in got:
        return 1.0
    if got.get("object") or "messages" not in sent:
        return 0.0
    if got.get("type") == "error" or "thinking" in sent or "system" in sent:
        return 0.9
    return 0.5 if "max_tokens" in sent else 0.0


def rows(document: Mapping[str, Any]) -> Iterator[Row | RecordError]:
    exchange = pair(document)
    sent, got = exchange.request, exchange.response
    usage = got.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    metadata = sent.get("metadata")
    details = usage.get("output_tokens_details")
    row = exchange.beside | request(sent.get("messages"), sent.get("system"))
    if isinstance(metadata, dict):
        row.setdefault("account", metadata.get("user_id"))
    row.setdefault("exchange_id", got.get("id") or document.get("custom_id"))
    row.setdefault("model", sent.get("model") or got.get("model"))
    row["operation"] = "chat"
    row["completion"] = answer(got) if got.get("type") == "message" else None
    row["input_tokens"] = _input_tokens(usage)
    row["output_tokens"] = usage.get("output_tokens")
    if isinstance(details, dict):
        row["reasoning_tokens"] = details.get("thinking_tokens")
    row["max_tokens"] = sent.get("max_tokens")
    row["temperature"] = sent.get("temperature")
    row["tools"] = tool_names(sent.get("tools"))
    row["status"] = _status(exchange.http_status, got)
    yield row


def _input_tokens(usage: Mapping[str, Any]) -> object:
    counts = [usage[name] for name in _INPUT if usage.get(name) is not None]
    if len(counts) > 1 and all(type(count) is int for count in counts):
        return sum(counts)
    return usage.get("input_tokens")


def _status(code: int | None, got: Mapping[str, Any]) -> str | None:
    if got.get("stop_reason") == "refusal":
        return "refused"
    if got.get("type") == "error":
        error = got.get("error")
        kind = error.get("type") if isinstance(error, dict) else None
        by_code = status_of_http(code)
        fallback = "error" if by_code in (None, "ok") else by_code
        return _ERRORS.get(kind, fallback) if isinstance(kind, str) else fallback
    return status_of_http(code) or ("ok" if got else None)


READER = Reader(
    name="anthropic",
    title="Anthropic Messages, request and response pairs (anthropic 2.12)",
    matches=matches,
    rows=rows,
    columns=(*ENVELOPE_COLUMNS, *TEXT, "status"),
)
