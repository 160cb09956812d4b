"""Weights: the bits of every bin of every signal.

Those of account signals are log2(m / u), from counts of the range that are kept for each family:
`campaign`, and every innocent one. A family's share of a bin is shrunk towards what all the
innocent show, and that, as that of campaigns, towards the prior written in the signal, so that a
family seen few times says little (Dirichlet prior; Gelman et al., Bayesian Data Analysis, 3.4).
Those of group signals were fitted together and are kept as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stillwatch.complaints import sentence
from stillwatch.durable import replaced
from stillwatch.errors import OutputError, UsageError
from stillwatch.signals.lesson import Lesson
from stillwatch.signals.model import (
    PRIOR_STRENGTH,
    AccountSignal,
    GroupSignal,
    Scale,
    Signal,
)
from stillwatch.signals.null import Null

CAMPAIGN = "campaign"
EVERYDAY = "everyday_customers"
OTHER = "other_lookalikes"
EVERYDAY_SHARE = 0.8
LARGEST_WEIGHT = 5.0
"""Bits that one signal may say at most."""
UNTOLD = 0.35
"""Share of harvesters thought to look as the innocent do, by any one signal."""
SMALLEST_WEIGHT = float(np.log2(UNTOLD))
"""Bits that one signal may say against a harvest at most."""
FAMILY_STRENGTH = 50.0
"""Groups of an innocent family that outweigh what all of them together show."""
OWN_STRENGTH = 1000.0
"""How many of the provider's accounts outweigh what the range knows of the innocent."""

WHO = frozenset(
    {
        "account_created",
        "address",
        "address_block",
        "address_key",
        "country",
        "credential",
        "network",
        "organization",
        "payment_mark",
        "plan",
        "tls_fingerprint",
        "user_agent",
    }
)
"""Columns that tell who is behind an account."""
ROOMS = ("common_pauses", "joint_start", "lockstep")
"""Group signals of common times, which a room explains as well as a dispatcher does."""

Counts = dict[str, list[float]]
"""Family → observations in each bin."""


class Belonging(BaseModel):
    """How much what an account shares with a campaign, and how it acts, says that it is part of it.

    Fitted on who was part of the range's campaigns. The bits of belonging are `offset` plus the
    bits of each kind of shared thing times its factor, one where they speak for it and one where
    they speak against it, plus the bits of each kind of likeness times its factor.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    links: dict[str, tuple[float, float]] = Field(default_factory=dict)
    likeness: dict[str, float] = Field(default_factory=dict)
    offset: float = -3.0

    def of_link(self, kind: str) -> tuple[float, float]:
        """Factors of bits for and against; a kind that was never fitted says half."""
        return self.links.get(kind, (0.5, 0.0))

    def of_likeness(self, kind: str) -> float:
        """Factor of the bits of a kind of likeness; one that was never fitted says half."""
        return self.likeness.get(kind, 0.5)


class Alone(BaseModel):
    """Bits of the group signals, their null, and belonging, where nothing tells who is behind an
    account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    together: dict[str, list[float]]
    null: Null | None = None
    belonging: Belonging


class Weights(BaseModel):
    """What the range has shown of each signal, by family; one versioned file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_id: str = Field(default="stillwatch.weights/1", alias="schema")
    made_by: str = Field(description="The command that wrote it.")
    version: int = Field(default=0, ge=0, description="Lessons learned and forgotten since.")
    lessons: tuple[Lesson, ...] = Field(
        default=(),
        description="What people decided, not yet in the numbers (`lessons.taught`).",
    )
    accounts: dict[str, Counts] = Field(default_factory=dict)
    groups: dict[str, Counts] = Field(
        default_factory=dict, description="Of the innocent only: which explanation fits best."
    )
    families: tuple[str, ...] = Field(
        default=(), description="Lookalikes seen often enough to be weighed by themselves."
    )
    held_back: tuple[tuple[str, str], ...] = Field(
        default=(), description="Variants of attack that were kept out of the fit (`range.split`)."
    )
    together: dict[str, list[float]] = Field(
        default_factory=dict,
        description="Bits of each bin of the group signals, all fitted together.",
    )
    null: Null | None = Field(
        default=None, description="How many bits the innocent reach; none where none was measured."
    )
    unplaced: Null | None = Field(
        default=None,
        description="The same where addresses are not logged: with less to speak for them, the "
        "innocent come higher.",
    )

    alone: Alone | None = Field(
        default=None,
        description="The bits for traffic that has no column of who is behind an account. Fitted "
        "beside those columns, what is asked and when weighs little.",
    )

    belonging: Belonging = Field(
        default_factory=Belonging, description="Who is part of a campaign that was found."
    )

    def given(self, columns: Set[str]) -> Weights:
        """The weights for traffic with these columns.

        Where addresses alone are missing, nobody knows who sits in one room: common times weigh
        nothing, and the null is that of such traffic. Where all of `WHO` is missing, they weigh
        what they did on such traffic.
        """
        if "address" in columns:
            return self
        if columns & WHO:
            told = {n: [0.0] * len(row) for n, row in self.together.items() if n in ROOMS}
            together = {**self.together, **told}
            return self.model_copy(update={"together": together, "null": self.unplaced})
        return self.model_copy(update=dict(self.alone)) if self.alone else self

    def of_group(self, signal: str, scale: Scale) -> npt.NDArray[np.float64]:
        """Bits of a group signal's bins. One that was never fitted has those of its own prior."""
        if signal in self.together:
            return np.asarray(self.together[signal], dtype=np.float64)
        return bits(np.asarray(scale.harvest), np.asarray(scale.ordinary))

    def harvest(self, signal: str, scale: Scale) -> npt.NDArray[np.float64]:
        """m of an account signal: shares of the bins among harvesters."""
        seen = self.accounts.get(signal, {}).get(CAMPAIGN)
        return _shrunk(seen, scale.harvest, PRIOR_STRENGTH)

    def innocent(
        self, level: str, signal: str, scale: Scale, family: str | None = None
    ) -> npt.NDArray[np.float64]:
        """u: shares of the bins among the innocent, or one family of them.

        A family is shrunk towards all the innocent families together, each counting alike.
        """
        families: Counts = getattr(self, level).get(signal, {})
        pooled = np.zeros(len(scale.ordinary))
        for name, counts in families.items():
            if name != CAMPAIGN and sum(counts) > 0:
                pooled += np.asarray(counts) / sum(counts)
        base = _shrunk(pooled, scale.ordinary, PRIOR_STRENGTH)
        if family is None:
            return base
        return _shrunk(families.get(family), base, FAMILY_STRENGTH)

    def shares(self) -> dict[str, float]:
        """What share of innocent groups each family is thought to be; they sum to 1.

        Most groups that share something are everyday customers; the rest is divided evenly among
        the lookalikes, `OTHER` being all that were seen too rarely to stand alone.
        """
        lookalikes = (*self.families, OTHER)
        each = (1.0 - EVERYDAY_SHARE) / len(lookalikes)
        return {EVERYDAY: EVERYDAY_SHARE, **dict.fromkeys(lookalikes, each)}

    def own(self, signal: str, scale: Scale, counts: Sequence[float]) -> npt.NDArray[np.float64]:
        """u of an account signal from the provider's own accounts, shrunk to the range's.

        Robust because most of any provider's accounts are innocent; what harvesters add to their
        own bins only makes those bins more usual, and the weight smaller.
        """
        return _shrunk(counts, self.innocent("accounts", signal, scale), OWN_STRENGTH)


def bits(m: npt.NDArray[np.float64], u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """log2 of m / u for harvesters of whom `UNTOLD` look innocent; shapes (bins,) → (bins,).

    Cut at `LARGEST_WEIGHT`. A contaminated likelihood ratio (Huber 1965, Ann. Math. Statist. 36,
    1753): nobody can avoid every tell, anybody can avoid one, and the range has not seen all ways.
    """
    return np.minimum(np.log2((1.0 - UNTOLD) * m / u + UNTOLD), LARGEST_WEIGHT)


def _shrunk(
    counts: Sequence[float] | npt.NDArray[np.float64] | None,
    towards: Sequence[float] | npt.NDArray[np.float64],
    strength: float,
) -> npt.NDArray[np.float64]:
    base = np.asarray(towards, dtype=np.float64)
    if counts is None:
        return base
    seen = np.asarray(counts, dtype=np.float64)
    shrunk: npt.NDArray[np.float64] = (seen + strength * base) / (seen.sum() + strength)
    return shrunk


@cache
def packaged() -> Weights:
    """The weights that ship with the package, fitted on the range's training scenarios."""
    text = resources.files("stillwatch.signals").joinpath("weights.json").read_text("utf-8")
    return Weights.model_validate(json.loads(text))


def load(path: Path, signals: Iterable[Signal]) -> Weights:
    """Weights from a file, as they are in it: their lessons are not heeded (`lessons.taught`).

    Raises `UsageError` where it is not one, or not one of these signals.
    """
    try:
        read = Weights.model_validate_json(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"weights {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"weights {path}: not a weights file: it is not even text") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}: " for part in (".".join(map(str, first["loc"])),) if part)
        raise UsageError(
            f"weights {path}: not a weights file of this release: {where}"
            f"{sentence(first, Weights)}; name one that `stillwatch weights` or `make weights` "
            "wrote"
        ) from error
    for signal in signals:
        name = signal.about.name
        if isinstance(signal, AccountSignal):
            _check_bins(path, f"accounts.{name}", signal, read.accounts.get(name, {}))
            shown = {one.id: one.shares[name] for one in read.lessons if name in one.shares}
            _check_bins(path, f"lessons.{name}", signal, shown, "was learned", "learn it again")
        elif isinstance(signal, GroupSignal):
            _check_bins(path, f"groups.{name}", signal, read.groups.get(name, {}))
            fitted = {n: row for n, row in read.together.items() if n == name}
            _check_bins(path, "together", signal, fitted)
            told = read.alone.together if read.alone else {}
            _check_bins(path, "alone", signal, {n: row for n, row in told.items() if n == name})
    for place, lesson in enumerate(read.lessons):
        if any(lesson.id == other.id for other in read.lessons[:place]):
            raise UsageError(
                f"weights {path}: lessons.{place}.id: {lesson.id} is there twice, and a group "
                "teaches once; remove one of the two"
            )
        for name, index in lesson.bins.items():
            if name in read.together and index >= len(read.together[name]):
                raise UsageError(
                    f"weights {path}: lessons.{lesson.id}.bins.{name}: {index} is no bin of "
                    f"together.{name}, which has {len(read.together[name])}"
                )
    return read


def save(weights: Weights, path: Path) -> None:
    """Writes a weights file, all at once. Raises `OutputError` where it cannot."""
    try:
        with replaced(path) as fresh:
            fresh.write_text(as_json(weights), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"weights {path} cannot be written: {error.strerror}") from error


def as_json(weights: Weights) -> str:
    """The text of a weights file, bins of a family on one line, so that a change can be read."""
    text = json.dumps(weights.model_dump(mode="json", by_alias=True), indent=1, ensure_ascii=False)
    return (
        re.sub(r"\[\s+([^\[\]]*?)\s+\]", lambda m: "[" + " ".join(m[1].split()) + "]", text) + "\n"
    )


def _check_bins(
    path: Path,
    where: str,
    signal: AccountSignal | GroupSignal,
    known: Mapping[str, list[float]],
    made: str = "was fitted",
    mend: str = "fit the weights again",
) -> None:
    bins = len(signal.scale.edges) + 1
    for name, row in known.items():
        if len(row) != bins:
            raise UsageError(
                f"weights {path}: {where}.{name}: {len(row)} bins, but the signal has {bins}: it "
                f"was changed since this {made}; {mend}"
            )


def empty() -> Weights:
    """Weights that know only the priors written in the signals."""
    return Weights.model_validate({"made_by": "priors of the signals"})


def add(counts: Counts, family: str, histogram: Mapping[int, float], bins: int) -> None:
    """Adds a histogram of bins to a family's counts, in place."""
    row = counts.setdefault(family, [0.0] * bins)
    for index, share in histogram.items():
        row[index] += share
