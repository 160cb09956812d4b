"""A broken signal is told by its name."""

from __future__ import annotations

from dataclasses import replace

import ibis
import pytest

from stillwatch.errors import StillwatchError, UsageError
from stillwatch.signals.accounts import measured
from stillwatch.signals.blame import blamed
from stillwatch.signals.catalogue import pacing
from stillwatch.sketch import SCHEMA

SKETCHES = ibis.table(ibis.Schema.from_pyarrow(SCHEMA), name="sketches")


def test_what_a_signal_raises_is_told_with_its_name() -> None:
    with (
        pytest.raises(UsageError, match="signal 'pacing' is broken: KeyError"),
        blamed(pacing.SIGNAL),
    ):
        raise KeyError("no such column")


def test_what_is_told_already_stays_as_it_is() -> None:
    told = UsageError("rename it")
    with pytest.raises(StillwatchError) as error, blamed(pacing.SIGNAL):
        raise told
    assert error.value is told


def test_an_aggregate_of_a_column_that_is_not_there_names_the_signal() -> None:
    broken = replace(pacing.SIGNAL, aggregates=lambda t: {"n": t.languag.nunique()})
    with pytest.raises(UsageError, match=r"signal 'pacing' is broken: .*languag"):
        measured(SKETCHES, [broken])


def test_a_value_from_an_aggregate_that_is_not_there_names_the_signal() -> None:
    broken = replace(pacing.SIGNAL, value=lambda a: a.nothing)
    with pytest.raises(UsageError, match=r"signal 'pacing' is broken: .*nothing"):
        measured(SKETCHES, [broken])
