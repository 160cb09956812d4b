"""Whether an endpoint answers as our model does: what the test says, and how often it is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stillwatch.errors import InputError
from stillwatch.suspects.equality import compare
from stillwatch.suspects.equality.hamming import LENGTH, kernel
from stillwatch.suspects.equality.mmd import p_value, statistic

Cli = Callable[..., Any]
Answers = dict[str, list[str]]
CERTAIN = np.array([0.6, 0.2, 0.1, 0.1])
LOOSE = np.array([0.25, 0.25, 0.25, 0.25])


def answers(
    odds: np.ndarray, chance: np.random.Generator, prompts: int = 10, count: int = 10
) -> Answers:
    """A model that draws each of thirty characters by itself, another one a prompt."""
    return {
        f"prompt {n}": [
            "".join(chr(97 + n + int(c)) for c in chance.choice(4, 30, p=odds))
            for _ in range(count)
        ]
        for n in range(prompts)
    }


def written(path: Path, given: Answers) -> Path:
    lines = [json.dumps({"prompt": p, "completion": c}) for p, all_ in given.items() for c in all_]
    path.write_text("\n".join(lines))
    return path


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_the_kernel_counts_places_that_agree(texts: list[str]) -> None:
    found = kernel(texts)
    for row, a in enumerate(texts):
        for column, b in enumerate(texts):
            wanted = sum(x == y for x, y in zip(a, b, strict=False)) if row != column else 0
            assert found[row, column] == wanted


def test_what_comes_after_a_thousand_characters_does_not_count() -> None:
    same = "x" * LENGTH
    assert kernel([same + "a", same + "a"])[0, 1] == LENGTH


def test_the_order_of_answers_and_prompts_changes_nothing() -> None:
    chance = np.random.default_rng(3)
    ours, theirs = answers(CERTAIN, chance), answers(LOOSE, chance)
    turned = {prompt: theirs[prompt][::-1] for prompt in reversed(theirs)}
    one, other = compare(ours, theirs), compare(dict(reversed(ours.items())), turned)
    assert (one.within, one.between, one.prompts) == (other.within, other.between, other.prompts)
    assert one == compare(ours, theirs)


def test_p_values_of_equal_models_are_uniform() -> None:
    chance = np.random.default_rng(1)
    found = []
    for _ in range(300):
        pairs = [answers(CERTAIN, chance, 4, 6), answers(CERTAIN, chance, 4, 4)]
        kernels = [kernel([*pairs[0][p], *pairs[1][p]]) for p in pairs[0]]
        found.append(p_value(kernels, [6] * 4, 199, chance))
    assert stats.kstest(found, "uniform").pvalue > 0.01
    assert stats.binomtest(sum(p <= 0.05 for p in found), 300, 0.05).pvalue > 0.001


def test_drawn_permutations_come_to_what_all_of_them_say() -> None:
    chance = np.random.default_rng(7)
    for _ in range(5):
        k = kernel(["".join(chance.choice(list("ab"), 9)) for _ in range(7)])
        seen, others = statistic([k], [3]), []
        for ours in combinations(range(7), 3):
            order = [*ours, *(i for i in range(7) if i not in ours)]
            others.append(statistic([k[np.ix_(order, order)]], [3]))
        exact = np.mean(np.array(others) >= seen - 1e-9)
        assert p_value([k], [3], 20_000, chance) == pytest.approx(exact, abs=0.02)


def test_another_model_is_told_from_ours(stillwatch: Cli, tmp_path: Path) -> None:
    chance = np.random.default_rng(2)
    ours = written(tmp_path / "ours.jsonl", answers(CERTAIN, chance))
    theirs = written(tmp_path / "theirs.jsonl", answers(LOOSE, chance))
    ran = stillwatch("suspect", "same", ours, theirs)
    assert ran.code == 0
    assert "10 prompts, 100 answers of ours and 100 of the endpoint." in ran.out
    assert "p = 0.0001" in ran.out
    assert "does not answer as our model does, at a false alarm rate of 0.05" in ran.out
    assert "A lead, and no verdict" in ran.out
    document = json.loads(stillwatch("suspect", "same", ours, theirs, "--json").out)
    assert (document["standing"], document["differs"], document["p"]) == ("lead", True, 1e-4)


def test_no_difference_is_no_proof(stillwatch: Cli, tmp_path: Path) -> None:
    chance = np.random.default_rng(4)
    ours = written(tmp_path / "ours.jsonl", answers(CERTAIN, chance, 20))
    theirs = answers(CERTAIN, chance, 21)
    ran = stillwatch("suspect", "same", ours, written(tmp_path / "theirs.jsonl", theirs))
    assert "Left out 1 prompt that either side answered fewer than twice." in ran.out
    assert "No difference found." in ran.out
    assert "would be noticed in 4 of 5 cases" in ran.out
    assert "That is no proof that it is ours." in ran.out
    assert "A lead, and no verdict" in ran.out


def test_where_nothing_could_be_noticed_it_says_so(stillwatch: Cli, tmp_path: Path) -> None:
    # All prompts are answered alike, so that answers to others are no difference.
    chance = np.random.default_rng(5)
    alike = {f"prompt {n}": answers(LOOSE, chance, 1)["prompt 0"] for n in range(6)}
    other = {f"prompt {n}": answers(LOOSE, chance, 1)["prompt 0"] for n in range(6)}
    paths = written(tmp_path / "a.jsonl", alike), written(tmp_path / "b.jsonl", other)
    assert "Too little to tell" in stillwatch("suspect", "same", *paths).out


def test_too_few_answers_are_not_compared(stillwatch: Cli, tmp_path: Path) -> None:
    chance = np.random.default_rng(6)
    with pytest.raises(InputError, match=r"4 prompts .* 40 and 40 completions"):
        compare(answers(LOOSE, chance, 4), answers(LOOSE, chance, 4))
    once = written(tmp_path / "once.jsonl", answers(LOOSE, chance, 60, 1))
    ran = stillwatch("suspect", "same", once, once)
    assert (ran.code, "0 prompts that both answered twice or more" in ran.err) == (5, True)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("x", "a.jsonl:2: not JSON"),
        ('{"completion": "b"}', "a.jsonl:2: prompt is no text"),
        ('{"prompt": "a", "completion": 3}', "a.jsonl:2: completion is no text"),
        ("[1]", "a.jsonl:2: prompt is no text"),
    ],
)
def test_a_line_that_is_no_answer_is_told(
    stillwatch: Cli, tmp_path: Path, line: str, why: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"prompt": "a", "completion": "b"}}\n{line}\n{{}}\n')
    ran = stillwatch("suspect", "same", path, path)
    assert (ran.code, why in ran.err) == (4, True), ran.err


def test_what_makes_no_sense(stillwatch: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    empty = tmp_path / "empty.jsonl"
    assert stillwatch("suspect", "same", empty, empty).code == 3
    assert stillwatch("suspect", "same", tmp_path / "none", empty).code == 3
    few = written(tmp_path / "few.jsonl", answers(LOOSE, np.random.default_rng(0)))
    ran = stillwatch("suspect", "same", few, few, "--alpha", 1e-5)
    assert (ran.code, "no p-value is below 0.0001" in ran.err) == (2, True)
    ran = stillwatch("suspect", "same", few, few)
    assert (ran.code, "compared with itself" in ran.err) == (2, True)
    ran = stillwatch("suspect", "same", empty, empty, "--alpha", 1)
    assert (ran.code, "between 0 and 1" in ran.err) == (2, True)
