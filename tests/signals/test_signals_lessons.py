"""What decisions teach: bounded, in the right direction, in any order, and gone when forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.config import Settings
from stillwatch.errors import OutputError, UsageError
from stillwatch.signals import weights
from stillwatch.signals.lesson import Decision, Lesson
from stillwatch.signals.lessons import STRENGTH, changes, forgotten, learned, taught
from stillwatch.signals.model import AccountSignal
from stillwatch.signals.registry import signals
from stillwatch.signals.weights import Weights, bits

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PACKAGED = weights.packaged()
ACCOUNT = [s for s in signals() if isinstance(s, AccountSignal)]
MOVABLE = {name: row for name, row in PACKAGED.together.items() if any(row)}
SMALL = Weights.model_validate(
    {
        "made_by": "test",
        "together": {"first": [-1.0, 3.5], "second": [-0.5, 0.0, 3.0], "nothing": [0.0, 0.0]},
    }
)


def lesson(
    id: str,
    verdict: Decision,
    bins: Mapping[str, int] | None = None,
    shares: Mapping[str, list[float]] | None = None,
) -> Lesson:
    return Lesson(
        id=id,
        verdict=verdict,
        learned=NOW,
        accounts=7,
        bins=dict(bins or {}),
        shares=dict(shares or {}),
    )


def after(known: Weights, *lessons: Lesson) -> Weights:
    for one in lessons:
        known = learned(known, one)
    return taught(known, signals())


def group_bits(known: Weights, bins: Mapping[str, int]) -> float:
    """Total weight of a group, as a scan with the usual settings has it."""
    told = sum(known.together[name][index] for name, index in bins.items())
    return told + Settings().prior_bits


@st.composite
def fallen(draw: st.DrawFn) -> dict[str, int]:
    """Bins that a group falls into, of some of the packaged signals."""
    names = draw(st.sets(st.sampled_from(sorted(MOVABLE)), min_size=1))
    return {n: draw(st.integers(0, len(MOVABLE[n]) - 1)) for n in sorted(names)}


@st.composite
def shown(draw: st.DrawFn) -> dict[str, list[float]]:
    """Shares of bins of the same few account signals."""
    chosen = draw(st.lists(st.sampled_from(ACCOUNT[:2]), max_size=2, unique_by=id))
    found = {}
    for signal in chosen:
        bins = len(signal.scale.edges) + 1
        counts = draw(st.lists(st.integers(0, 9), min_size=bins, max_size=bins).filter(any))
        found[signal.about.name] = [count / sum(counts) for count in counts]
    return found


verdicts = st.sampled_from(["harvest", "innocent"])
taken = st.lists(st.tuples(verdicts, fallen(), shown()), min_size=1, max_size=4).map(
    lambda drawn: [lesson(f"c-{i}", v, bins, shares) for i, (v, bins, shares) in enumerate(drawn)]
)


@settings(deadline=None, max_examples=40)
@given(taken, st.data())
def test_what_is_forgotten_leaves_the_same_bits_to_the_last_digit(
    lessons: list[Lesson], data: st.DataObject
) -> None:
    gone = data.draw(st.sampled_from(lessons))
    all_of_them = PACKAGED
    for one in lessons:
        all_of_them = learned(all_of_them, one)
    without = after(PACKAGED, *(one for one in lessons if one is not gone))
    left = taught(forgotten(all_of_them, gone.id), signals())
    assert left.together == without.together
    assert left.accounts == without.accounts


@settings(deadline=None, max_examples=40)
@given(taken, st.data())
def test_the_order_of_lessons_does_not_matter(lessons: list[Lesson], data: st.DataObject) -> None:
    one, other = after(PACKAGED, *lessons), after(PACKAGED, *data.draw(st.permutations(lessons)))
    assert (one.together, one.accounts) == (other.together, other.accounts)


@settings(deadline=None)
@given(fallen(), verdicts)
def test_one_decision_moves_a_group_just_like_it_by_less_than_a_bit_and_a_half(
    bins: dict[str, int], verdict: Decision
) -> None:
    then = group_bits(after(PACKAGED, lesson("c-1", verdict, bins)), bins)
    shift = then - group_bits(PACKAGED, bins)
    assert abs(shift) < 1.5
    assert shift * (1 if verdict == "harvest" else -1) >= 0


def test_a_sure_report_that_was_wrong_moves_by_nearly_that_much() -> None:
    bins = {name: int(np.argmax(row)) for name, row in MOVABLE.items()}
    then = group_bits(after(PACKAGED, lesson("c-1", "innocent", bins)), bins)
    assert 1.3 < group_bits(PACKAGED, bins) - then < 1.5


@settings(deadline=None)
@given(st.integers(0, 1), st.integers(0, 2), verdicts)
def test_a_harvest_raises_and_an_innocent_group_lowers_a_group_just_like_it(
    first: int, second: int, verdict: Decision
) -> None:
    bins = {"first": first, "second": second}
    shift = group_bits(after(SMALL, lesson("c-1", verdict, bins)), bins) - group_bits(SMALL, bins)
    assert shift > 0 if verdict == "harvest" else shift < 0


@settings(deadline=None)
@given(st.lists(st.tuples(verdicts, st.integers(0, 1), st.integers(0, 2)), min_size=1, max_size=9))
def test_the_bits_are_where_the_lessons_pull_as_hard_as_the_prior(
    drawn: list[tuple[Decision, int, int]],
) -> None:
    lessons = [lesson(f"c-{i}", v, {"first": a, "second": b}) for i, (v, a, b) in enumerate(drawn)]
    then = after(SMALL, *lessons)
    for name in ("first", "second"):
        for index, (old, new) in enumerate(
            zip(SMALL.together[name], then.together[name], strict=True)
        ):
            pull = 0.0
            for one in lessons:
                if one.bins[name] == index:
                    probability = 1 / (1 + 2 ** -group_bits(then, one.bins))
                    pull += (one.verdict == "harvest") - probability
            assert STRENGTH * (new - old) * np.log(2) == pytest.approx(pull, abs=1e-5)


def test_what_was_expected_moves_less_than_what_was_not() -> None:
    bins = {"first": 1, "second": 2}
    usual = group_bits(SMALL, bins)
    confirmed = group_bits(after(SMALL, lesson("c-1", "harvest", bins)), bins) - usual
    cleared = group_bits(after(SMALL, lesson("c-1", "innocent", bins)), bins) - usual
    assert 0 < confirmed < -cleared


def test_bins_that_no_lesson_names_stay() -> None:
    then = after(SMALL, lesson("c-1", "innocent", {"second": 1}))
    assert then.together["first"] == SMALL.together["first"]
    assert then.together["second"][0::2] == SMALL.together["second"][0::2]
    assert then.together["second"][1] < 0


def test_what_weighs_nothing_and_what_was_not_fitted_learn_nothing() -> None:
    then = after(SMALL, lesson("c-1", "innocent", {"nothing": 1, "unheard": 0}))
    assert then.together == SMALL.together


def test_however_many_lessons_say_so_a_bin_keeps_its_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def expected(bits: float) -> None:
        prior = Settings.model_construct(prior_bits=bits)
        monkeypatch.setattr("stillwatch.signals.lessons.Settings", lambda: prior)

    stretched = SMALL.model_copy(update={"together": {"far": [-1.7, 5.8], "near": [-1.4, 4.9]}})
    many: list[Lesson] = []
    for i in range(300):
        many.append(lesson(f"h-{i}", "harvest", {"far": 1, "near": 1}))
        many.append(lesson(f"i-{i}", "innocent", {"far": 0, "near": 0}))
    known = stretched.model_copy(update={"lessons": tuple(many)})
    expected(-26.0)
    then = taught(known, ()).together
    assert then["far"][1] == pytest.approx(5.8), "beyond the bounds from the first, and no further"
    assert then["near"][1] == pytest.approx(weights.LARGEST_WEIGHT)
    expected(14.0)
    then = taught(known, ()).together
    assert then["far"][0] == pytest.approx(-1.7)
    assert then["near"][0] == pytest.approx(weights.SMALLEST_WEIGHT)


def test_the_bits_of_text_alone_learn_nothing() -> None:
    alone = weights.Alone(together={"first": [0.0, 2.0]}, belonging=weights.Belonging())
    known = SMALL.model_copy(update={"alone": alone})
    assert after(known, lesson("c-1", "innocent", {"first": 1})).alone == alone


def account_bits(known: Weights, signal: AccountSignal) -> list[float]:
    name, scale = signal.about.name, signal.scale
    found = bits(known.harvest(name, scale), known.innocent("accounts", name, scale))
    return [float(one) for one in found]


def only(signal: AccountSignal, index: int) -> dict[str, list[float]]:
    """All accounts in one bin."""
    bins = len(signal.scale.edges) + 1
    return {signal.about.name: [float(i == index) for i in range(bins)]}


@pytest.mark.parametrize("signal", ACCOUNT, ids=lambda s: s.about.name)
def test_one_cleared_group_takes_less_than_half_a_bit_from_any_bin(signal: AccountSignal) -> None:
    usual = account_bits(PACKAGED, signal)
    for index, before in enumerate(usual):
        then = after(PACKAGED, lesson("c-1", "innocent", shares=only(signal, index)))
        assert 0 < before - account_bits(then, signal)[index] < 0.5


@pytest.mark.parametrize("signal", ACCOUNT, ids=lambda s: s.about.name)
def test_a_confirmed_campaign_raises_the_bins_of_its_accounts(signal: AccountSignal) -> None:
    usual = account_bits(PACKAGED, signal)
    for index, before in enumerate(usual):
        then = after(PACKAGED, lesson("c-1", "harvest", shares=only(signal, index)))
        found = account_bits(then, signal)[index]
        assert found > before or found == weights.LARGEST_WEIGHT


def test_a_confirmed_campaign_counts_as_ten() -> None:
    signal = ACCOUNT[0]
    name = signal.about.name
    then = after(PACKAGED, lesson("c-1", "harvest", shares=only(signal, 1)))
    old, new = (np.array(known.accounts[name]["campaign"]) for known in (PACKAGED, then))
    assert (new - old).tolist() == pytest.approx([10.0 * (i == 1) for i in range(len(old))])
    assert "cleared" not in then.accounts[name]


def test_the_fitted_numbers_stay_as_they_are() -> None:
    before = PACKAGED.model_dump()
    known = learned(PACKAGED, lesson("c-1", "innocent", {"lockstep": 2}, only(ACCOUNT[0], 0)))
    taught(known, signals())
    assert PACKAGED.model_dump() == before
    assert (known.together, known.accounts) == (PACKAGED.together, PACKAGED.accounts)


def test_without_lessons_the_weights_are_those_of_the_file() -> None:
    assert taught(PACKAGED, signals()) == PACKAGED
    assert changes(PACKAGED, signals()) == []


def test_the_version_counts_what_was_learned_and_forgotten() -> None:
    once = learned(SMALL, lesson("c-1", "harvest"))
    assert [SMALL.version, once.version, forgotten(once, "c-1").version] == [0, 1, 2]
    assert once.given({"time", "head"}).version == 1


def test_the_same_verdict_again_replaces_what_was_learned() -> None:
    once = learned(SMALL, lesson("c-1", "innocent", {"first": 0}))
    again = learned(once, lesson("c-1", "innocent", {"first": 1}))
    assert [(one.id, one.bins) for one in again.lessons] == [("c-1", {"first": 1})]


def test_the_other_verdict_has_to_be_forgotten_first() -> None:
    once = learned(SMALL, lesson("c-1", "innocent"))
    with pytest.raises(UsageError, match=r"c-1 was learned as innocent on 2026-11-24.*forget"):
        learned(once, lesson("c-1", "harvest"))
    assert learned(forgotten(once, "c-1"), lesson("c-1", "harvest")).version == 3


def test_what_was_never_learned_cannot_be_forgotten() -> None:
    known = learned(SMALL, lesson("c-1", "harvest"))
    with pytest.raises(UsageError, match=r"c-2 was never learned; lessons there are: c-1"):
        forgotten(known, "c-2")
    with pytest.raises(UsageError, match="there are: none"):
        forgotten(SMALL, "c-2")


def test_the_bins_that_changed_most_come_first() -> None:
    share = only(ACCOUNT[0], 1)
    found = changes(learned(PACKAGED, lesson("c-1", "innocent", {"lockstep": 5}, share)), signals())
    sizes = [abs(c.after - c.before) for c in found]
    assert sizes == sorted(sizes, reverse=True)
    (moved,) = (c for c in found if c.signal == "lockstep")
    assert moved.before == PACKAGED.together["lockstep"][5] > moved.after
    assert moved.span.endswith(" or more")
    assert ACCOUNT[0].about.name in {c.signal for c in found}


def test_a_file_with_lessons_loads_back(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    known = learned(PACKAGED, lesson("c-1", "innocent", {"lockstep": 2}, only(ACCOUNT[0], 0)))
    weights.save(known, path)
    assert weights.load(path, signals()) == known
    assert [p.name for p in tmp_path.iterdir()] == ["mine.json"]


def test_a_link_to_a_weights_file_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "mine.json")
    weights.save(SMALL, tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert weights.load(tmp_path / "mine.json", ()) == SMALL


def test_where_weights_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"absent/mine\.json cannot be written: No such file"):
        weights.save(SMALL, tmp_path / "absent" / "mine.json")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"bins": {"lockstep": 6}}, r"lessons\.c-1\.bins\.lockstep: 6 is no bin"),
        ({"bins": {"lockstep": -1}}, r"lessons\.0\.bins\.lockstep"),
        ({"shares": {"pacing": [1.0]}}, r"lessons\.pacing\.c-1: 1 bins.*learn it again"),
        ({"shares": {"pacing": [-1.0]}}, r"lessons\.0\.shares\.pacing\.0"),
        ({"verdict": "guilty"}, r"lessons\.0\.verdict"),
        ({"learned": "2026-11-24T09:00:00"}, r"lessons\.0\.learned"),
    ],
)
def test_a_broken_lesson_is_told_by_place(
    tmp_path: Path, change: dict[str, object], told: str
) -> None:
    known = learned(PACKAGED, lesson("c-1", "innocent")).model_dump(mode="json", by_alias=True)
    known["lessons"][0].update(change)
    (tmp_path / "w.json").write_text(json.dumps(known), "utf-8")
    with pytest.raises(UsageError, match=told):
        weights.load(tmp_path / "w.json", signals())


def test_a_group_that_teaches_twice_is_refused(tmp_path: Path) -> None:
    known = learned(PACKAGED, lesson("c-1", "innocent")).model_dump(mode="json", by_alias=True)
    known["lessons"] *= 2
    (tmp_path / "w.json").write_text(json.dumps(known), "utf-8")
    with pytest.raises(UsageError, match=r"lessons\.1\.id: c-1 is there twice"):
        weights.load(tmp_path / "w.json", signals())
