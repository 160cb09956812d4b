"""Fits who belongs to a campaign, on who was part of the range's campaigns.

Of each campaign that was found at all, the candidate most like it is the core, and everybody in the
largest group around it is asked whether they belong: those who do and those who only hang on. A
logistic regression of that on what `campaigns/belonging.py` sums up, its factors kept from being
negative: nothing that is shared may speak for the stranger.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from alike import jaccard
from stillwatch.campaigns.belonging import linked
from stillwatch.campaigns.likeness import traits
from stillwatch.campaigns.members import lying, wholes
from stillwatch.signals.weights import Belonging
from stillwatch.weighing import Evidence

RIDGE = 10.0
"""Of squared factors. Chosen by the cross-entropy on the tune split, which hardly depends on it."""
LARGEST = 3.0
"""Factor."""


@dataclass
class Asked:
    """Accounts around one campaign: what each kind says of them (bits), and who belongs."""

    links: dict[str, np.ndarray]
    likeness: dict[str, np.ndarray]
    belongs: np.ndarray


def asked(seen: Evidence, crowds: list[set[int]]) -> list[Asked]:
    """The accounts around each campaign; `crowds`: the accounts that are part of each.

    Those that are part of another campaign are asked neither way: they are no strangers, and two
    campaigns behind one pool of proxies are hard to tell apart.
    """
    guilty = set[int]().union(*crowds)
    held = seen.found.held()
    sets = {group: set(members.tolist()) for group, members in held.items()}
    largest = wholes(held)
    known = traits(seen)
    found = []
    for crowd in crowds:
        core = max(sets, key=lambda g: jaccard(sets[g], crowd), default=None)
        if core is None or np.isin(held[core], list(crowd)).mean() <= 0.5:
            continue
        around = lying([core], largest, held)
        pool = next((held[whole] for whole in around), held[core])
        links = linked(seen, {0: held[core]}, {0: pool})[0]
        alike = known.likeness(held[core], pool)
        clear = ~np.isin(pool, list(guilty - crowd))
        found.append(
            Asked(
                links={kind: bits[clear] for kind, bits in links.items()},
                likeness={kind: bits[clear] for kind, bits in alike.items()},
                belongs=np.isin(pool, list(crowd))[clear],
            )
        )
    return found


def fit(rows: list[Asked]) -> Belonging:
    """Factors and offset.

    Of each campaign those who belong, and those who do not, count by the square root of how many
    they are, so that a few large ones do not decide alone.
    """
    links = sorted({name for row in rows for name in row.links})
    alike = sorted({name for row in rows for name in row.likeness})
    design = np.vstack([_design(row, links, alike) for row in rows])
    sign = np.concatenate([np.where(row.belongs, 1.0, -1.0) for row in rows])
    counts = np.concatenate([_counts(row.belongs) for row in rows])
    counts /= counts.mean()

    def loss(factors: np.ndarray) -> tuple[float, np.ndarray]:
        margin = np.log(2) * (design @ factors) * sign
        pull = np.log(2) * counts * sign / (1.0 + np.exp(margin))
        ridge = RIDGE * np.append(factors[:-1], 0.0)
        value = counts @ np.logaddexp(0.0, -margin) + 0.5 * ridge @ factors
        return float(value), ridge - design.T @ pull

    width = design.shape[1]
    bounds = [(0.0, LARGEST)] * (width - 1) + [(None, None)]
    found = minimize(loss, np.zeros(width), jac=True, method="L-BFGS-B", bounds=bounds)
    if not found.success:
        raise SystemExit(f"who belongs was not fitted: {found.message}")
    factors = [round(float(f), 3) for f in found.x]
    return Belonging(
        links={k: (factors[2 * i], factors[2 * i + 1]) for i, k in enumerate(links)},
        likeness={k: factors[2 * len(links) + i] for i, k in enumerate(alike)},
        offset=factors[-1],
    )


def _design(row: Asked, links: list[str], alike: list[str]) -> np.ndarray:
    """A row an account: of each link the bits for and the bits against, the likeness, and 1."""
    count = len(row.belongs)
    says = [row.links.get(kind, np.zeros(count)) for kind in links]
    columns = [side for bits in says for side in (np.maximum(bits, 0.0), np.minimum(bits, 0.0))]
    columns += [row.likeness.get(kind, np.zeros(count)) for kind in alike]
    return np.column_stack([*columns, np.ones(count)])


def _counts(belongs: np.ndarray) -> np.ndarray:
    inside = int(belongs.sum())
    outside = len(belongs) - inside
    return np.where(belongs, max(inside, 1) ** -0.5, max(outside, 1) ** -0.5)
