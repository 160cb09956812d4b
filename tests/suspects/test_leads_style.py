"""Style: a teacher is named only where it is nearer than all others, and nobody by default."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from stillwatch.errors import InputError
from stillwatch.suspects.style import attribute
from stillwatch.suspects.style.attribution import ranks
from stillwatch.suspects.style.delta import likeness
from stillwatch.suspects.style.profile import profile

Cli = Callable[..., Any]
Answers = dict[str, list[str]]
PROMPTS = [f"prompt {n}" for n in range(12)]
WORDS = [f"w{n}" for n in range(60)]


def hand(seed: int) -> np.ndarray:
    """How often a source uses each word."""
    return np.random.default_rng(seed).dirichlet(np.full(len(WORDS), 2.0))


def answers(odds: np.ndarray, chance: np.random.Generator) -> Answers:
    """Answers in a hand; each prompt has a word of its own, too."""
    return {
        prompt: [" ".join([*chance.choice(WORDS, 80, p=odds), *[prompt.replace(" ", "")] * 20])]
        for prompt in PROMPTS
    }


def crowd(count: int, seed: int) -> dict[str, Answers]:
    chance = np.random.default_rng(seed)
    return {f"other {n}": answers(hand(seed * 1000 + n), chance) for n in range(count)}


def test_a_student_names_its_teacher_and_a_stranger_nobody() -> None:
    chance = np.random.default_rng(1)
    teacher = hand(7)
    # What it learned, and a hand of its own.
    student = answers(0.7 * teacher + 0.3 * hand(8), chance)
    teachers = {"ours": answers(teacher, chance), "heron": answers(hand(9), chance)}
    background = crowd(198, 2)
    assert attribute(student, teachers, background).named == ["ours"]
    stranger = attribute(answers(hand(10), chance), teachers, background)
    assert stranger.named == []
    assert stranger.smallest == 2 / 200


def test_a_teacher_that_was_never_seen_comes_out_as_none_of_these() -> None:
    """The nearest of a closed set is always somebody: here it is nobody, as often as stated."""
    chance = np.random.default_rng(3)
    profiles = [profile(one, PROMPTS) for one in crowd(40, 4).values()]
    accused = trials = 0
    for n in range(150):
        unseen = hand(50_000 + n)
        suspect = profile(answers(0.7 * unseen + 0.3 * hand(60_000 + n), chance), PROMPTS)
        order = chance.permutation(40)[:20]
        alike = likeness([*(profiles[i] for i in order), suspect])
        accused += max(ranks(alike, 0)) == 0
        trials += 1
    # One in twenty may be the nearest by chance.
    assert stats.binomtest(accused, trials, 1 / 20, "greater").pvalue > 0.01


def test_likeness_does_not_depend_on_the_order_of_sources() -> None:
    profiles = [profile(one, PROMPTS) for one in crowd(6, 5).values()]
    order = np.random.default_rng(0).permutation(6)
    found = likeness([profiles[i] for i in order])
    assert np.allclose(found, likeness(profiles)[np.ix_(order, order)], atol=1e-6)
    assert np.allclose(np.diag(found), 1)


def test_what_does_not_come_again_on_other_prompts_is_no_habit() -> None:
    # Two sources share the words of single prompts, and no habits.
    chance = np.random.default_rng(6)
    sources = list(crowd(20, 7).values())
    for prompt in PROMPTS:
        topic = "".join(chance.choice(list("abcdefghijklmnopqrstuvxyz"), 40))
        for one in sources[:2]:
            one[prompt] = [f"{one[prompt][0]} {topic}"]
    student = answers(hand(7000), chance)
    alike = likeness([profile(one, PROMPTS) for one in [*sources, student]])
    # The one whose habits a source has is nearest to it, and not the one whose topics it has.
    assert alike[0, 1:].argmax() == len(alike) - 2


def test_with_few_sources_nothing_is_said(stillwatch: Cli, tmp_path: Path) -> None:
    chance = np.random.default_rng(8)
    (tmp_path / "others").mkdir()
    for name, given in crowd(20, 9).items():
        written(tmp_path / "others" / f"{name}.jsonl", given)
    ours = written(tmp_path / "ours.jsonl", answers(hand(1), chance))
    suspect = written(tmp_path / "suspect.jsonl", answers(hand(1), chance))
    base = ("suspect", "style", suspect, "--background", tmp_path / "others")
    ran = stillwatch(*base, "--teacher", f"ours={ours}")
    assert ran.code == 0
    assert "12 prompts that all were asked, 20 other sources" in ran.out
    assert "Nothing can be said at 0.01: with so many sources no p-value is below 0.048." in ran.out
    assert "99 are needed beside the teachers." in ran.out
    assert "A lead, and no verdict" in ran.out
    ran = stillwatch(*base, "--teacher", f"ours={ours}", "--alpha", 0.05)
    assert "Writes the hand of ours" in ran.out
    assert "sibling" in ran.out
    document = json.loads(
        stillwatch(*base, "--teacher", f"ours={ours}", "--alpha", 0.05, "--json").out
    )
    assert (document["standing"], document["named"]) == ("lead", ["ours"])
    other = written(tmp_path / "heron.jsonl", answers(hand(2), chance))
    ran = stillwatch(*base, "--teacher", f"heron={other}", "--alpha", 0.05)
    assert "None of these. That is no proof" in ran.out
    (tmp_path / "others" / "copy.jsonl").write_bytes(ours.read_bytes())
    ran = stillwatch(*base, "--teacher", f"ours={ours}")
    assert (ran.code, "has the answers of ours in it" in ran.err) == (2, True)


def test_different_prompts_are_not_compared() -> None:
    """Each teacher on topics of its own would be told apart by its topics."""
    chance = np.random.default_rng(11)
    suspect = answers(hand(1), chance)
    elsewhere = {f"{prompt}, again": given for prompt, given in suspect.items()}
    with pytest.raises(InputError, match=r"0 prompts were asked of all .* heron has 0 in common"):
        attribute(suspect, {"heron": elsewhere}, crowd(5, 12))


def test_answers_in_any_script_have_a_profile() -> None:
    strange = {"a": ["", "…", "日本語のテキスト", "\ud800"], "b": ["e\u0301\n\n\n"]}
    assert np.isfinite(profile(strange, ["a", "b"])).all()
    assert np.isfinite(likeness([profile(strange, ["a", "b"])] * 3)).all()


def test_what_makes_no_sense(stillwatch: Cli, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", answers(hand(1), np.random.default_rng(0)))
    for teachers, why in (
        (("ours",), "write NAME=PATH"),
        ((f"={path}",), "write NAME=PATH"),
        ((f"a={path}", f"a={path}"), "is given twice"),
    ):
        named = [word for one in teachers for word in ("--teacher", one)]
        ran = stillwatch("suspect", "style", path, *named, "--background", path)
        assert (ran.code, why in ran.err) == (2, True), ran.err


def written(path: Path, given: Answers) -> Path:
    lines = [json.dumps({"prompt": p, "completion": c}) for p, all_ in given.items() for c in all_]
    path.write_text("\n".join(lines))
    return path
