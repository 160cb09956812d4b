"""OpenAI request and response pairs: Chat Completions and Responses.

Bodies as the `openai` Python package 3.54.0 types them (`types/chat/chat_completion.py`,
`types/responses/response.py`), in the envelope of `stillwatch.traffic.envelope`. The account is
the envelope's `account`, else the request's `safety_identifier`, else its older `user`. The time is
the envelope's, else the response's `created` or `created_at` (seconds).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.traffic.envelope import ENVELOPE_COLUMNS, bodies, pair, status_of_http
from stillwatch.traffic.exchange import TEXT
from stillwatch.traffic.messages import answer, request, tool_names
from stillwatch.traffic.reader import Reader, RecordError, Row

_OBJECTS = ("chat.completion", "text_completion", "response", "list")
_LIMITED = {"rate_limit_exceeded", "insufficient_quota", "rate_limit_error", "tokens", "requests"}
_REFUSED = {"content_filter", "content_policy_violation", "invalid_prompt"}
_OWN_REQUEST = ("safety_identifier", "max_completion_tokens", "max_output_tokens", "input", "n")


def matches(document: Mapping[str, Any]) -> float:
    both = bodies(document)
    if both is None:
        return 0.0
    sent, got = both
    if got.get("object") in _OBJECTS and ("choices" in got or "output" in got):
        return 1.0
    if got.get("type") in ("message", "error"):
        return 0.0
    if "model" in sent and any(name in sent for name in _OWN_REQUEST):
        return 0.9
    return 0.6 if "model" in sent and ("messages" in sent or "prompt" in sent) else 0.0


def rows(document: Mapping[str, Any]) -> Iterator[Row | RecordError]:
    exchange = pair(document)
    sent, got, row = exchange.request, exchange.response, exchange.beside
    if "input" in sent or got.get("object") == "response":
        row |= _responses(sent, got)
    else:
        row |= _chat(sent, got)
    row.setdefault("account", sent.get("safety_identifier") or sent.get("user"))
    if row.get("time") is None:
        row["time"] = got.get("created", got.get("created_at"))
    row.setdefault("exchange_id", got.get("id") or document.get("custom_id"))
    row.setdefault("model", sent.get("model") or got.get("model"))
    row["temperature"] = sent.get("temperature")
    tools = sent.get("tools", sent.get("functions"))
    row["tools"] = tool_names(tools)
    row["status"] = _status(exchange.http_status, got)
    yield row


def _chat(sent: Mapping[str, Any], got: Mapping[str, Any]) -> Row:
    usage = _object(got.get("usage"))
    choices = got.get("choices")
    row = request(sent.get("messages", sent.get("prompt")))
    row["operation"] = "chat" if "messages" in sent else "text_completion"
    row["completion"] = answer(list(map(_choice, choices)) if isinstance(choices, list) else None)
    row["input_tokens"] = usage.get("prompt_tokens")
    row["output_tokens"] = usage.get("completion_tokens")
    row["reasoning_tokens"] = _object(usage.get("completion_tokens_details")).get(
        "reasoning_tokens"
    )
    row["max_tokens"] = sent.get("max_completion_tokens", sent.get("max_tokens"))
    return row


def _responses(sent: Mapping[str, Any], got: Mapping[str, Any]) -> Row:
    usage = _object(got.get("usage"))
    conversation = sent.get("conversation")
    row = request(sent.get("input"), sent.get("instructions"))
    row["operation"] = "chat"
    row["completion"] = answer(got.get("output"))
    row["input_tokens"] = usage.get("input_tokens")
    row["output_tokens"] = usage.get("output_tokens")
    row["reasoning_tokens"] = _object(usage.get("output_tokens_details")).get("reasoning_tokens")
    row["max_tokens"] = sent.get("max_output_tokens")
    if conversation:
        row["conversation"] = (
            conversation.get("id") if isinstance(conversation, dict) else conversation
        )
    return row


def _choice(choice: object) -> object:
    if isinstance(choice, dict):
        return choice.get("message") or {"content": choice.get("text")}
    return choice


def _status(code: int | None, got: Mapping[str, Any]) -> str | None:
    error = got.get("error")
    if error:
        named = (error.get("code"), error.get("type")) if isinstance(error, dict) else (error,)
        names = {name for name in named if isinstance(name, str)}
        if names & _REFUSED:
            return "refused"
        if names & _LIMITED:
            return "limited"
        by_code = status_of_http(code)
        return "error" if by_code in (None, "ok") else by_code
    if _refused(got):
        return "refused"
    if got.get("status") == "failed":
        return "error"
    return status_of_http(code) or ("ok" if got else None)


def _refused(got: Mapping[str, Any]) -> bool:
    for choice in _objects(got.get("choices")):
        message = _object(choice.get("message"))
        if choice.get("finish_reason") == "content_filter" or message.get("refusal"):
            return True
    for item in _objects(got.get("output")):
        if any(part.get("type") == "refusal" for part in _objects(item.get("content"))):
            return True
    return _object(got.get("incomplete_details")).get("reason") == "content_filter"


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


READER = Reader(
    name="openai",
    title="OpenAI Chat Completions and Responses, request and response pairs (openai 3.54)",
    matches=matches,
    rows=rows,
    columns=(*ENVELOPE_COLUMNS, *TEXT, "status"),
)
