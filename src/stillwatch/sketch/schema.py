"""The Sketch table: what remains of an exchange once its text has been read.

Everything after this table is relational and needs no prompt. Hashes are made here, never by an
engine, because engines' own hash functions are not portable between engines or releases.
"""

from __future__ import annotations

import pyarrow as pa

from stillwatch.traffic.exchange import COLUMNS as EXCHANGE_COLUMNS
from stillwatch.traffic.exchange import TEXT, Column, arrow

SCHEMA_ID = "stillwatch.sketch/1"

INTENTS = (
    "ordinary",
    "reasoning_elicitation",
    "reasoning_reconstruction",
    "rubric_grading",
    "preference_pairs",
    "task_synthesis",
    "tool_trajectories",
    "reasoning_translation",
    "technique_sweep",
    "safeguard_probing",
    "censored_rewriting",
)
"""Classes of the intent model. All but `ordinary` are what harvesters were disclosed to ask for."""

BANDS = 4

DERIVED: tuple[Column, ...] = (
    Column("exchange_key", pa.int64(), "Hash of account and exchange_id together."),
    Column("account_key", pa.int64(), "Hash of account, which tables are grouped by."),
    Column("address_key", pa.int64(), "Hash of address."),
    Column("address_block", pa.string(), "The /24 (IPv4) or /48 (IPv6) the address lies in."),
    Column("system_template", pa.int64(), "Hash of the masked system prompt; null without one."),
    Column("head", pa.int64(), "Hash of the first words of the prompt, variable parts masked."),
    Column("tail", pa.int64(), "Hash of the last words of the prompt, variable parts masked."),
    Column("skeleton", pa.int64(), "Hash of the whole masked prompt."),
    Column("reply_head", pa.int64(), "Hash of the first words of the masked answer."),
    *(
        Column(f"near_{i}", pa.int64(), f"MinHash band {i} of the prompt's word shingles.")
        for i in range(BANDS)
    ),
    Column("intent", pa.string(), "Most probable class of the intent model."),
    Column(
        "intent_bits",
        pa.float32(),
        "log2 of the odds that the prompt asks for a harvesting intent, against the model's prior.",
    ),
    Column("topic", pa.int16(), "Coverage bucket: where in topic space the prompt lies."),
    Column("language", pa.string(), "ISO 639-1 code of the prompt's language; null if unclear."),
    Column("prompt_chars", pa.int32(), "Length of the prompt in characters."),
    Column("prompt_words", pa.int32(), "Length of the prompt in words."),
    Column("reply_chars", pa.int32(), "Length of the answer in characters; null without one."),
)

COLUMNS: tuple[Column, ...] = (
    *(c for c in EXCHANGE_COLUMNS if c.name not in TEXT),
    *DERIVED,
)

SCHEMA = arrow(COLUMNS, SCHEMA_ID)
