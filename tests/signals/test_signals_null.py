"""The null: how many bits the innocent reach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.signals.null import Null, bound
from stillwatch.signals.weights import packaged

NULL = Null(groups=4_000, above=2.0, share=0.02, mean=1.5)


def test_the_tail_falls_off_exponentially() -> None:
    p = NULL.p_values(np.array([2.0, 3.5, 5.0]))
    assert p == pytest.approx([0.02, 0.02 / np.e, 0.02 / np.e**2])


def test_below_the_tail_nothing_is_claimed() -> None:
    assert NULL.p_values(np.array([-30.0, 1.999])).tolist() == [1.0, 1.0]


@given(st.floats(1e-12, 0.02))
def test_the_fewest_bits_have_the_p_value_that_was_asked_for(p: float) -> None:
    assert NULL.p_values(np.array([NULL.bits(p)]))[0] == pytest.approx(p)


def test_no_bits_below_the_tail_are_enough() -> None:
    assert NULL.bits(0.5) == 2.0


def test_without_a_null_a_likelihood_ratio_bounds_the_p_value() -> None:
    assert bound(np.array([-3.0, 0.0, 3.0])).tolist() == [1.0, 1.0, 0.125]


def test_a_bound_is_none_too_small_for_a_likelihood_ratio() -> None:
    # Two normal laws one deviation apart: bits of the one, seen by the other.
    seen = np.random.default_rng(3).normal(size=20_000)
    bits = (seen - 0.5) / np.log(2)
    for rate in (0.3, 0.1, 0.03):
        assert (bound(bits) <= rate).mean() <= rate


def test_what_ships_was_measured_on_thousands_of_groups() -> None:
    null = packaged().null
    assert null is not None
    assert null.groups > 2_000
