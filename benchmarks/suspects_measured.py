"""A student of a harvest that is marked in part, and what betrays it: for `suspects_power.py` and
`suspects_gpu.py`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from stillwatch.marks import Contexts, GreenList, Gumbel, Scheme, Tournament
from stillwatch.range.students.model import LanguageModel
from stillwatch.range.students.school import QUESTION, School, Weights
from stillwatch.suspects.listening import listen
from stillwatch.suspects.reading import read

SHARES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
SCHEMES: list[Scheme] = [
    GreenList(bias=3.0, width=1),
    GreenList(bias=3.0, width=2),
    Gumbel(width=2),
    Tournament(width=2),
]
KEY = bytes(range(16))
READ = 2_000


def rows(out: Path) -> list[dict[str, object]]:
    """What was kept of earlier runs."""
    lines = (out.read_text() if out.exists() else "").split("\n")
    return [json.loads(line) for line in lines if line]


def keep(out: Path, row: dict[str, object]) -> None:
    """Adds a row to what is kept, and shows it."""
    with out.open("a") as file:
        file.write(json.dumps(row) + "\n")
    print(row, flush=True)


def measured(
    school: School,
    suspect: LanguageModel,
    scheme: Scheme,
    marked: np.ndarray,
    n: int,
    *,
    asked: int,
    seed: int,
) -> dict[str, object]:
    """Black box and white box, of a suspect that read the first `n` of some marked texts.

    Black box: its answers to `asked` questions that no harvest asked, behind contexts that were
    served. White box: it reads `READ` of the marked texts, or as many as there are; if it was
    taught none, those that it never saw.
    """
    asking, said = school.ask(suspect, asked, 400 + seed)
    texts = marked[: n or READ]
    served = Contexts.of([text[QUESTION - scheme.width :] for text in texts], scheme.width)
    heard = listen(list(said), scheme, served=served, asked=list(asking))
    seen = read(Weights(suspect), list(texts[:READ]), scheme, served=served)
    black, white = heard.score(KEY), seen.score(KEY)
    return {
        "windows": black.windows,
        "black_z": black.z,
        "black_log10_p": black.log10_p,
        "white_z": white.z,
        "white_log10_p": white.log10_p,
    }
