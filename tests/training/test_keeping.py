"""Counts are kept: what the same code counted is not counted again."""

from __future__ import annotations

from pathlib import Path

import pytest

import keeping
from counting import Counted, Job
from keeping import _digest, _name, _put, all_counted

JOBS = [Job(10_001, "train"), Job(10_001, "train", alone=True), Job(24_000, "tune", quiet=True)]


def test_every_job_has_a_name_of_its_own() -> None:
    kinds = [
        Job(1, split, alone, quiet, unplaced)
        for split in ("train", "tune")
        for alone in (False, True)
        for quiet in (False, True)
        for unplaced in (False, True)
    ]
    assert len({_name(job) for job in kinds}) == len(kinds)


def test_what_is_there_is_taken_in_the_order_that_was_asked_for(tmp_path: Path) -> None:
    place = tmp_path / _digest()
    place.mkdir()
    for total, job in enumerate(JOBS):
        _put(place / f"{_name(job)}.pickle", Counted(total=total))
    assert [one.total for one in all_counted(JOBS[::-1], tmp_path)] == [2, 1, 0]
    assert not list(place.glob("*.fresh"))


def test_counts_of_other_code_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _digest()
    monkeypatch.setattr(keeping, "made_by", lambda: {"version": "1", "digest": "0"})
    assert _digest() != before
