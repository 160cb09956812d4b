"""Claims about example texts: useful to see, and nobody's alone."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from stillwatch.sketch import examples, sketch
from stillwatch.sketch.intents import IntentModel

Batch = Callable[..., pa.RecordBatch]


def test_a_template_of_three_accounts_has_a_masked_example(
    batch: Batch, model: IntentModel
) -> None:
    rows = batch(
        prompt=[f"Grade answer {i} for {n} now please!" for i, n in enumerate(("Al", "Bo", "Cy"))],
        system=[f"You grade essays. Today is 2026-01-0{i}." for i in range(3)],
        completion=[f"Sure, {i} it is then" for i in range(3)],
        account=["a", "b", "c"],
    )
    table = examples(rows, sketch(rows, model))
    found = {row["kind"]: row["example"] for row in table.to_pylist()}
    assert found == {
        "system_template": "you grade essays today is ⟨number⟩",
        "head": "grade answer ⟨number⟩ for ⟨name⟩ now",
        "tail": "answer ⟨number⟩ for ⟨name⟩ now please",
        "reply_head": "sure ⟨number⟩ it is",
    }


def test_what_fewer_accounts_share_is_never_kept(batch: Batch, model: IntentModel) -> None:
    private = "the door code is swordfish"
    rows = batch(
        prompt=[private, private, private, "hello", "hello", "hello", "x y"],
        system=[private] * 2 + [None] * 5,
        account=["a", "a", "b", "a", "b", "c", None],
    )
    text = str(examples(rows, sketch(rows, model)).to_pylist())
    assert "swordfish" not in text
    assert "hello" in text


def test_long_system_prompts_are_cut(batch: Batch, model: IntentModel) -> None:
    rows = batch(prompt=["x"] * 3, system=["word " * 1000] * 3, account=["a", "b", "c"])
    table = examples(rows, sketch(rows, model))
    texts = [r["example"] for r in table.to_pylist() if r["kind"] == "system_template"]
    assert len(texts[0]) == 400


def test_no_rows_no_examples(batch: Batch, model: IntentModel) -> None:
    rows = batch(prompt=[])
    assert examples(rows, sketch(rows, model)).num_rows == 0
