"""What single further fact about a group would decide most.

A signal that could not judge is a question that was not asked: its columns are missing, or the
group has done too little. Asking is worth what the answer is expected to tell of the verdict, the
mutual information of the two (Lindley 1956, "On a measure of the information provided by an
experiment", Ann. Math. Statist. 27, 986, def. 1). A signal that was measured has nothing further
to tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import entr, rel_entr

from stillwatch.campaigns.document import Further, Verdict
from stillwatch.campaigns.posterior import Floats, Judged
from stillwatch.campaigns.verdicts import reported
from stillwatch.config import Settings
from stillwatch.signals.model import GroupSignal, Signal
from stillwatch.signals.weights import Weights

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Question:
    """A group signal with b bins, and how its answers fall.

    `bits` (b,): what each answer weighs. `innocent` (f, b): how often each innocent family gives
    it. `harvest` (b,): how often harvesters do, as the bits imply. `missing`: columns it lacks.
    """

    signal: GroupSignal
    missing: tuple[str, ...]
    bits: Floats
    innocent: Floats
    harvest: Floats


def questions(
    signals: Iterable[Signal], columns: Collection[str], known: Weights
) -> tuple[Question, ...]:
    """The group signals as questions to traffic that carries these columns."""
    return tuple(_question(s, columns, known) for s in signals if isinstance(s, GroupSignal))


def _question(signal: GroupSignal, columns: Collection[str], known: Weights) -> Question:
    """A signal as a question.

    Of harvesting groups no counts are kept: their bits were fitted against all the innocent
    together, so harvesters give an answer 2^bits times as often as those, made to sum to 1.
    """
    name, scale = signal.about.name, signal.scale
    shares = known.shares()
    bits = known.of_group(name, scale)
    innocent = np.stack([known.innocent("groups", name, scale, family) for family in shares])
    harvest = np.exp2(bits) * (np.array(list(shares.values())) @ innocent)
    return Question(
        signal=signal,
        missing=tuple(need for need in signal.about.needs if need not in columns),
        bits=bits,
        innocent=innocent,
        harvest=harvest / harvest.sum(),
    )


def information(probability: float, harvest: Floats, innocent: Floats) -> float:
    """Mutual information of a verdict and an answer, in bits; shapes (b,).

    Expected relative entropy of the answers, given the verdict, to the answers of all.
    """
    answers = probability * harvest + (1.0 - probability) * innocent
    nats = probability * rel_entr(harvest, answers) + (1.0 - probability) * rel_entr(
        innocent, answers
    )
    return float(nats.sum() / np.log(2))


def uncertainty(probability: float) -> float:
    """Entropy of a verdict, in bits: 1 where it could be either, 0 where it is certain."""
    return float((entr(probability) + entr(1.0 - probability)) / np.log(2))


def further(
    groups: Ids,
    told: Iterable[int],
    values: Mapping[str, Floats],
    judged: Judged,
    questions: Sequence[Question],
    settings: Settings,
) -> dict[int, Further]:
    """Group → what would decide most of it, for those of the groups `told` with an open question.

    `groups` (n,) ascending; `values[signal]` (n,), as `judge` was given them. The innocent are
    thought to answer as those families do that fit the group so far.
    """
    found: dict[int, Further] = {}
    for group in told:
        row = int(np.searchsorted(groups, group))
        probability = float(judged.probability[row])
        families = np.exp2(judged.total[row] - settings.prior_bits - judged.against[row])
        asked = [q for q in questions if _open(q, values, row)]
        if not asked:
            continue
        worth = [information(probability, q.harvest, families @ q.innocent) for q in asked]
        best = int(np.argmax(worth))
        chosen, uncertain = asked[best], uncertainty(probability)
        answers = probability * chosen.harvest + (1.0 - probability) * families @ chosen.innocent
        now = _verdict(judged, row, 0.0, settings)
        other = [_verdict(judged, row, float(b), settings) != now for b in chosen.bits]
        found[group] = Further(
            signal=chosen.signal.about.name,
            title=chosen.signal.about.title,
            missing=chosen.missing,
            information=round(worth[best], 9),
            share=round(worth[best] / uncertain, 4) if uncertain else 0.0,
            changes=round(float(answers[other].sum()), 9),
            least=round(float(chosen.bits.min()), 4),
            most=round(float(chosen.bits.max()), 4),
        )
    return found


def _open(asked: Question, values: Mapping[str, Floats], row: int) -> bool:
    name = asked.signal.about.name
    return name not in values or bool(np.isnan(values[name][row]))


def _verdict(judged: Judged, row: int, bits: float, settings: Settings) -> Verdict:
    """The verdict on a group, were there so many bits more for it and nothing new on others."""
    changed = judged.shifted(row, bits)
    if reported(changed, settings)[row]:
        return "campaign"
    return "lead" if changed.probability[row] >= settings.lead_probability else "spared"
