"""LiteLLM 1.109.1: `StandardLoggingPayload` (types/utils.py), `LiteLLM_SpendLogs` (Prisma)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .conftest import Scan, outcome

RESPONSE = {
    "id": "chatcmpl-2",
    "object": "chat.completion",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "42."}}
    ],
    "usage": {"completion_tokens_details": {"reasoning_tokens": 7}},
}

PAYLOAD: dict[str, Any] = {
    "id": "chatcmpl-2",
    "trace_id": "t-1",
    "session_id": "s-1",
    "call_type": "acompletion",
    "stream": False,
    "response_cost": 0.002,
    "status": "success",
    "custom_llm_provider": "openai",
    "total_tokens": 30,
    "prompt_tokens": 20,
    "completion_tokens": 10,
    "startTime": 1772353800.123456,
    "endTime": 1772353801.0,
    "completionStartTime": 1772353800.5,
    "model": "m-large-2026",
    "model_group": "m-large",
    "api_base": "https://api.example.com",
    "metadata": {
        "user_api_key_hash": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
        "user_api_key_alias": "batch",
        "user_api_key_org_id": "org-fen",
        "user_api_key_team_id": "team-reed",
        "user_api_key_user_id": "acct-heron",
        "user_api_key_end_user_id": None,
        "requester_ip_address": "192.0.2.7",
        "requester_custom_headers": {},
        "usage_object": {"completion_tokens_details": {"reasoning_tokens": 7}},
    },
    "end_user": "their-customer-9",
    "requester_ip_address": "192.0.2.7",
    "user_agent": "openai-python/3.54",
    "messages": [
        {"role": "system", "content": "Answer."},
        {"role": "user", "content": "What is six times seven?"},
    ],
    "response": RESPONSE,
    "error_str": None,
    "error_information": None,
    "model_parameters": {"temperature": 0, "max_tokens": 64, "stream": False},
    "hidden_params": {"model_id": None},
}

SPEND: dict[str, Any] = {
    "request_id": "chatcmpl-2",
    "call_type": "acompletion",
    "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
    "spend": 0.002,
    "total_tokens": 30,
    "prompt_tokens": 20,
    "completion_tokens": 10,
    "startTime": "2026-03-01T08:30:00.123000",
    "endTime": "2026-03-01T08:30:01.000000",
    "model": "m-large-2026",
    "model_group": "m-large",
    "user": "acct-heron",
    "metadata": json.dumps({"user_agent": "openai-python/3.54", "status": "success"}),
    "cache_hit": "False",
    "request_tags": "[]",
    "team_id": "team-reed",
    "organization_id": "org-fen",
    "end_user": "",
    "requester_ip_address": "192.0.2.7",
    "messages": json.dumps(PAYLOAD["messages"]),
    "response": json.dumps(RESPONSE),
    "session_id": "s-1",
    "status": "success",
    "proxy_server_request": "{}",
}


def test_a_logging_payload_fills_the_exchange(scan: Scan) -> None:
    (row,) = scan([PAYLOAD]).rows
    assert row["time"].isoformat() == "2026-03-01T08:30:00.123456+00:00"
    assert row["account"] == "acct-heron"
    assert row["organization"] == "org-fen"
    assert row["credential"].startswith("88dc28d0")
    assert row["address"] == "192.0.2.7"
    assert row["user_agent"] == "openai-python/3.54"
    assert row["model"] == "m-large"
    assert row["operation"] == "chat"
    assert (row["system"], row["prompt"]) == ("Answer.", "What is six times seven?")
    assert row["completion"] == "42."
    assert (row["input_tokens"], row["output_tokens"], row["reasoning_tokens"]) == (20, 10, 7)
    assert (row["max_tokens"], row["temperature"]) == (64, 0.0)
    assert (row["conversation"], row["turn"], row["status"]) == ("s-1", 1, "ok")


def test_a_spend_log_row_tells_the_same(scan: Scan) -> None:
    (row,) = scan([SPEND]).rows
    (payload,) = scan([PAYLOAD], name="payload.jsonl").rows
    for column in ("account", "organization", "credential", "prompt", "completion", "system"):
        assert row[column] == payload[column]
    assert row["time"].isoformat() == "2026-03-01T08:30:00.123000+00:00", "the database has UTC"


def test_spend_logs_exported_as_a_table_are_read(tmp_path: Path) -> None:
    path = tmp_path / "spend.parquet"
    pq.write_table(pa.Table.from_pylist([SPEND, SPEND]), path)
    result = outcome(path)
    assert [row["completion"] for row in result.rows] == ["42.", "42."]
    assert not result.rejects


def test_the_prompt_is_found_in_the_received_request(scan: Scan) -> None:
    received = json.dumps({"messages": PAYLOAD["messages"], "model": "m-large"})
    (row,) = scan([SPEND | {"messages": "{}", "proxy_server_request": received}]).rows
    assert row["prompt"] == "What is six times seven?"


def test_logs_without_content_are_set_aside_as_such(scan: Scan) -> None:
    result = scan([SPEND | {"messages": "{}", "response": "{}"}])
    assert result.reasons == [(1, "prompt", "missing prompt")]


def test_placeholders_for_content_are_no_prompts(scan: Scan) -> None:
    redacted = [{"role": "user", "content": "redacted-by-litellm"}]
    answer = {"choices": [{"message": {"content": "redacted-by-litellm"}}]}
    result = scan([PAYLOAD | {"messages": redacted}, PAYLOAD | {"response": answer}])
    assert result.reasons == [(1, "prompt", "redacted prompt")]
    assert [row["completion"] for row in result.rows] == [None]


def test_a_team_and_then_the_key_stand_in_for_the_account(scan: Scan) -> None:
    metadata = PAYLOAD["metadata"] | {"user_api_key_user_id": None}
    (row,) = scan([PAYLOAD | {"metadata": metadata}]).rows
    assert row["account"] == "team-reed"
    metadata |= {"user_api_key_team_id": None}
    (row,) = scan([PAYLOAD | {"metadata": metadata}], name="b.jsonl").rows
    assert row["account"] == PAYLOAD["metadata"]["user_api_key_hash"]


@pytest.mark.parametrize(
    ("code", "kind", "status"),
    [
        ("429", "RateLimitError", "limited"),
        ("401", "AuthenticationError", "denied"),
        ("400", "ContentPolicyViolationError", "refused"),
        ("500", "InternalServerError", "error"),
        ("", None, "error"),
    ],
)
def test_a_failure_tells_its_kind(scan: Scan, code: str, kind: str | None, status: str) -> None:
    failure = {"error_code": code, "error_class": kind, "llm_provider": "openai"}
    document = PAYLOAD | {"status": "failure", "response": None, "error_information": failure}
    (row,) = scan([document]).rows
    assert row["status"] == status
