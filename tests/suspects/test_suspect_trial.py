"""A student of marked answers is told from others, and nobody else is accused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from marked_students import WORDS, Teacher, harvest, said_by, student

from stillwatch.marks import Coded, Contexts, GreenList, Gumbel, Scheme, Tournament
from stillwatch.marks.windows import Tokens, contexts, distinct, mix, windows
from stillwatch.range.students.school import Weights
from stillwatch.suspects.evidence import Evidence, moments
from stillwatch.suspects.listening import listen
from stillwatch.suspects.page import render
from stillwatch.suspects.reading import read
from stillwatch.suspects.tracing import trace
from stillwatch.suspects.trial import trial
from stillwatch.suspects.wrong_keys import null

SCHEMES: list[Scheme] = [GreenList(bias=3.0, width=1), Gumbel(1), Tournament(8, 1)]
schemes = pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)


def key(number: int) -> bytes:
    return number.to_bytes(16, "big")


def noise(seed: int, count: int = 200) -> list[Tokens]:
    return list(np.random.default_rng(seed).integers(0, WORDS, (count, 100)))


@schemes
def test_a_student_of_marked_answers_is_named(scheme: Scheme) -> None:
    marked = harvest(600, 1, scheme, key(1))
    suspect = student(marked, harvest(600, 2))
    served = Contexts.of(marked, scheme.width)
    heard = listen(said_by(suspect), scheme, served=served)
    keys = {"eu/guilty": key(1), "eu/innocent": key(2)}
    found = trial([heard], [keys], source=["answers"], served=True, wrong=200)
    assert found.verdict == "marked"
    assert found.named == ("eu/guilty",)
    seen = read(Weights(suspect), marked[:300], scheme)
    assert not seen.exact
    found = trial([seen], [keys], source=["weights"], served=True, wrong=200)
    assert (found.verdict, found.named) == ("marked", ("eu/guilty",))


@schemes
def test_a_student_of_unmarked_answers_is_not(scheme: Scheme) -> None:
    marked = harvest(100, 1, scheme, key(1))
    suspect = student(harvest(1200, 2))
    served = Contexts.of(marked, scheme.width)
    for evidence in (
        listen(said_by(suspect), scheme, served=served),
        read(Weights(suspect), marked, scheme),
    ):
        found = trial([evidence], [{"eu": key(1)}], source=[], served=True, wrong=200)
        assert found.verdict != "marked"
        assert found.named == ()
        assert found.parts[0].keys[0].corrected_p > 1e-3


def test_no_trace_is_not_innocence_and_little_text_says_nothing() -> None:
    much = listen(noise(1), GreenList())
    found = trial([much], [{"eu": key(1)}], source=[], served=False, wrong=100)
    assert found.verdict == "no trace"
    assert "does not mean that the suspect is innocent" in found.words[0]
    assert any("paraphrase" in line for line in found.limits)
    little = listen(noise(1, 5), GreenList())
    found = trial([little], [{"eu": key(1)}], source=[], served=False, wrong=100)
    assert found.verdict == "inconclusive"
    assert "too little" in found.words[0]


def test_where_wrong_keys_find_marks_nobody_is_accused() -> None:
    """Windows that come again, counted each time: the negative that stays shown."""
    text = noise(2, 3)
    again = Evidence(GreenList(), 0, np.concatenate([windows(one, 2) for one in text] * 60))
    assert not null(again, 500).holds
    found = trial(
        [again], [{str(n): key(n) for n in range(200)}], source=[], served=False, alpha=1e-3
    )
    assert min(row.corrected_p for row in found.parts[0].keys) < 1e-3
    assert found.verdict == "inconclusive"
    assert found.named == ()
    assert "cannot be trusted" in found.words[0]
    once = replace(again, windows=distinct(again.windows))
    assert null(once, 500).holds


@schemes
def test_a_bound_is_never_below_the_exact_p_value(scheme: Scheme) -> None:
    found = distinct(np.concatenate([windows(text, scheme.width) for text in noise(3)]))
    plain = Evidence(scheme, 0, found)
    weighed = Evidence(scheme, 0, found, np.ones(len(found)))
    for number in range(50):
        exact, bound = plain.score(key(number)), weighed.score(key(number))
        assert bound.statistic == pytest.approx(exact.statistic)
        assert bound.log_p >= exact.log_p - 1e-9
        assert bound.z == pytest.approx(exact.z, abs=0.01)


@schemes
def test_moments_are_those_of_points(scheme: Scheme) -> None:
    found = distinct(np.concatenate([windows(text, scheme.width) for text in noise(4, 800)]))
    points = scheme.points(key(5), found)
    mean, variance = moments(scheme)
    assert points.mean() == pytest.approx(mean, rel=0.02)
    assert points.var() == pytest.approx(variance, rel=0.05)


def test_what_a_suspect_repeats_from_its_question_does_not_count() -> None:
    scheme = GreenList(bias=3.0)
    marked = harvest(300, 1, scheme, key(1))
    parrot = [np.concatenate([text, text]) for text in marked]
    accused = listen(parrot, scheme)
    assert accused.score(key(1)).p < 1e-9
    heard = listen(parrot, scheme, asked=marked)
    assert heard.copied > 0.9 * len(accused.windows)
    assert heard.score(key(1)).p > 1e-3


def test_only_contexts_that_were_served_count() -> None:
    served = Contexts.of([np.array([1, 2, 3])], 2)
    heard = listen([np.array([1, 2, 9, 1, 2, 3]), np.array([2, 3, 4])], GreenList(), served=served)
    assert sorted(map(tuple, heard.windows[:, 1:].tolist())) == [(1, 2, 3), (1, 2, 9)]


def test_a_context_is_read_once_where_it_was_not_read_before() -> None:
    marked = harvest(50, 1)
    seen = read(Weights(Teacher()), marked, GreenList(width=1))
    first = {int(text[place]) for text in marked for place in range(len(text) - 1)}
    assert set(seen.windows[:, 2].tolist()) == first
    assert len(distinct(seen.windows)) == len(seen.windows)
    assert len(np.unique(mix(contexts(seen.windows)))) == len(first)


def test_the_guilty_are_traced_and_the_innocent_are_not() -> None:
    coded = Coded(GreenList(bias=3.0), b"b" * 16, positions=512)
    keys = {f"a{number}": key(number) for number in range(2_000)}
    guilty = ["a3", "a77", "a1999"]
    marked = harvest(900, 1, coded, *(keys[name] for name in guilty))
    suspect = student(marked, harvest(900, 2))
    heard = listen(said_by(suspect), coded.within, served=Contexts.of(marked, 2))
    found = trace(heard, coded, keys)
    assert sorted(found.named(1e-3)) == sorted(guilty)
    clean = listen(said_by(student(harvest(900, 2))), coded.within)
    assert trace(clean, coded, keys).named(0.05) == []


def test_a_codeword_scores_as_the_scheme_within() -> None:
    """An account's own score, and the sum of the tallies along its codeword, are the same."""
    coded = Coded(Tournament(8, 1), b"b" * 16, positions=64)
    heard = listen(noise(5), coded.within)
    for number in range(5):
        word = coded.codeword(key(number))
        tallies = coded.tallies(heard.windows)
        own = coded.points(key(number), heard.windows).sum()
        assert tallies[np.arange(64), word].sum() == pytest.approx(own)


def test_the_page_says_what_was_found_and_escapes_names() -> None:
    heard = listen(noise(1), GreenList())
    found = trial(
        [heard],
        [{"<b>eu</b>": key(1)}],
        source=["<script>"],
        served=False,
        revoked={"<b>eu</b>": datetime(2026, 1, 2, tzinfo=UTC)},
        wrong=100,
    )
    page = render(found)
    assert "<script>" not in page
    assert "<b>eu</b>" not in page
    assert "What this does not say" in page
    assert "2026" in page
