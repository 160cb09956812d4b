"""Masked example texts, so that a person can see what a template hash stands for.

k-anonymity: only words that at least `min_accounts` different accounts of one batch wrote alike
are kept, as their hash proves. The example is rebuilt from those words alone, lower-cased and with
single spaces, so nothing of one account's own punctuation or filling can slip through.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sketch.derive import REPLY_CHARS
from stillwatch.sketch.masks import KINDS
from stillwatch.sketch.template import EDGE, REPLY_EDGE, collapse
from stillwatch.sketch.tokens import Tokens, tokenize

SCHEMA = pa.schema([("kind", pa.string()), ("template", pa.int64()), ("example", pa.string())])

SOURCES = {
    "system_template": ("system", None),
    "head": ("prompt", EDGE),
    "tail": ("prompt", -EDGE),
    "reply_head": ("completion", REPLY_EDGE),
}
"""Kind of template: the text it was read from, and how many words from which end."""

LONGEST = 400
"""Characters of an example."""


def examples(batch: pa.RecordBatch, sketched: pa.RecordBatch, min_accounts: int = 3) -> pa.Table:
    """One example of each template that `min_accounts` accounts of this batch share.

    Returns a table [kind, template, example] with a row for each kind and template; `sketched` is
    `sketch(batch)`.
    """
    found = [
        row
        for kind in SOURCES
        for row in _examples(kind, batch, sketched.column(kind), min_accounts)
    ]
    kinds, templates, texts = zip(*found, strict=True) if found else ((), (), ())
    return pa.table([list(kinds), list(templates), list(texts)], schema=SCHEMA)


def _examples(
    kind: str, batch: pa.RecordBatch, values: pa.Array, min_accounts: int
) -> Iterator[tuple[str, int, str]]:
    table = pa.table(
        {
            "template": values,
            "account": batch.column("account").dictionary_encode().indices,
            "row": pa.array(np.arange(len(values))),
        }
    ).filter(pc.is_valid(values))
    groups = table.group_by("template").aggregate([("account", "count_distinct"), ("row", "min")])
    shared = groups.filter(pc.greater_equal(groups["account_count_distinct"], min_accounts))
    source, words = SOURCES[kind]
    rows = shared["row_min"].combine_chunks()
    texts = batch.column(source).take(rows)
    if kind == "reply_head":
        texts = pc.utf8_slice_codeunits(texts, 0, REPLY_CHARS)
    tokens = tokenize(texts)
    kept, offsets = collapse(tokens)
    for i, value in enumerate(shared["template"].to_pylist()):
        mine = kept[offsets[i] : offsets[i + 1]]
        mine = mine if words is None else mine[:words] if words > 0 else mine[words:]
        yield kind, value, _render(tokens, mine.tolist())


def _render(tokens: Tokens, places: list[int]) -> str:
    words: list[str] = []
    size = 0
    for place in places:
        kind = int(tokens.kinds[place])
        words.append(f"⟨{KINDS[kind]}⟩" if kind else tokens.word(place))
        size += len(words[-1]) + 1
        if size > LONGEST:
            break
    text = " ".join(words)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
