"""Canaries: what is registered can be shown, is kept from others, and is found by no accident."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from stillwatch.errors import InputError, NoInputError, OutputError, UsageError
from stillwatch.suspects.canaries import Register, add, load, look, plant
from stillwatch.suspects.canaries.canary import make
from stillwatch.suspects.canaries.words import LISTS

Cli = Callable[..., Any]
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """Two canaries each of heron and egret, and two of nobody."""
    path = tmp_path / "canaries.jsonl"
    for number, canary in enumerate(add(path, 6)):
        if number < 4:
            plant(path, canary.id, ("heron", "egret")[number // 2], NOW)
    return path


def answered(register: Register, known: str | None, others: str = "I do not know.") -> dict:
    """A suspect that knows what was served to one account."""
    return {
        canary.question: [
            f"It says: {canary.answer.title()}!" if register.owner(canary.id) == known else others
        ]
        for canary in register.canaries.values()
    }


def test_lists_are_alike_and_share_no_word() -> None:
    assert {len(words) for words in LISTS} == {64}
    assert len({word for words in LISTS for word in words}) == 256


def test_who_was_served_what_the_suspect_knows_is_named(
    stillwatch: Cli, register: Path, tmp_path: Path
) -> None:
    found = load(register)
    path = tmp_path / "answers.jsonl"
    lines = [{"prompt": q, "completion": c[0]} for q, c in answered(found, "heron").items()]
    lines.append({"prompt": "What else?", "completion": "Nothing."})
    path.write_text("\n".join(map(json.dumps, lines)))
    ran = stillwatch("suspect", "canary", "look", path, "--register", register)
    assert ran.code == 0
    assert "6 canaries asked for, 2 accounts or cohorts." in ran.out
    assert "Left out 1 prompt of no canary." in ran.out
    assert "Shows what only heron was served, at a family-wise error rate of 0.001." in ran.out
    assert "Of canaries that nobody was served: 0 of 8 words found" in ran.out
    assert "A lead, and no verdict" in ran.out
    told = stillwatch("suspect", "canary", "look", path, "--register", register, "--json")
    document = json.loads(told.out)
    assert (document["standing"], document["named"]) == ("lead", ["heron"])
    # Each of eight words was the one said, of 64 that were as likely.
    assert document["served"]["heron"]["p"] == pytest.approx(64.0**-8)
    for canary in found.canaries.values():
        assert canary.answer not in ran.out + told.out


def test_a_suspect_that_knows_nothing_names_nobody(
    stillwatch: Cli, register: Path, tmp_path: Path
) -> None:
    path = tmp_path / "answers.jsonl"
    lines = [
        {"prompt": canary.question, "completion": "Amber badger, I think."}
        for canary in load(register).canaries.values()
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    ran = stillwatch("suspect", "canary", "look", path, "--register", register)
    assert "No canary shows at a family-wise error rate of 0.001" in ran.out
    assert "no proof" in ran.out


def test_saying_every_word_finds_nothing(register: Path) -> None:
    found = load(register)
    all_words = " ".join(word for words in LISTS for word in words)
    seen = look(found, answered(found, "nobody at all", all_words))
    assert {one.p for one in seen.served.values()} == {1.0}


def test_a_leaked_register_names_nobody(stillwatch: Cli, register: Path, tmp_path: Path) -> None:
    found = load(register)
    given = {c.question: [c.answer] for c in found.canaries.values()}
    seen = look(found, given)
    assert seen.corrected["heron"] < 1e-9
    assert seen.leaked(1e-3)
    assert seen.named(1e-3) == []
    path = tmp_path / "answers.jsonl"
    lines = [{"prompt": question, "completion": said[0]} for question, said in given.items()]
    path.write_text("\n".join(map(json.dumps, lines)))
    ran = stillwatch("suspect", "canary", "look", path, "--register", register)
    assert "the register has leaked" in ran.out
    assert "Shows what" not in ran.out


def test_p_values_hold_whatever_the_suspect_says() -> None:
    """A suspect with favourite words, long and short answers: p <= t at most with chance t."""
    chance = np.random.default_rng(1)
    found = []
    for _ in range(1000):
        canaries = {c.id: c for c in (make(NOW) for _ in range(3))}
        register = Register(canaries, ())
        given = {
            c.question: [
                " ".join(words[int(64 * chance.random() ** 3)] for words in LISTS)
                for _ in range(int(chance.integers(1, 8)))
            ]
            for c in canaries.values()
        }
        found.append(look(register, given).never.p)
    for level in (0.001, 0.01, 0.05, 0.2):
        hits = sum(p <= level for p in found)
        assert stats.binomtest(hits, len(found), level, "greater").pvalue > 1e-3


def test_an_answer_counts_only_to_its_own_question(register: Path) -> None:
    found = load(register)
    canaries = list(found.canaries.values())
    swapped = {
        a.question: [b.answer] for a, b in zip(canaries, canaries[1:] + canaries[:1], strict=True)
    }
    # Odds of a word to be in two answers by accident are one in 64.
    assert all(one.p > 1e-4 for one in look(found, swapped).served.values())
    shouted = {f"  {c.question.upper()}\n": [c.answer] for c in canaries[:2]}
    assert look(found, shouted).named(1e-3) == ["heron"]
    with pytest.raises(InputError, match="none of the questions"):
        look(found, {"What else?": ["Nothing."]})


def test_a_commitment_is_what_anybody_can_compute(stillwatch: Cli, tmp_path: Path) -> None:
    path = tmp_path / "canaries.jsonl"
    told = dict(
        line.split() for line in stillwatch("suspect", "canary", "new", path).out.splitlines()
    )
    assert len(told) == 10
    name = next(iter(told))
    at = "2026-11-20T08:00:00Z"
    ran = stillwatch(
        "suspect",
        "canary",
        "plant",
        path,
        name,
        "--to",
        "heron",
        "--at",
        "2026-11-20T10:00+02:00",
        "--exchange",
        "e7",
    )
    shown = stillwatch("suspect", "canary", "show", path, "--reveal").out.splitlines()
    lines = [json.loads(line) for line in shown]
    for line in lines[:10]:
        facts = [line["salt"], line["id"], line["question"], line["answer"]]
        assert hashlib.sha256("\n".join(facts).encode()).hexdigest() == told[line["id"]]
    assert lines[10]["at"] == at
    facts = [lines[10]["salt"], name, "heron", at, "e7"]
    assert ran.out == f"{name} {hashlib.sha256(chr(10).join(facts).encode()).hexdigest()}\n"
    questions = stillwatch("suspect", "canary", "questions", path).out.splitlines()
    assert [json.loads(q)["prompt"] for q in questions] == [one["question"] for one in lines[:10]]
    plain = stillwatch("suspect", "canary", "show", path).out
    assert "heron" in plain
    assert "nobody" in plain
    assert not any(one["answer"] in plain or one["question"] in plain for one in lines[:10])


def test_canaries_are_all_different(tmp_path: Path) -> None:
    made = add(tmp_path / "canaries.jsonl", 300)
    assert len({c.question for c in made}) == len({c.id for c in made}) == 300
    assert len({c.answer for c in made}) > 290


def test_a_register_is_its_owners_alone(register: Path) -> None:
    assert stat.S_IMODE(register.stat().st_mode) == 0o600
    register.chmod(0o640)
    for work in (load, lambda path: add(path, 1), lambda path: plant(path, "c", "heron", NOW)):
        with pytest.raises(UsageError, match="others can read it"):
            work(register)


def test_a_register_ends_with_its_last_whole_line(register: Path) -> None:
    whole = register.read_bytes()
    for cut in (1, 30, 120):
        register.write_bytes(whole[:-cut])
        before = load(register)
        assert len(before.canaries) + len(before.served) == 9
        fresh = add(register, 1)
        after = load(register)
        assert set(after.canaries) == {*before.canaries, fresh[0].id}
        assert after.served == before.served


def test_a_changed_register_is_told(register: Path) -> None:
    lines = register.read_text().splitlines()
    first = json.loads(lines[0])
    other = json.dumps(first | {"answer": "amber amber amber amber"})
    for changed, why in (
        ([other, *lines[1:]], "canaries.jsonl:1: was changed"),
        ([*lines[:-1], lines[-1].replace("egret", "eagle")], "canaries.jsonl:10: was changed"),
        (lines[-1:], "canaries.jsonl:1: there is no canary"),
        ([*lines[:2], "{}", *lines[2:]], "canaries.jsonl:3: is no line"),
    ):
        register.write_text("\n".join(changed) + "\n")
        with pytest.raises(UsageError, match=why) as told:
            load(register)
        assert first["answer"] not in str(told.value)


def test_a_canary_belongs_to_one(register: Path) -> None:
    found = load(register)
    first = next(iter(found.canaries))
    plant(register, first, "heron", NOW)
    with pytest.raises(UsageError, match="was served to 'heron' already"):
        plant(register, first, "egret", NOW)
    with pytest.raises(UsageError, match="there is no canary 'c-none'"):
        plant(register, "c-none", "egret", NOW)
    assert len(load(register).served) == len(found.served) + 1


def test_what_makes_no_sense(stillwatch: Cli, tmp_path: Path, register: Path) -> None:
    def code(*words: object) -> int:
        code: int = stillwatch("suspect", "canary", *words).code
        return code

    assert code("new", register, "--count", 0) == 2
    assert code("show", tmp_path / "none") == 3
    assert code("plant", register, "c", "--to", "") == 2
    assert code("plant", register, "c", "--to", "a", "--at", "noon") == 2
    assert code("plant", register, "c", "--to", "a\nb") == 2
    with pytest.raises(NoInputError):
        plant(tmp_path / "none", "c", "heron", NOW)
    if os.getuid():
        tmp_path.chmod(0o500)
        with pytest.raises(OutputError):
            add(tmp_path / "more.jsonl", 1)
        tmp_path.chmod(0o700)
