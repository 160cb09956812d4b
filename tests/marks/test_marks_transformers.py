"""Marks in `transformers`, with a small model of random weights; skipped without it."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.marks import GreenList, Gumbel, Marker, Scheme, Tournament, detect

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


@pytest.mark.parametrize("scheme", [GreenList(), Gumbel(), Tournament()], ids=lambda s: s.name)
def test_each_row_has_the_mark_of_its_account(scheme: Scheme) -> None:
    from stillwatch.marks.serving.transformers import MarkingLogitsProcessor

    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=500, n_positions=256, n_embd=32, n_layer=2, n_head=2
    )
    model = transformers.GPT2LMHeadModel(config).eval()
    keys = {str(n): n.to_bytes(16, "big") for n in range(12)}
    markers = [Marker(scheme, keys["3"]), None, Marker(scheme, keys["7"])]
    made = model.generate(
        torch.randint(0, 500, (3, 6)),
        do_sample=True,
        top_p=0.95,
        min_new_tokens=200,
        max_new_tokens=200,
        pad_token_id=0,
        eos_token_id=None,
        logits_processor=[MarkingLogitsProcessor(markers)],
    )
    rows = [np.asarray(row[6:]) for row in made.numpy()]
    assert [detect([row], scheme, keys).named() for row in rows] == [["3"], [], ["7"]]
    with pytest.raises(ValueError, match="1 markers for 2 rows"):
        MarkingLogitsProcessor([None])(made[:2], torch.zeros(2, 500))
