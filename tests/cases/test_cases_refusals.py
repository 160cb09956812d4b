"""What is half a decision, or one person's, is refused, and changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from case_scene import NOW

from stillwatch.cases import Cases
from stillwatch.errors import UsageError


@pytest.fixture
def place(empty_file: Path, tmp_path: Path) -> str:
    """What is refused is refused before a store is asked."""
    return str(shutil.copy(empty_file, tmp_path / "cases.db"))


@pytest.mark.parametrize("name", ["R. Heron", "r. heron", " R.  HERON ", "Ｒ. Heron"])
def test_nobody_is_the_second_person_to_oneself(opened: Cases, propose: Any, name: str) -> None:
    made = propose("suspend")
    with pytest.raises(UsageError, match="needs somebody else"):
        opened.approve(made.id, by=name)
    assert opened.effective() == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"measure": "limits"}, "no measure 'limits'; did you mean 'limit'"),
        ({"until": NOW}, "lies in the past"),
        ({"letters": "az"}, "acct-z: not among the 3 accounts that case 1 has now"),
        ({"letters": ""}, "none: not among"),
        ({"reason": " "}, "--reason: 1 to 20,000 characters"),
        ({"clause": ""}, "--clause"),
        ({"clause": "c" * 201}, "--clause: is the id of one"),
        ({"way_back": ""}, "--way-back"),
        ({"grounds": ""}, "--grounds"),
        ({"by": "\n"}, "--by: a name of 1 to 200"),
        ({"reason": "As (acct-b) did."}, "names the account acct-b"),
        ({"way_back": "Ask acct-c."}, "names the account acct-c"),
    ],
)
def test_half_a_decision_is_none(
    opened: Cases, propose: Any, changes: dict[str, Any], says: str
) -> None:
    before = opened.case(1)
    with pytest.raises(UsageError) as told:
        propose(**changes)
    assert says in str(told.value)
    assert opened.case(1) == before
