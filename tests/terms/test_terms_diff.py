"""What a new version changes, in words that say whether it is tighter."""

from __future__ import annotations

from typing import Any

import pytest
from terms_texts import clause, given

from stillwatch.terms import Terms
from stillwatch.terms.diff import Change, diff


def change(**changes: Any) -> Change:
    old = Terms.model_validate(given())
    new = Terms.model_validate(given(clause(**changes), version="b"))
    (found,) = diff(old, new)
    return found


def evidence(**changes: Any) -> dict[str, Any]:
    return {"evidence": [{"verdict": "campaign", "account_bits": 3} | changes]}


ASK, SUSPEND = {"measure": "ask", "people": 1}, {"measure": "suspend", "people": 2}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (evidence(account_bits=2), "tighter: 2 bits of belonging, not 3"),
        (evidence(account_bits=4), "looser: 4 bits of belonging, not 3"),
        (evidence(account_bits=None), "tighter: no longer asks for 3 bits of belonging"),
        (evidence(exchanges=50), "looser: asks for 50 exchanges"),
        (evidence(verdict="lead"), "tighter: touches accounts in a lead or a campaign, 3 bits"),
        (evidence(signals={"pacing": 1}), "looser: asks for 1 bits of pacing"),
        ({"measures": [ASK]}, "looser: no longer allows suspend"),
        ({"measures": [ASK, SUSPEND, {"measure": "limit", "people": 1}]}, "now allows limit (1 pe"),
        ({"measures": [ASK, SUSPEND | {"people": 3}]}, "looser: suspend needs 3 people, not 2"),
        ({"models": ["aster-3"]}, "looser: for models aster-3, not all"),
        ({"text": "Answers may never be used to train another model."}, "“never”, not “not”"),
        ({"title": "No students"}, "is called “No students”"),
        ({"end": "2027-01-01"}, "ends 2027-01-01, not with its version"),
        (
            {"measures": [ASK, SUSPEND | {"evidence": [{"exchanges": 5}]}]},
            "looser: suspend is only for accounts 5 exchanges or more",
        ),
    ],
)
def test_each_change_is_told(changes: dict[str, Any], sentence: str) -> None:
    found = change(**changes)
    assert found.became == "changed"
    (told,) = found.sentences
    assert sentence in told


def test_what_is_the_same_is_told_as_the_same() -> None:
    assert (change().became, change().sentences) == ("same", ())


def test_a_second_way_to_be_touched_is_tighter() -> None:
    (told,) = change(evidence=[*clause()["evidence"], {"signals": {"pacing": 2}}]).sentences
    assert told == "tighter: touches accounts pacing at 2 bits or more"


def test_clauses_that_come_and_go_are_told() -> None:
    old = Terms.model_validate(given())
    new = Terms.model_validate(given(clause(id="other", models=["aster-3"]), version="b"))
    first, second = diff(old, new)
    assert (first.clause, first.became) == ("other", "new")
    assert "allows suspend (2 people)" in first.sentences
    assert (second.clause, second.became) == ("no-distillation", "gone")
