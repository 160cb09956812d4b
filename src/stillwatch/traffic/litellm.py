"""LiteLLM: standard logging payloads and spend log rows.

`StandardLoggingPayload` (`litellm/types/utils.py`) and `LiteLLM_SpendLogs`
(`litellm/proxy/schema.prisma`, `SpendLogsPayload` in `litellm/proxy/_types.py`) of LiteLLM 1.109.1.
The first is what callbacks and the S3 and GCS loggers write, with times in epoch seconds; the
second is the database table, whose JSON columns come as text in exports and whose times are UTC
without saying so (Prisma's `DateTime`).

The account is who is billed: the user behind the key, else the team, else the key itself. The end
user (`end_user`, an id the customer sends along) belongs to the customer's own customers and would
hide a relay behind thousands of names, so it is not the account.

Where the proxy was told not to log content, every prompt is the same placeholder. Read as prompts
these would look like one template asked by everybody, so such records are set aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from stillwatch.traffic.envelope import status_of_http
from stillwatch.traffic.messages import answer, opened, request, tool_names
from stillwatch.traffic.reader import Reader, RecordError, Row
from stillwatch.traffic.values import microseconds

_REDACTED = "redacted-by-litellm"  # litellm/constants.py, REDACTED_BY_LITELLM

_OPERATIONS = {
    "completion": "chat",
    "responses": "chat",
    "anthropic_messages": "chat",
    "text_completion": "text_completion",
    "embedding": "embeddings",
    "generate_content": "generate_content",
}


def matches(document: Mapping[str, Any]) -> float:
    if "startTime" not in document or "call_type" not in document:
        return 0.0
    if "request_id" in document and "api_key" in document:
        return 1.0
    return 1.0 if "model_parameters" in document or "hidden_params" in document else 0.8


def rows(document: Mapping[str, Any]) -> Iterator[Row | RecordError]:
    metadata = _object(document.get("metadata"))
    sent = _object(document.get("model_parameters"))
    received = _object(document.get("proxy_server_request"))
    got = opened(document.get("response"))
    body = got if isinstance(got, dict) else {}
    usage = _object(metadata.get("usage_object")) or _object(body.get("usage"))
    messages = opened(document.get("messages"))
    if not messages and messages != "":
        # Spend logs keep the prompt in the request as it was received, where it is kept at all.
        messages = received.get("messages", received.get("input"))
    call = str(document.get("call_type") or "")
    row = request(messages, received.get("system") or received.get("instructions"))
    if row.get("prompt") == _REDACTED:
        raise RecordError("redacted prompt", "prompt", "LiteLLM was told not to log messages")
    completion = _answer(got)
    row |= {
        "exchange_id": document.get("request_id") or document.get("id"),
        "time": _time(document.get("startTime")),
        "account": _account(document, metadata),
        "organization": _any(document, "organization_id")
        or _any(metadata, "user_api_key_org_id", "user_api_key_team_id"),
        "credential": _any(document, "api_key") or _any(metadata, "user_api_key_hash"),
        "address": _any(document, "requester_ip_address") or _any(metadata, "requester_ip_address"),
        "user_agent": _any(document, "user_agent") or _any(metadata, "user_agent"),
        "model": _any(document, "model_group", "model"),
        "operation": _OPERATIONS.get(call.removeprefix("a"), _OPERATIONS.get(call, "other")),
        "completion": None if completion == _REDACTED else completion,
        "input_tokens": document.get("prompt_tokens"),
        "output_tokens": document.get("completion_tokens"),
        "reasoning_tokens": _object(usage.get("completion_tokens_details")).get("reasoning_tokens"),
        "max_tokens": sent.get("max_completion_tokens") or sent.get("max_tokens"),
        "temperature": sent.get("temperature"),
        "conversation": _any(document, "session_id"),
        "tools": tool_names(sent.get("tools") or received.get("tools")),
        "status": _status(document, metadata, body),
    }
    yield row


def _account(document: Mapping[str, Any], metadata: Mapping[str, Any]) -> object:
    return (
        _any(metadata, "user_api_key_user_id")
        or _any(document, "user")
        or _any(metadata, "user_api_key_team_id")
        or _any(document, "team_id")
        or _any(metadata, "user_api_key_hash")
        or _any(document, "api_key")
    )


def _time(value: object) -> int | None:
    try:
        return microseconds(value, zone=UTC)
    except RecordError as error:
        raise RecordError(error.reason, "startTime", error.detail) from None


def _answer(got: object) -> str | None:
    if not isinstance(got, dict):
        return answer(got)
    choices = got.get("choices")
    if isinstance(choices, list):
        return answer([c["message"] for c in choices if isinstance(c, dict) and c.get("message")])
    return answer(got.get("output")) if "output" in got else answer(got)


def _status(
    document: Mapping[str, Any], metadata: Mapping[str, Any], body: Mapping[str, Any]
) -> str | None:
    if _object(document.get("status_fields")).get("guardrail_status") == "guardrail_intervened":
        return "refused"
    if document.get("status") == "failure":
        failure = _object(document.get("error_information")) or _object(
            metadata.get("error_information")
        )
        if "ContentPolicy" in str(failure.get("error_class")):
            return "refused"
        code = str(failure.get("error_code"))
        status = status_of_http(int(code)) if code.isdecimal() and len(code) == 3 else None
        return "error" if status in (None, "ok") else status
    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict) and choice.get("finish_reason") == "content_filter":
            return "refused"
    return "ok"


def _any(holder: Mapping[str, Any], *names: str) -> object:
    return next((holder[name] for name in names if holder.get(name)), None)


def _object(value: object) -> Mapping[str, Any]:
    value = opened(value)
    return value if isinstance(value, dict) else {}


READER = Reader(
    name="litellm",
    title="LiteLLM standard logging payloads and spend logs (LiteLLM 1.109)",
    matches=matches,
    rows=rows,
    columns=(
        *("exchange_id", "time", "account", "organization", "credential", "address", "user_agent"),
        *("model", "operation", "system", "prompt", "completion", "input_tokens", "output_tokens"),
        *("reasoning_tokens", "max_tokens", "temperature", "conversation", "turn", "tools"),
        "status",
    ),
)
