"""Anthropic Messages pairs, bodies as anthropic-sdk-python 2.12.0 types them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Scan

PAIR: dict[str, Any] = {
    "time": "2026-03-01T09:30:00Z",
    "account": "acct-heron",
    "address": "2001:db8::7",
    "request": {
        "model": "m-thinker",
        "max_tokens": 2048,
        "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "metadata": {"user_id": "end-user-5"},
        "tools": [{"name": "look_up", "input_schema": {"type": "object"}}],
        "messages": [
            {"role": "user", "content": "Where do herons nest?"},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "t1", "name": "look_up", "input": {}}],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "In trees."}],
            },
        ],
    },
    "response": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m-thinker",
        "content": [
            {"type": "thinking", "thinking": "The tool says trees.", "signature": "c2ln"},
            {"type": "text", "text": "In tall trees."},
        ],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 20,
            "cache_creation_input_tokens": 5,
            "cache_read_input_tokens": 100,
            "output_tokens": 60,
            "output_tokens_details": {"thinking_tokens": 45},
        },
    },
}


def test_a_message_fills_the_exchange(scan: Scan) -> None:
    (row,) = scan([PAIR]).rows
    assert row["exchange_id"] == "msg_1"
    assert row["account"] == "acct-heron"
    assert row["address"] == "2001:db8::7"
    assert row["system"] == "Be kind."
    assert row["completion"] == "In tall trees.", "thinking is not part of the answer"
    assert row["input_tokens"] == 125, "cached input was read too"
    assert (row["output_tokens"], row["reasoning_tokens"]) == (60, 45)
    assert row["max_tokens"] == 2048
    assert row["tools"] == ["look_up"]
    assert row["status"] == "ok"


def test_a_tool_result_is_no_word_of_the_user(scan: Scan) -> None:
    (row,) = scan([PAIR]).rows
    assert (row["prompt"], row["turn"]) == ("Where do herons nest?", 1)


def test_the_users_id_stands_in_for_the_account(scan: Scan) -> None:
    (row,) = scan([PAIR | {"account": ""}]).rows
    assert row["account"] == "end-user-5"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (
            {
                "stop_reason": "refusal",
                "stop_details": {"type": "refusal", "category": "reasoning_extraction"},
            },
            "refused",
        ),
        ({"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}, "limited"),
        ({"type": "error", "error": {"type": "authentication_error", "message": "key"}}, "denied"),
        ({"type": "error", "error": {"type": "permission_error", "message": "no"}}, "denied"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, "error"),
    ],
)
def test_status_tells_how_the_request_ended(
    scan: Scan, change: dict[str, Any], status: str
) -> None:
    (row,) = scan([PAIR | {"response": PAIR["response"] | change}]).rows
    assert row["status"] == status
