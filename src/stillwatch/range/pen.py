"""Writes the text of rows, and the token counts that follow from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stillwatch.range.paraphrase import paraphrase
from stillwatch.range.tables import Texts, where
from stillwatch.range.text import Family, Rendered, family
from stillwatch.range.world import REASONING, World

Columns = dict[str, np.ndarray]

SPOKEN = {
    "DE": "de",
    "FR": "fr",
    "ES": "es",
    "MX": "es",
    "AR": "es",
    "CO": "es",
    "IT": "it",
    "BR": "pt",
    "PL": "pl",
    "TR": "tr",
    "JP": "ja",
    "KR": "ko",
    "TW": "zh",
    "ID": "id",
    "VN": "vi",
    "EG": "ar",
    "AE": "ar",
}
"""Language of a country; English elsewhere."""


@dataclass
class Pen:
    """Writes for one world. Each group has its own random stream, drawn from in order of time."""

    world: World

    def __post_init__(self) -> None:
        self._streams: dict[str, np.random.Generator] = {}
        self._families: dict[str, Family] = {}

    def write(self, rows: Columns) -> Columns:
        """The rows with text and token counts."""
        names = ("group", "family", "home", "item", "voice", "paraphrase")
        facts = zip(*(rows[name].tolist() for name in names), strict=True)
        rendered = [self._one(row) for row in facts]
        columns = {
            "system": _column(rendered, lambda r: r.system),
            "prompt": _column(rendered, lambda r: r.prompt),
            "completion": _column(rendered, lambda r: r.completion),
        }
        answered = np.isin(rows["status"].astype(str), ["ok", "refused"])
        columns["completion"] = where(answered, columns["completion"], None)
        return {**rows, **columns, **_tokens(self.world, rows, columns, answered)}

    def _one(self, row: tuple[str, str, str, int, int, float]) -> Rendered:
        group, name, home, item, voice, reworded = row
        rng = self._streams.get(group)
        if rng is None:
            rng = self._streams[group] = self.world.rng("text", group)
        source = self._families.get(name)
        if source is None:
            source = self._families[name] = family(name)
        made = source.render(
            rng, _language(source, home, voice), item=None if item < 0 else item, voice=voice
        )
        if reworded and rng.random() < reworded:
            return Rendered(made.system, paraphrase(made.prompt, rng), made.completion)
        return made


def _language(source: Family, home: str, voice: int) -> str:
    """Two in three write in their country's language, where the family knows it."""
    own = SPOKEN.get(home, "en")
    if own in source.languages and (own == "en" or voice % 3):
        return own
    return "en" if "en" in source.languages else source.languages[0]


def _column(rendered: list[Rendered], part: Callable[[Rendered], str | None]) -> Texts:
    column = np.empty(len(rendered), dtype=object)
    column[:] = [part(r) for r in rendered]
    return column


def _tokens(world: World, rows: Columns, text: Columns, answered: np.ndarray) -> Columns:
    """Token counts: about four characters a token, and the history of a conversation is read.

    What a tokenizer would count varies by some 8 % around that for English.
    """
    n = len(answered)
    rng = world.rng("tokens", str(rows["exchange_id"][0]) if n else "")

    def tokens(column: Texts) -> np.ndarray:
        chars = np.fromiter((len(v) if v else 0 for v in column), dtype=np.float64, count=n)
        return chars / 4 * rng.lognormal(0, 0.08, n) + 3 * (chars > 0)

    written = tokens(text["completion"])
    read = tokens(text["prompt"]) + tokens(text["system"])
    # Earlier turns are sent again; how long they were is not simulated, only that they add up.
    read += np.maximum(rows["turn"] - 1, 0) * 1.7 * (written + 40)
    thinks = np.isin(rows["model"].astype(str), list(REASONING)) & answered
    thought = np.where(thinks, rng.lognormal(6.2, 0.9, n), 0)
    counts = {
        "input_tokens": read,
        "reasoning_tokens": thought,
        "output_tokens": written + thought,
    }
    limit = rows["max_tokens"]
    whole = {name: column.astype(np.int64) for name, column in counts.items()}
    whole["output_tokens"] = np.minimum(whole["output_tokens"], limit)
    whole["reasoning_tokens"] = np.minimum(whole["reasoning_tokens"], whole["output_tokens"])
    return whole
