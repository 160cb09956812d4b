"""Who belongs is fitted on who was part of a campaign."""

from __future__ import annotations

import numpy as np
import pytest

from belonging import LARGEST, Asked, fit


def drawn(seed: int, count: int = 400) -> Asked:
    """Addresses tell who belongs, clients tell nothing, and payments the wrong way round."""
    rng = np.random.default_rng(seed)
    belongs = rng.random(count) < 0.5
    return Asked(
        links={
            "address": np.where(belongs, 2.0, -1.0) + rng.normal(0, 2.0, count),
            "client": rng.normal(0, 2.0, count),
            "payment": np.where(belongs, -1.0, 1.0) + rng.normal(0, 2.0, count),
        },
        likeness={"settings": np.where(belongs, 1.0, -1.0) + rng.normal(0, 1.0, count)},
        belongs=belongs,
    )


def test_what_tells_counts_and_nothing_speaks_for_a_stranger() -> None:
    known = fit([drawn(seed) for seed in range(40)])
    assert min(known.links["address"]) > 0.3
    assert known.likeness["settings"] > 0.5
    assert known.links["payment"] == (0.0, 0.0)
    assert max(known.links["client"]) < 0.1
    assert max(*known.likeness.values(), *map(max, known.links.values())) <= LARGEST


def test_the_bits_it_gives_are_those_of_the_odds() -> None:
    known = fit([drawn(seed) for seed in range(8)])
    other = drawn(99, 4_000)
    bits = np.full(4_000, known.offset)
    for kind, says in other.links.items():
        bits += np.where(says > 0, *known.of_link(kind)) * says
    for kind, says in other.likeness.items():
        bits += known.of_likeness(kind) * says
    claimed = 1.0 / (1.0 + np.exp2(-bits))
    for low, high in ((0.1, 0.3), (0.4, 0.6), (0.7, 0.9)):
        there = (claimed > low) & (claimed < high)
        assert other.belongs[there].mean() == pytest.approx(claimed[there].mean(), abs=0.08)


def test_a_campaign_that_lacks_a_kind_says_nothing_of_it() -> None:
    bare = drawn(1)
    bare.links.pop("address")
    assert fit([bare, drawn(2), drawn(3)]).links["address"][0] > 0.3
