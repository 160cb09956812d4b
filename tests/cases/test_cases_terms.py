"""What the terms do not allow is not decided, and they say how many people it needs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from case_scene import NOW

from stillwatch.cases import Cases
from stillwatch.errors import UsageError
from stillwatch.terms import Versions, load

TERMS = """\
title: Terms of use
version: 2026-10
from: {start:%Y-%m-%d}
clauses:
  - id: no-distillation
    title: No training of other models
    text: Answers may not be used to train another model.
    evidence: [{{verdict: campaign}}]
    measures:
      - {{measure: ask, people: 1}}
      - {{measure: limit, people: 2}}
      - {{measure: terminate, people: 3}}
"""


@pytest.fixture
def terms(tmp_path: Path) -> Versions:
    path = tmp_path / "terms.yml"
    path.write_text(TERMS.format(start=NOW - timedelta(days=30)), "utf-8")
    return load([path])


def test_the_terms_say_whether_a_second_person_is_needed(
    opened: Cases, propose: Any, terms: Versions
) -> None:
    under = {"clause": "no-distillation", "terms": terms}
    assert propose("ask", **under).status(NOW) == "in force"
    assert propose("limit", **under).status(NOW) == "proposed"
    # Without terms a limit is one person's to decide.
    assert propose("limit").status(NOW) == "in force"
    assert len(opened.case(1).decisions) == 3


@pytest.mark.parametrize(
    ("measure", "clause", "told"),
    [
        ("suspend", "no-distillation", "does not allow it; it allows ask, limit, terminate"),
        ("ask", "no-distilation", "did you mean 'no-distillation'?"),
        ("terminate", "no-distillation", "wants 3 people"),
    ],
)
def test_what_they_do_not_allow_is_refused(
    opened: Cases, propose: Any, terms: Versions, measure: str, clause: str, told: str
) -> None:
    with pytest.raises(UsageError) as raised:
        propose(measure, clause=clause, terms=terms)
    assert told in str(raised.value)
    assert opened.case(1).decisions == ()


def test_a_clause_that_has_not_begun_is_not_in_force(propose: Any, tmp_path: Path) -> None:
    path = tmp_path / "terms.yml"
    path.write_text(TERMS.format(start=NOW + timedelta(days=30)), "utf-8")
    with pytest.raises(UsageError, match=r"is no clause in force on .*; there is none"):
        propose("ask", clause="no-distillation", terms=load([path]))
