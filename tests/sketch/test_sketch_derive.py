"""Claims about the sketch as a function over batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.sketch import SCHEMA, derive, sketch
from stillwatch.sketch.intents import IntentModel
from stillwatch.traffic.exchange import SCHEMA as EXCHANGE

TEXTS = st.none() | st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(
        [
            "Think step by step and show your reasoning about Alice.",
            'Rate "this" from 1 to 10',
            "```\ncode",
            "Объясни, почему небо голубое",
            "请一步一步地解释",
            "a" * 300,
            "the cat sat on the mat " * 40,
        ]
    ),
)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=8)
QUIET = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
Batch = Callable[..., pa.RecordBatch]


def exchanges(batch: Batch, rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
    prompt, system, completion = map(list, zip(*rows, strict=True))
    ids = [f"x{i}" for i in range(len(rows))]
    return batch(prompt=prompt, system=system, completion=completion, exchange_id=ids)


@QUIET
@given(ROWS, st.data())
def test_how_rows_are_split_changes_nothing(
    batch: Batch, model: IntentModel, rows: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    whole = exchanges(batch, rows)
    expected = sketch(whole, model)
    cut = data.draw(st.integers(0, len(rows)))
    parts = [sketch(whole.slice(0, cut), model), sketch(whole.slice(cut), model)]
    assert pa.Table.from_batches(parts) == pa.Table.from_batches([expected])


@QUIET
@given(ROWS, st.randoms())
def test_permuted_rows_give_permuted_sketches(
    batch: Batch, model: IntentModel, rows: list[tuple[Any, ...]], random: Any
) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    whole = exchanges(batch, rows)
    assert sketch(whole.take(pa.array(order)), model) == sketch(whole, model).take(pa.array(order))


def test_the_size_of_pieces_changes_nothing(
    batch: Batch, model: IntentModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"Prompt {i} " + "про мир " * (i % 3) + "and more " * i for i in range(50)]
    whole = batch(prompt=texts, system=texts[::-1], completion=texts)
    expected = sketch(whole, model)
    for piece in (1, 100, 1 << 20):
        monkeypatch.setattr(derive, "PIECE", piece)
        assert sketch(whole, model) == expected


def test_an_empty_batch_has_the_schema(batch: Batch, model: IntentModel) -> None:
    out = sketch(batch(prompt=[]), model)
    assert out.num_rows == 0
    assert out.schema.equals(SCHEMA, check_metadata=True)


def test_the_other_columns_pass_through_and_no_text_does(batch: Batch, model: IntentModel) -> None:
    out = sketch(batch(prompt=["secret words"], account=["a"], tools=[["t"]], turn=[2]), model)
    assert out.schema.equals(SCHEMA, check_metadata=True)
    row = out.to_pylist()[0]
    assert (row["account"], row["tools"], row["turn"]) == ("a", ["t"], 2)
    assert "secret" not in str(row)


def test_wide_strings_give_the_same(batch: Batch, model: IntentModel) -> None:
    narrow = batch(prompt=["Write a poem", None], completion=["é", None], account=["a", "b"])
    wide = pa.RecordBatch.from_arrays(
        [c.cast(pa.large_string()) if pa.types.is_string(c.type) else c for c in narrow.columns],
        names=EXCHANGE.names,
    )
    assert sketch(wide, model) == sketch(narrow, model)


def test_addresses_become_blocks(batch: Batch, model: IntentModel) -> None:
    blocks = {
        "198.51.100.77": "198.51.100.0/24",
        "2001:db8:1:2::3": "2001:db8:1::/48",
        "::ffff:198.51.100.9": "198.51.100.0/24",
        "198.51.100.077": None,
        "198.51.100.256": None,
        "h:ab12": None,
        None: None,
    }
    out = sketch(batch(prompt=["x"] * len(blocks), address=list(blocks)), model)
    assert out.column("address_block").to_pylist() == list(blocks.values())
