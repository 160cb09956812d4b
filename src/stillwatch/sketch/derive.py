"""The sketch of a batch: its derived columns, made in pieces that fit the processor's cache.

Each row is sketched alone, so how rows are cut into batches and pieces changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sketch import neardup, template
from stillwatch.sketch.hashing import I64
from stillwatch.sketch.intents import IntentModel, packaged
from stillwatch.sketch.keys import address_block, key
from stillwatch.sketch.language import languages
from stillwatch.sketch.schema import BANDS, DERIVED, SCHEMA
from stillwatch.sketch.tokens import Tokens, tokenize
from stillwatch.sketch.topic import buckets
from stillwatch.sketch.vocabulary import lookup
from stillwatch.sketch.window import window

Columns = dict[str, pa.Array]

PIECE = 512 * 1024
"""Bytes of text worked on at a time: fewer, and the calls cost more than the work; more, and the
work falls out of the cache. The result does not depend on it."""

REPLY_CHARS = 48
"""Characters of an answer from which `reply_head` is read."""


def sketch(batch: pa.RecordBatch, model: IntentModel | None = None) -> pa.RecordBatch:
    """Sketch table of a batch of exchanges (`exchange.SCHEMA` in, `sketch.schema.SCHEMA` out).

    Pure and stateless: row i of the result depends on row i of the batch only. `model` replaces
    the packaged intent model. The intent is the one of the prompt or of the system prompt,
    whichever speaks more for a harvest: instructions to harvest often stand in the system prompt,
    and joined to it a short prompt would drown.
    """
    model = packaged() if model is None else model
    columns: Columns = {
        # Two accounts may have one id between them, where clients make their own.
        "exchange_key": key(
            pc.binary_join_element_wise(
                batch.column("account").cast(pa.string()),
                batch.column("exchange_id").cast(pa.string()),
                "\0",
            )
        ),
        "account_key": key(batch.column("account")),
        "address_key": key(batch.column("address")),
        "address_block": address_block(batch.column("address")),
    }
    system = batch.column("system").dictionary_encode()
    # System prompts repeat, so each different one is read once.
    by_text = _in_pieces(system.dictionary, lambda piece: _system(piece, model))
    columns |= {name: column.take(system.indices) for name, column in by_text.items()}
    prompt = batch.column("prompt")
    columns |= _in_pieces(prompt, lambda piece: _prompt(piece, model))
    columns["prompt_chars"] = pc.utf8_length(prompt)
    completion = batch.column("completion")
    beginnings = pc.utf8_slice_codeunits(completion, 0, REPLY_CHARS)
    columns |= _in_pieces(beginnings, _reply)
    columns["reply_chars"] = pc.utf8_length(completion)
    _choose_intent(columns, model)
    derived = {c.name for c in DERIVED}
    arrays = [
        columns[f.name].cast(f.type) if f.name in derived else batch.column(f.name).cast(f.type)
        for f in SCHEMA
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _in_pieces(strings: pa.Array, work: Callable[[pa.Array], Columns]) -> Columns:
    """`work` over runs of rows of about PIECE bytes, put together again.

    Rows of plain ASCII go first, apart from the others, which cost several times as much.
    """
    plain = pc.fill_null(pc.string_is_ascii(strings), True).to_numpy(zero_copy_only=False)
    if plain.all():
        return _runs(strings, work)
    order = np.argsort(~plain, kind="stable")
    split = int(plain.sum())
    moved = strings.take(pa.array(order))
    parts = [_runs(moved.slice(0, split), work), _runs(moved.slice(split), work)]
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return {n: pa.concat_arrays([p[n] for p in parts]).take(pa.array(back)) for n in parts[0]}


def _runs(strings: pa.Array, work: Callable[[pa.Array], Columns]) -> Columns:
    size = pc.fill_null(pc.binary_length(strings), 0).to_numpy(zero_copy_only=False)
    total = np.append(0, np.cumsum(size, dtype=np.int64))
    cuts = np.searchsorted(total, np.arange(0, int(total[-1]), PIECE))
    # At least one run, even of no rows, so that every column has its type.
    ends = [*np.unique(cuts[cuts > 0]).tolist(), len(strings)]
    parts = [work(strings.slice(a, b - a)) for a, b in pairwise([0, *ends])]
    return {name: pa.concat_arrays([part[name] for part in parts]) for name in parts[0]}


def _system(strings: pa.Array, model: IntentModel) -> Columns:
    tokens = tokenize(strings)
    kept, offsets = template.collapse(tokens)
    index, inner = window(tokens)
    columns = {"system_template": template.skeleton(tokens.masked[kept], offsets)}
    return columns | _intent("system", tokens, index, inner, model)


def _reply(strings: pa.Array) -> Columns:
    tokens = tokenize(strings)
    kept, offsets = template.collapse(tokens)
    return {"reply_head": template.head(tokens.masked[kept], offsets, template.REPLY_EDGE)}


def _prompt(strings: pa.Array, model: IntentModel) -> Columns:
    tokens = tokenize(strings)
    kept, offsets = template.collapse(tokens)
    values = tokens.masked[kept]
    columns = {
        "head": template.head(values, offsets),
        "tail": template.tail(values, offsets),
        "skeleton": template.skeleton(values, offsets),
        "prompt_words": pa.array(tokens.counts, mask=~tokens.valid),
    }
    for i, band in zip(range(BANDS), neardup.bands(values, offsets), strict=True):
        columns[f"near_{i}"] = band
    index, inner = window(tokens)
    known = lookup(tokens.hashes[index])
    starts = tokens.starts[index]
    bucket, null = buckets(
        tokens.hashes[index],
        inner,
        size=tokens.ends[index] - starts,
        lead=tokens.text[starts],
        kinds=tokens.kinds[index],
        known=known,
    )
    columns["topic"] = pa.array(bucket, mask=null)
    row_ends = np.append(0, tokens.ends)[tokens.offsets[1:]]
    columns["language"] = languages(inner, known, tokens.text, starts, row_ends)
    return columns | _intent("prompt", tokens, index, inner, model)


def _intent(source: str, tokens: Tokens, index: I64, offsets: I64, model: IntentModel) -> Columns:
    chosen, bits = model.score(tokens.hashes[index], offsets)
    null = np.diff(offsets) == 0
    return {
        f"{source}_class": pa.array(chosen, mask=null),
        f"{source}_bits": pa.array(bits, mask=null),
    }


def _choose_intent(columns: Columns, model: IntentModel) -> None:
    """From class and bits of the prompt and of the system prompt, the one with more bits."""
    ours, theirs = columns["prompt_bits"], columns["system_bits"]
    system = pc.fill_null(pc.greater(theirs, ours), ours.is_null())
    # No bits at all is less than any: a lone system prompt decides, a lone prompt likewise.
    system = pc.and_(system, theirs.is_valid())
    chosen = pc.if_else(system, columns["system_class"], columns["prompt_class"])
    columns["intent"] = pa.array(model.classes, type=pa.string()).take(chosen)
    columns["intent_bits"] = pc.if_else(system, theirs, ours)
