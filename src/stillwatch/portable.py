"""What Ibis cannot yet say to every engine, said in the words that all of them know."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


@ibis.udf.agg.builtin
def bit_or(numbers: int) -> int:  # type: ignore[empty-body]
    """The bits that are set in any of the numbers. Ibis 12.0.0 has no rule for it on Spark."""


@ibis.udf.scalar.builtin
def bit_count(number: int) -> int:  # type: ignore[empty-body]
    """How many bits are set. For sums of masked bits Ibis 12.0.0 leaves out brackets on Spark."""


def seconds(time: ir.TimestampValue) -> ir.FloatingValue:
    """Seconds since 1970, with their fraction.

    DuckDB gives the fraction though Ibis takes it for an integer, so the type is said here; Spark
    is told the same where its expressions are compiled.
    """
    return time.epoch_seconds().cast("float64")
