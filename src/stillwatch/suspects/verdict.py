"""The verdict on a suspect, in words, with its limits."""

from __future__ import annotations

from collections.abc import Sequence

from stillwatch.plural import plural
from stillwatch.suspects.document import Key, Part, Verdict
from stillwatch.suspects.powers import chance, power

ENOUGH = 10_000
"""Windows with fewer of which nothing is said of there being no trace."""
TRACE = 0.05
"""Corrected p-value from which on there is no trace."""


def verdict(parts: Sequence[Part], alpha: float) -> Verdict:
    """Marked, where a key is sure and the wrong keys are as they should be; no trace, where there
    was enough to see and nothing was seen; else inconclusive."""
    smallest = min((key.corrected_p for part in parts for key in part.keys), default=1.0)
    if smallest <= alpha:
        sure = [part for part in parts if any(key.corrected_p <= alpha for key in part.keys)]
        return "marked" if all(part.wrong_keys.holds for part in sure) else "inconclusive"
    enough = all(part.windows >= ENOUGH for part in parts)
    return "no trace" if smallest > TRACE and enough else "inconclusive"


def words(found: Verdict, parts: Sequence[Part], alpha: float) -> tuple[str, ...]:
    """What was found, for people."""
    keys = sorted(
        ((key, part) for part in parts for key in part.keys), key=lambda both: both[0].log10_p
    )
    surest, part = keys[0]
    windows = sum(part.windows for part in parts)
    looked = (
        f"{plural(windows, 'distinct window')} and {plural(len(keys), 'key')} were looked at. "
        f"At a family-wise error rate of {chance(alpha)}, {_rate(alpha)} tests of suspects that "
        "never saw our outputs would name any key."
    )
    if found == "marked":
        some = [key.key for key, _ in keys if key.corrected_p <= alpha]
        return (
            f"The suspect carries the mark of {plural(len(some), 'key')}: {', '.join(some)}.",
            _chance(surest, part),
            looked,
        )
    if found == "no trace":
        return (
            "No trace of a mark was found. This does not mean that the suspect is innocent.",
            _chance(surest, part),
            looked,
        )
    broken = [part.scheme for part in parts if not part.wrong_keys.holds]
    why = (
        f"Keys that nobody used find marks too often ({', '.join(broken)}): the p-values cannot be "
        "trusted on what was read."
        if broken
        else "There is too little to decide: ask for more text, or for the weights."
        if windows < ENOUGH * len(parts)
        else "Something may be there, but not enough of it for the error rate that was set."
    )
    return (f"Nothing can be said. {why}", _chance(surest, part), looked)


def limits(found: Verdict, parts: Sequence[Part], *, weights: bool, served: bool) -> list[str]:
    """What a verdict does not say."""
    said = [
        "It speaks of a key, and a key is as secret as its file. The custody log says who had it.",
        "It says that the suspect was trained on marked text, and not how that text was come by: "
        "marked answers that a customer published can be in anybody's training data.",
    ]
    if any(key.revoked for part in parts for key in part.keys):
        said.append(
            "Some keys were revoked: whoever had them from then on can have written their mark."
        )
    if found != "marked":
        said += [
            "A paraphrase of the training data removes a mark, and an attacker who knows the "
            "scheme can neutralise it (arXiv 2502.11598).",
            "A student of which less than about a twentieth of the training data was marked, "
            "shows nothing in most tests of this kind.",
        ]
    if weights:
        said.append(
            "P-values are upper bounds (Chernoff 1952), larger than the true ones: where "
            "something is named, it is surer than it says."
        )
    else:
        said.append(
            "P-values are exact if what the suspect said hangs on the key only through what it was "
            "trained on. A suspect that was given marked text to read, by whoever asked it, "
            "repeats it: such windows are left out as far as the questions are known."
        )
    if not served:
        said.append(
            "What was served was not named: windows that no student can have learned from are "
            "counted, too, and hide a weak mark."
        )
    return said


def _chance(key: Key, part: Part) -> str:
    bound = "" if part.exact else "at most "
    return (
        f"Of the keys, {key.key} finds most. A suspect that had nothing to do with it would show "
        f"as much with a chance of {bound}{power(key.log10_p)}; corrected for all keys that were "
        f"tried, {chance(key.corrected_p)}. Of {plural(len(part.wrong_keys.log10_p), 'key')} that "
        f"nobody used, {sum(p <= key.log10_p for p in part.wrong_keys.log10_p):,} find as much."
    )


def _rate(alpha: float) -> str:
    return f"at most one in {1 / alpha:,.0f}"
