"""Detections: which exchanges a selection matches, as Sigma has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import ibis.expr.types as ir
import pytest

from stillwatch.rules import detection
from stillwatch.written.problems import PartError

Rows = Sequence[dict[str, Any]]
ROWS: Rows = [
    {"user_agent": "Harbor-SDK/2.1", "output_tokens": 10, "max_tokens": 10, "head": -2},
    {"user_agent": "harbor cli", "output_tokens": 5, "max_tokens": 10, "head": 255},
    {"user_agent": "a*b", "temperature": 0.5, "tools": ["Search", "edit_file"], "status": "ok"},
    {"tools": [], "country": "NO", "status": "denied"},
]


def matched(selection: Any, table: ir.Table, condition: str = "s") -> list[int]:
    """Numbers of the rows that match."""
    given = {"s": selection, "condition": condition}
    found = detection.read(given).matches(table)
    rows = table.select("exchange_key", found=found).to_pyarrow().to_pylist()
    assert all(row["found"] is not None for row in rows), "neither true nor false"
    return sorted(row["exchange_key"] for row in rows if row["found"])


@pytest.mark.parametrize(
    ("selection", "rows"),
    [
        ({"user_agent": "HARBOR CLI"}, [1]),
        ({"user_agent|cased": "HARBOR CLI"}, []),
        ({"user_agent": ["harbor cli", "a\\*b"]}, [1, 2]),
        ({"user_agent": "a*"}, [2]),
        ({"user_agent": "harbor?sdk*"}, [0]),
        ({"user_agent|startswith": "harbor"}, [0, 1]),
        ({"user_agent|endswith": "cli"}, [1]),
        ({"user_agent|contains": ["sdk", "cli"]}, [0, 1]),
        ({"user_agent|contains|all": ["harbor", "sdk"]}, [0]),
        ({"user_agent|contains": "*"}, [0, 1, 2]),
        ({"user_agent|contains": "\\*"}, [2]),
        ({"user_agent|contains": "."}, [0]),
        ({"user_agent": None}, [3]),
        ({"user_agent|exists": True}, [0, 1, 2]),
        ({"user_agent|exists": False}, [3]),
        ({"user_agent|neq": "harbor cli"}, [0, 2, 3]),
        ({"user_agent|neq": None}, [0, 1, 2]),
        ({"output_tokens": [5, 7]}, [1]),
        ({"output_tokens|gt": 5}, [0]),
        ({"output_tokens|gte": 5, "output_tokens|lt": 10}, [1]),
        ({"output_tokens|lte": 4.5}, []),
        ({"output_tokens|gte|fieldref": "max_tokens"}, [0]),
        ({"output_tokens|fieldref": "max_tokens"}, [0]),
        ({"temperature": 0.5}, [2]),
        ({"head": "fffffffffffffffe"}, [0]),
        ({"head": ["00000000000000FF", "0000000000000001"]}, [1]),
        ({"tools": "search"}, [2]),
        ({"tools|endswith": "file"}, [2]),
        ({"tools|contains": "h\nedit"}, [2]),
        ({"tools": "sear*file"}, []),
        ({"tools|all": ["search", "edit_*"]}, [2]),
        ({"country": "no"}, [3]),
        ({"time|gte": "2026-03-01T09:02:00Z"}, [2, 3]),
        ({"time|lt": datetime(2026, 3, 1, 9, 1, tzinfo=UTC)}, [0]),
        ([{"status": "ok"}, {"output_tokens": 5, "max_tokens": 10}], [1, 2]),
        ({"user_agent": [f"agent {i}" for i in range(3000)] + ["harbor cli"]}, [1]),
        ([{"user_agent": f"agent {i}"} for i in range(1000)] + [{"status": "denied"}], [3]),
    ],
)
def test_a_selection_matches_as_in_sigma(
    selection: Any, rows: list[int], exchanges: Callable[[Rows], ir.Table]
) -> None:
    assert matched(selection, exchanges(ROWS)) == rows


def test_what_lacks_the_column_passes_a_negation(exchanges: Callable[[Rows], ir.Table]) -> None:
    assert matched({"output_tokens|gt": 5}, exchanges(ROWS), "not s") == [1, 2, 3]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ({"usr_agent": "x"}, "no column 'usr_agent'; did you mean 'user_agent'"),
        ({"prompt|contains": "x"}, "'prompt' is not kept"),
        ({"user_agent|contians": "x"}, "no modifier 'contians'; did you mean 'contains'"),
        ({"user_agent|re": "x"}, "'re' is a modifier of Sigma that rules do not have"),
        ({"user_agent|contains|startswith": "x"}, "do not go together"),
        ({"user_agent|gt": "x"}, "gt compares numbers and times"),
        ({"output_tokens|gt": [1, 2]}, "takes one value"),
        ({"output_tokens|contains": 1}, "contains is for text"),
        ({"output_tokens": "many"}, "is a number, and 'many' is none"),
        ({"output_tokens": True}, "is a number, and 'true' is none"),
        ({"output_tokens": float("nan")}, "out of range"),
        ({"output_tokens": 10**40}, "out of range"),
        ({"country": False}, "YAML reads 'false' as none; quote it"),
        ({"plan": 5}, "quote it"),
        ({"head": 1234567812345678}, "16 hexadecimal digits in quotes"),
        ({"head": "12"}, "16 hexadecimal digits"),
        ({"status": "denyed"}, "status is never 'denyed'; did you mean 'denied'"),
        ({"intent": "jokes"}, "intent is never 'jokes'"),
        ({"time": "2026-03-01T09:00:00Z"}, r"compare it: time\|gte"),
        ({"time|gte": "2026-03-01"}, "has no time zone|is none"),
        ({"time|gte": "soon"}, "is a time, and 'soon' is none"),
        ({"user_agent": []}, "empty list"),
        ({"user_agent": ["a", None]}, "null stands alone"),
        ({"user_agent|contains": ""}, "empty text"),
        ({"user_agent|contains": None}, "null goes with no modifier"),
        ({"user_agent|exists": "yes"}, "true or false"),
        ({"user_agent|exists|contains": "yes"}, "exists stands alone"),
        ({"user_agent|contains|all": ["x"]}, "at least two values"),
        ({"plan|all": ["x", "y"]}, "equals several values at once"),
        ({"output_tokens|fieldref": "plan"}, "output_tokens holds a number, and plan a text"),
        ({"output_tokens|fieldref": 3}, "name of a column"),
        ({"plan|contains|fieldref": "model"}, "fieldref compares two columns"),
        ({"output_tokens": {"a": 1}}, "a map"),
        ("word", "keywords are not searched for"),
        (["word"], "keywords are not searched for"),
        ({}, "must be a map"),
        ([], "is empty"),
        (None, "must be a map"),
    ],
)
def test_what_does_not_fit_is_told(lines: Any, told: str) -> None:
    with pytest.raises(PartError, match=told):
        detection.read({"s": lines, "condition": "s"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("x", "must be a map"),
        ({}, "has no selection"),
        ({"condition": "x"}, "has no selection"),
        ({"s": {"status": "ok"}}, "has no condition; add `condition: s`"),
        ({"s": {"status": "ok"}, "conditon": {"status": "ok"}}, "is 'conditon' meant to be it"),
        ({"s": {"status": "ok"}, "condition": ["s"]}, "must be text"),
        ({"s": {"status": "ok"}, "condition": "t"}, "no selection 't'"),
        ({"s": {"status": "ok"}, "t": {"status": "ok"}, "condition": "s"}, "is not used"),
        ({"not": {"status": "ok"}, "condition": "not"}, "no name for a selection"),
        ({"a-b": {"status": "ok"}, "condition": "a-b"}, "no name for a selection"),
    ],
)
def test_what_makes_no_detection_is_told(given: Any, told: str) -> None:
    with pytest.raises(PartError, match=told):
        detection.read(given)


def test_every_problem_is_told_with_its_place() -> None:
    given = {"s": [{"plan": 5}, {"hed": "x", "turn": "y"}], "condition": "s"}
    with pytest.raises(PartError) as error:
        detection.read(given)
    places = [problem.place for problem in error.value.problems]
    assert places == [("s", 0, "plan"), ("s", 1, "hed"), ("s", 1, "turn")]
