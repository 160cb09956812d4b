"""Which further fact would decide most, and how much. The numbers were worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.campaigns.document import Further
from stillwatch.campaigns.further import further, information, questions, uncertainty
from stillwatch.campaigns.posterior import Crowd, judge
from stillwatch.config import Settings
from stillwatch.signals.model import About, GroupSignal, Scale
from stillwatch.signals.registry import signals
from stillwatch.signals.weights import Weights, packaged

COLUMNS = frozenset({"time"})
SETTINGS = Settings(prior_bits=-4.0, fdr=0.05, lead_probability=0.1)


def signal(name: str, needs: tuple[str, ...] = ("time",)) -> GroupSignal:
    return GroupSignal(
        about=About(
            name=name, title=f"Title of {name}", group="text", needs=needs, innocent="None.",
            source="A test.",
        ),
        scale=Scale(edges=(1.0,), harvest=(0.5, 0.5), ordinary=(0.5, 0.5), reading="{value}"),
        measure=lambda tables: tables.members,
    )  # fmt: skip


def weights(**together: list[float]) -> Weights:
    """Every innocent family shows both bins alike."""
    return Weights.model_validate({"made_by": "test", "together": together})


def ask(
    known: Weights, *asked: GroupSignal, settings: Settings = SETTINGS, **values: list[float]
) -> dict[int, Further]:
    """Judges groups 0, 1, ... by `values`, and asks the signals for more."""
    arrays = {name: np.array(column) for name, column in values.items()}
    count = len(next(iter(arrays.values())))
    crowd = Crowd(np.full(count, 10, dtype=np.int64), 1_000_000)
    judged = judge(arrays, [signal(n) for n in values], known, settings.prior_bits, crowd)
    return further(
        np.arange(count), range(count), arrays, judged, questions(asked, COLUMNS, known), settings
    )


def test_an_answer_that_gives_the_verdict_away_tells_all_that_is_uncertain() -> None:
    apart = information(0.5, np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    assert apart == pytest.approx(1.0)
    assert uncertainty(0.5) == pytest.approx(1.0)
    assert information(0.25, np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(0.811278)
    assert uncertainty(0.25) == pytest.approx(0.811278)


def test_an_answer_that_all_give_alike_tells_nothing() -> None:
    assert information(0.5, np.array([0.3, 0.7]), np.array([0.3, 0.7])) == pytest.approx(0.0)


def test_information_is_that_of_a_noisy_channel() -> None:
    # A binary symmetric channel that errs once in ten: 1 - h(0.1) = 1 - 0.468996 bits.
    told = information(0.5, np.array([0.9, 0.1]), np.array([0.1, 0.9]))
    assert told == pytest.approx(0.531004, abs=1e-6)


def test_a_certain_verdict_leaves_nothing_to_tell() -> None:
    assert uncertainty(1.0) == uncertainty(0.0) == 0.0
    assert information(1.0, np.array([0.9, 0.1]), np.array([0.1, 0.9])) == pytest.approx(0.0)


shares = st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3).map(
    lambda row: np.array(row) / sum(row)
)


@given(st.floats(0.0, 1.0), shares, shares)
def test_nothing_tells_more_than_is_uncertain(
    probability: float, harvest: np.ndarray, innocent: np.ndarray
) -> None:
    told = information(probability, harvest, innocent)
    assert -1e-12 <= told <= uncertainty(probability) + 1e-12


def test_harvesters_answer_as_the_bits_imply() -> None:
    known = weights(one=[-1.0, 2.0])
    (asked,) = questions([signal("one")], COLUMNS, known)
    # Innocent 0.5 and 0.5, times 1/2 and 4, made to sum to 1: 0.25 and 2 of 2.25.
    assert asked.harvest == pytest.approx([1 / 9, 8 / 9])
    assert asked.innocent == pytest.approx(np.full((len(known.shares()), 2), 0.5))


def test_what_would_decide_most_is_named_with_its_worth() -> None:
    # The measured signal says 4 bits, the prior is -4: even odds.
    known = weights(seen=[0.0, 4.0], weak=[-0.5, 0.5], strong=[-1.0, 2.0])
    asked = (signal("seen"), signal("weak", ("plan",)), signal("strong", ("time", "payment_mark")))
    found = ask(known, *asked, seen=[2.0])[0]
    assert (found.signal, found.title) == ("strong", "Title of strong")
    assert found.missing == ("payment_mark",)
    assert (found.least, found.most) == (-1.0, 2.0)
    # Harvesters answer 1/9 and 8/9, the innocent 1/2 and 1/2, so all 11/36 and 25/36:
    # h(11/36) - (h(1/9) + 1) / 2 = 0.887976 - (0.503258 + 1) / 2 bits.
    assert found.information == pytest.approx(0.136347, abs=1e-6)
    assert found.share == pytest.approx(0.1363, abs=1e-4)


def test_the_verdict_changes_with_the_answers_that_cross_a_line() -> None:
    # Even odds make a lead. 6 bits more: a probability of 64/65, ten bits in all and so a p-value
    # of 1/1024, a campaign. 1 bit less: 1/3, still a lead. So it changes where all answer the
    # second: harvesters (64 of 64.5), the innocent 1/2.
    known = weights(seen=[0.0, 4.0], asked=[-1.0, 6.0])
    found = ask(known, signal("asked", ("plan",)), seen=[2.0])[0]
    assert found.changes == pytest.approx((64 / 64.5 + 0.5) / 2)
    none = ask(weights(seen=[0.0, 4.0], asked=[-1.0, 0.2]), signal("asked"), seen=[2.0])[0]
    assert none.changes == 0.0


def test_other_groups_count_for_the_q_value() -> None:
    # Two groups at even odds. Six bits more for one of them: 1/1024, twice that for two groups
    # that were looked at, over the rate of 1 in 1000; with two sure groups beside it a third of
    # three times it, which is under it.
    known = weights(seen=[0.0, 4.0], asked=[-1.0, 6.0], sure=[0.0, 5.0], surer=[0.0, 5.0])
    strict = SETTINGS.model_copy(update={"fdr": 0.001})
    alone = ask(known, signal("asked"), settings=strict, seen=[2.0, 2.0])
    assert alone[0].changes == 0.0
    crowd = ask(
        known, signal("asked"), settings=strict,
        seen=[2.0, 2.0, 2.0], sure=[0.0, 2.0, 2.0], surer=[0.0, 2.0, 2.0],
    )  # fmt: skip
    assert crowd[0].changes > 0.5


def test_what_was_measured_has_nothing_further_to_tell() -> None:
    known = weights(seen=[0.0, 4.0], other=[-1.0, 2.0])
    both = (signal("seen"), signal("other"))
    assert ask(known, *both, seen=[2.0], other=[0.5]) == {}


def test_too_little_to_tell_is_an_open_question_without_a_missing_column() -> None:
    known = weights(seen=[0.0, 4.0], other=[-1.0, 2.0])
    found = ask(known, signal("seen"), signal("other"), seen=[2.0, 2.0], other=[np.nan, 0.5])
    assert list(found) == [0]
    assert (found[0].signal, found[0].missing) == ("other", ())


def test_the_innocent_answer_as_those_do_that_fit_the_group() -> None:
    # Of the innocent only tutors look so; what tells them from a harvest is worth more than what
    # tells the other innocent from it.
    families = {"tutors": [0.0, 1e9], "shops": [1e9, 0.0]}
    turned = {"tutors": [1e9, 0.0], "shops": [0.0, 1e9]}
    known = Weights.model_validate(
        {
            "made_by": "test",
            "families": ["tutors", "shops"],
            "groups": {"seen": families, "of_tutors": turned, "of_shops": families},
            "together": {"seen": [0.0, 4.0], "of_tutors": [-1.0, 2.0], "of_shops": [-1.0, 2.0]},
        }
    )
    asked = (signal("of_shops", ("plan",)), signal("of_tutors", ("plan",)))
    assert ask(known, *asked, seen=[2.0])[0].signal == "of_tutors"


def test_every_group_signal_can_be_asked() -> None:
    for asked in questions(signals(), COLUMNS, packaged()):
        assert asked.harvest.sum() == pytest.approx(1.0)
        assert asked.innocent.sum(axis=1) == pytest.approx(1.0)
        assert asked.harvest.shape == asked.bits.shape == asked.innocent.shape[1:]
        assert "time" not in asked.missing
