"""How fast texts are searched for marks, beside the detectors that `transformers` has.

    python benchmarks/marks_speed.py [--tokens 200000] [--rounds 3]

Random token ids of a vocabulary of 32,000, in texts of 500. Its peers are `WatermarkDetector`
(green lists, windows that come again counted once) and `SynthIDTextWatermarkDetector` (contexts
that come again left out; its Bayesian module is not trained, which takes as long), on a CPU, in the
same process and rounds. `bits alone` is the part of the latter that computes bits, without what
leaves out contexts and without a verdict. They are given fewer tokens where they are slow; tokens
per second are compared. Then one key and a thousand over a million tokens.

`transformers` and torch are no dependency of ours: they are in `.bench/minilm-venv`, which
`sketch_speed.py` makes, and this script runs itself there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np

HOME = Path(".bench")
VENV = HOME / "minilm-venv"
NEEDS = ("scipy", "cryptography")
VOCABULARY = 32_000
LENGTH = 500
PEER_TOKENS = {"green lists": 5_000, "tournament": 100_000, "bits alone": 100_000}
KEYS = 1_000
LAYERS = list(range(1, 31))
MANY = 1_000_000


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def texts(tokens: int) -> list[np.ndarray]:
    chance = np.random.default_rng(1)
    return list(chance.integers(1, VOCABULARY, (tokens // LENGTH, LENGTH)))


def peers() -> dict[str, Callable[[list[np.ndarray]], object]]:
    import torch
    from transformers import (
        BayesianDetectorConfig,
        BayesianDetectorModel,
        PretrainedConfig,
        SynthIDTextWatermarkDetector,
        WatermarkDetector,
    )
    from transformers.generation.logits_process import SynthIDTextWatermarkLogitsProcessor

    torch.set_num_threads(2)
    config = {
        "greenlist_ratio": 0.25,
        "bias": 2.0,
        "hashing_key": 15485863,
        "seeding_scheme": "lefthash",
        "context_width": 1,
    }
    model = PretrainedConfig(vocab_size=VOCABULARY, bos_token_id=0)
    green = WatermarkDetector(model, "cpu", config, ignore_repeated_ngrams=True)
    synthid = SynthIDTextWatermarkLogitsProcessor(
        ngram_len=4,
        keys=LAYERS,
        sampling_table_size=2**16,
        sampling_table_seed=0,
        context_history_size=1024,
        device="cpu",
    )
    module = BayesianDetectorModel(BayesianDetectorConfig(watermarking_depth=len(LAYERS)))
    tokenizer = SimpleNamespace(eos_token_id=0)
    whole = SynthIDTextWatermarkDetector(module.eval(), synthid, tokenizer)
    return {
        "green lists": lambda given: green(torch.tensor(np.array(given)), return_dict=True),
        "tournament": lambda given: whole(torch.tensor(np.array(given))),
        "bits alone": lambda given: synthid.compute_g_values(torch.tensor(np.array(given))),
    }


def measured(tokens: int, rounds: int) -> dict[str, object]:
    from stillwatch.marks import GreenList, Gumbel, Tournament, detect
    from stillwatch.marks.engines.transformers_synthid import TransformersSynthID

    key = {"a": bytes(16)}
    schemes = {"green lists": GreenList(width=1), "tournament": Tournament(), "gumbel": Gumbel()}
    native = TransformersSynthID(tuple(LAYERS), ngram_len=4)
    ours: dict[str, Callable[[list[np.ndarray]], object]] = {
        name: lambda given, scheme=scheme: detect(given, scheme, key)
        for name, scheme in schemes.items()
    }
    ours["tournament of transformers"] = native.score
    against = {
        "green lists": ["green lists"],
        "tournament": ["tournament", "bits alone"],
        "tournament of transformers": ["tournament", "bits alone"],
    }
    theirs = peers()
    given = texts(tokens)
    few = {name: texts(count) for name, count in PEER_TOKENS.items()}
    rates: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, work in ours.items():
            took = timed(lambda work=work: work(given))
            rates.setdefault(name, []).append(tokens / took)
        for name, work in theirs.items():
            took = timed(lambda name=name, work=work: work(few[name]))
            rates.setdefault(f"{name}, transformers", []).append(PEER_TOKENS[name] / took)
    middle = {name: statistics.median(found) for name, found in rates.items()}
    many = texts(MANY)
    keys = {str(n): n.to_bytes(16, "big") for n in range(KEYS)}
    green_one = timed(lambda: detect(many, GreenList(), key))
    green_all = timed(lambda: detect(many, GreenList(), keys))
    return {
        "tokens_per_second": middle,
        "times": {
            f"{name} / {peer}": middle[name] / middle[f"{peer}, transformers"]
            for name, peers in against.items()
            for peer in peers
        },
        "one_key_s": green_one,
        "thousand_keys_s": green_all,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if "STILLWATCH_INSIDE" not in os.environ:
        if not (VENV / "bin" / "python").exists():
            sys.exit(f"{VENV} is not there; run benchmarks/sketch_speed.py first, which makes it")
        python = VENV / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", *NEEDS], check=True)
        inside = os.environ | {"PYTHONPATH": "src", "STILLWATCH_INSIDE": "1"}
        sys.exit(subprocess.run([python, *sys.argv], env=inside, check=False).returncode)
    found = measured(given.tokens, given.rounds)
    rates: dict[str, float] = found["tokens_per_second"]  # type: ignore[assignment]
    for name, rate in rates.items():
        print(f"{name:28} {rate:14,.0f} tokens/s")
    times: dict[str, float] = found["times"]  # type: ignore[assignment]
    for name, ratio in times.items():
        print(f"{name:48} {ratio:10,.0f} times as fast")
    print(
        f"{MANY:,} tokens: one key {found['one_key_s']:.2f} s, {KEYS:,} keys "
        f"{found['thousand_keys_s']:.1f} s"
    )
    (HOME / "marks_speed.json").write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
