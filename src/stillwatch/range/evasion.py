"""How hard a campaign tries not to be seen. A level is a set of knobs; new levels are new rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evasion:
    """Knobs of one level.

    `jitter` is the coefficient of variation of an account's gaps; `unbalanced` the standard
    deviation of the log of accounts' shares of the queue; `shifts` the share of accounts that
    keep the hours of a country instead of working round the clock; `stagger` the share of the
    duration over which accounts start and stop; `rotation` the seconds after which an account
    takes other addresses of the pool (0: never); `paraphrase` the share of prompts reworded;
    `hands` multiplies the wordings in use; `varied` is the share of accounts with sampling
    settings and token limits of their own.
    """

    jitter: float = 0.1
    unbalanced: float = 0.05
    shifts: float = 0.0
    stagger: float = 0.0
    rotation: float = 0.0
    paraphrase: float = 0.0
    hands: int = 1
    varied: float = 0.0


_L1 = Evasion(jitter=1.2, unbalanced=0.6, shifts=0.4, stagger=0.15, rotation=3 * 3600.0, varied=0.5)

LEVELS: dict[str, Evasion] = {
    "L0": Evasion(),
    "L1": _L1,
    "L2": Evasion(
        jitter=_L1.jitter,
        unbalanced=_L1.unbalanced,
        shifts=0.6,
        stagger=0.3,
        rotation=3600.0,
        paraphrase=0.9,
        hands=6,
        varied=0.8,
    ),
}
"""L0 naive; L1 jitter and address rotation; L2 also paraphrased templates in many wordings."""
