"""A suspect, all keys that are looked for, and wrong ones beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import log

from stillwatch.marks.detection import holm
from stillwatch.progress import Progress, silent
from stillwatch.suspects.document import SCHEMA_ID, Key, Part, Suspect, WrongKeys
from stillwatch.suspects.evidence import Evidence
from stillwatch.suspects.verdict import limits, verdict, words
from stillwatch.suspects.wrong_keys import KEYS, null
from stillwatch.version import __version__

ALPHA = 1e-5


def trial(
    evidence: Sequence[Evidence],
    keys: Sequence[Mapping[str, bytes]],
    *,
    source: Sequence[str],
    served: bool,
    alpha: float = ALPHA,
    revoked: Mapping[str, datetime] | None = None,
    wrong: int = KEYS,
    progress: Progress = silent,
) -> Suspect:
    """Tests a suspect for the marks of keys.

    evidence: of each scheme; keys: for each scheme, by name; revoked: since when, by name. The
    p-values of all schemes and keys are corrected together.
    """
    scores = {
        (place, name): found.score(key)
        for place, (found, some) in enumerate(zip(evidence, keys, strict=True))
        for name, key in some.items()
    }
    numbered = {f"{place}\0{name}": score.log_p for (place, name), score in scores.items()}
    corrected = holm(numbered)
    parts = []
    for place, found in enumerate(evidence):
        rows = [
            Key(
                key=name,
                statistic=score.statistic,
                expected=score.expected,
                z=score.z,
                log10_p=score.log10_p,
                corrected_p=corrected[f"{place}\0{name}"],
                revoked=(revoked or {}).get(name),
            )
            for (where, name), score in scores.items()
            if where == place
        ]
        guessed = null(found, wrong, progress=progress)
        parts.append(
            Part(
                scheme=found.scheme.name,
                tokens=found.tokens,
                windows=len(found.windows),
                copied=found.copied,
                exact=found.exact,
                keys=tuple(sorted(rows, key=lambda row: (row.log10_p, row.key))),
                wrong_keys=WrongKeys(
                    log10_p=tuple(one / log(10) for one in guessed.log_p),
                    too_small_p=guessed.too_small,
                    holds=guessed.holds,
                    at_0_01=guessed.below(0.01),
                    at_0_001=guessed.below(0.001),
                ),
            )
        )
    decided = verdict(parts, alpha)
    sure = sorted(
        (row.log10_p, row.key) for part in parts for row in part.keys if row.corrected_p <= alpha
    )
    weights = not all(found.exact for found in evidence)
    return Suspect(
        schema=SCHEMA_ID,
        made=datetime.now(UTC),
        version=__version__,
        access="weights" if weights else "text",
        source=tuple(source),
        served=served,
        alpha=alpha,
        verdict=decided,
        named=tuple(dict.fromkeys(name for _, name in sure)) if decided == "marked" else (),
        words=words(decided, parts, alpha),
        limits=tuple(limits(decided, parts, weights=weights, served=served)),
        parts=tuple(parts),
    )
