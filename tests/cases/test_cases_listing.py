"""Cases are found by what they are, who has them, and what was said."""

from __future__ import annotations

from typing import Any

import pytest
from made_scans import Scans, group

from stillwatch.cases import Asked, Cases
from stillwatch.errors import UsageError


@pytest.fixture
def many(cases: Cases, scans: Scans) -> Cases:
    """Seven cases."""
    letters = [f"{x}{y}{z}" for x, y, z in zip("abcdefg", "hijklmn", "opqrstu", strict=True)]
    cases.open(
        scans.scan(
            *(group(one, asks="rubric" if n % 2 else "preference") for n, one in enumerate(letters))
        )
    )
    cases.assign(2, "R. Heron", by="M. Egret")
    cases.note(4, "The payment provider's trail: naïve GmbH & Co.", by="R. Heron")
    cases.note(5, "No trail.", by="R. Heron")
    return cases


def numbers(cases: Cases, **asked: Any) -> list[int]:
    return [row.number for row in cases.page(Asked(**asked))]


ASKED: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [7, 6, 5, 4, 3, 2, 1]),
    ({"state": "investigating"}, [2]),
    ({"assignee": "R. Heron"}, [2]),
    ({"account": "acct-c"}, [3]),
    ({"account": "acct"}, []),
    ({"campaign": group("aho").id}, [1]),
    ({"tactic": "rubric"}, [6, 4, 2]),
    ({"tactic": "lockstep", "before": 3}, [2, 1]),
    ({"tactic": "even_pacing"}, []),
    ({"tactic": "rubric", "state": "open"}, [6, 4]),
    ({"text": "trail"}, [5, 4]),
    ({"text": "PROVIDER trail"}, [4]),
    ({"text": "naïve"}, [4]),
    ({"text": "trail", "tactic": "rubric", "account": "acct-d"}, [4]),
    ({"text": "tra"}, []),
]


def test_all_that_is_asked_must_be_true(many: Cases) -> None:
    assert [(asked, numbers(many, **asked)) for asked, _ in ASKED] == ASKED


def test_pages_follow_each_other_without_a_gap_while_cases_change(
    many: Cases, scans: Scans
) -> None:
    seen: list[int] = []
    before = None
    while rows := many.page(Asked(before=before), limit=3):
        seen += [row.number for row in rows]
        before = seen[-1]
        many.note(before, "Seen.", by="R. Heron")
        many.open(scans.scan(group(f"{scans.day}xyz"), follows=False))
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_a_search_without_a_word_is_told(many: Cases) -> None:
    with pytest.raises(UsageError, match="has no word in it"):
        many.page(Asked(text="--"))
