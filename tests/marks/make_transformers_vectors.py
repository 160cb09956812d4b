"""Writes transformers_vectors.json: what `transformers` computes, to compare with.

python tests/marks/make_transformers_vectors.py     # with transformers and torch installed
"""

# mypy: ignore-errors
from __future__ import annotations

import json
from pathlib import Path

import torch
import transformers
from transformers import PretrainedConfig, WatermarkDetector
from transformers.generation.logits_process import (
    SynthIDTextWatermarkLogitsProcessor,
    WatermarkLogitsProcessor,
)

KEYS = [654, 400, 836, 123, 340, 443, 597, 160, 57]
VOCABULARY = 997
SHOWN = 12
"""Tokens of each green list that are written: enough to tell lists apart."""


def synthid() -> dict:
    ids = torch.randint(0, 50000, (2, 12))
    ids[1, 6:] = ids[1, :6]
    processor = SynthIDTextWatermarkLogitsProcessor(
        ngram_len=5,
        keys=KEYS,
        sampling_table_size=2**16,
        sampling_table_seed=0,
        context_history_size=1024,
        device="cpu",
    )
    return {
        "keys": KEYS,
        "ngram_len": 5,
        "table_size": 2**16,
        "table_seed": 0,
        "input_ids": ids.tolist(),
        "g_values": processor.compute_g_values(ids).tolist(),
    }


def green(scheme: str, width: int) -> dict:
    config = {
        "greenlist_ratio": 0.25,
        "bias": 2.0,
        "hashing_key": 15485863,
        "seeding_scheme": scheme,
        "context_width": width,
    }
    processor = WatermarkLogitsProcessor(vocab_size=VOCABULARY, device="cpu", **config)
    prefixes = torch.randint(0, VOCABULARY, (6, width))
    lists = [sorted(processor._get_greenlist_ids(p).tolist())[:SHOWN] for p in prefixes]
    text = torch.randint(0, VOCABULARY, (1, 60))
    text[0, 40:] = text[0, :20]
    model = PretrainedConfig(vocab_size=VOCABULARY, bos_token_id=-1)
    detector = WatermarkDetector(model, "cpu", dict(config), ignore_repeated_ngrams=True)
    told = detector(text, return_dict=True)
    return {
        **config,
        "vocab_size": VOCABULARY,
        "prefixes": prefixes.tolist(),
        "greenlists": lists,
        "text": text[0].tolist(),
        "windows": int(told.num_tokens_scored[0]),
        "hits": int(told.num_green_tokens[0]),
        "z": float(told.z_score[0]),
    }


def main() -> None:
    torch.manual_seed(0)
    vectors = {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "synthid": synthid(),
        "green": [green("lefthash", 1), green("selfhash", 4), green("selfhash", 1)],
    }
    path = Path(__file__).with_name("transformers_vectors.json")
    path.write_text(json.dumps(vectors, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
