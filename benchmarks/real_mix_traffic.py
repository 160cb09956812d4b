"""Traffic of one harvest among people, from third-party words and arrivals.

The prompts of the harvest are one queue: in the order of the file, dealt out in the order of
time, each asked once. Each prompt of a person is used once. Who carries what:

- `realhumaneval` has real account ids, elapsed times and turns. They are kept; only the moment at
  which a person's session begins is drawn, from a real client's process.
- The other people's prompts are spread over innocent accounts whose counts are heavy-tailed
  (lognormal, sigma 1.3, at least one each), at moments drawn from real clients, one client a
  person (`Arrivals.draw`).
- The harvest of the arm `naive` is what disclosed campaigns look like: load balanced, evenly
  paced by one dispatcher. In the arms `careful` and `bare` each of its accounts has the process
  of a real client, drawn as for people, and shares are uneven (lognormal, sigma 0.6), as level L1
  of the range has it. So `careful` and `bare` differ in metadata only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from real_mix_data import Data
from real_mix_people import Columns, dressed, harvesters, innocents
from stillwatch.range.clock import service
from stillwatch.range.tables import ids, texts
from stillwatch.range.truth import TRUTH
from stillwatch.range.world import DAY, World
from stillwatch.traffic.exchange import SCHEMA

BARE = ("exchange_id", "time", "account", "prompt", "completion")


@dataclass(frozen=True)
class Mix:
    """What to build. `exchanges` caps the harvest, 0 takes all of it."""

    harvest: str
    arm: str
    seed: int
    accounts: int = 300
    innocents: int = 600
    days: int = 1
    exchanges: int = 0


def build(data: Data, mix: Mix) -> tuple[pa.Table, pa.Table]:
    """The Exchange table and its truth, in the order of time."""
    start = datetime(2026, 10, 6, tzinfo=UTC)
    world = World(seed=mix.seed, start=start, days=mix.days, split="test")
    parts = [_harvest(world, data, mix), *_people(world, data, mix)]
    columns = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    order = np.argsort(columns["seconds"], kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    n = len(order)
    columns["exchange_id"] = ids(world.rng("exchange"), "ex_", n)
    columns["time"] = world.stamps(columns["seconds"])
    columns["account_created"] = world.stamps(columns["created"])
    columns["operation"], columns["status"] = np.full(n, "chat"), np.full(n, "ok")
    for side, column in (("input", "prompt"), ("output", "completion")):
        # Four characters a token, as the range has it; the data do not say.
        columns[f"{side}_tokens"] = np.array([len(t or "") // 4 + 1 for t in columns[column]])
    names = BARE if mix.arm == "bare" else [c for c in SCHEMA.names if c in columns]
    return _table(columns, pa.schema([SCHEMA.field(c) for c in names])), _table(columns, TRUTH)


def write(data: Data, mix: Mix, out: Path) -> tuple[Path, Path]:
    """Paths of the traffic and of its truth."""
    traffic, truth = build(data, mix)
    (out / "traffic").mkdir(parents=True, exist_ok=True)
    pq.write_table(traffic, out / "traffic" / "part-00000.parquet", compression="zstd")
    pq.write_table(truth, out / "truth.parquet", compression="zstd")
    return out / "traffic", out / "truth.parquet"


def _harvest(world: World, data: Data, mix: Mix) -> Columns:
    rng = world.rng("harvest", mix.harvest)
    queue = data.harvests[mix.harvest]
    if mix.exchanges:
        kept = np.sort(rng.permutation(len(queue))[: mix.exchanges])
        queue = [queue[i] for i in kept]
    accounts = min(mix.accounts, len(queue))
    naive = mix.arm == "naive"
    share = np.exp(rng.normal(0, 0.05 if naive else 0.6, accounts))
    counts = 1 + rng.multinomial(len(queue) - accounts, share / share.sum())
    if naive:
        even = service(world, rng, counts, np.zeros(accounts), rhythm="flat", cv=(0.1, 0.12))
        owner, seconds = even.owner, even.seconds
    else:
        owner = np.repeat(np.arange(accounts), counts)
        drawn = [data.arrivals.draw(rng, n, mix.days) for n in counts.tolist()]
        seconds = np.concatenate(drawn)
    order = np.argsort(seconds, kind="stable")
    owner, seconds = owner[order], seconds[order]
    names, metadata = harvesters(world, mix.harvest, mix.arm, owner, seconds)
    rows = [{"prompt": p, "completion": c, "turn": 1} for p, c in queue]
    columns = _columns(rows, names[owner], seconds, "campaign", metadata)
    columns["campaign"][:] = mix.harvest
    columns["group"][:] = f"campaign:{mix.harvest}"
    columns["item"] = np.arange(len(queue))
    return columns


def _people(world: World, data: Data, mix: Mix) -> list[Columns]:
    known = {s for s, rows in data.people.items() if "account" in rows[0]}
    real = sum(len({r["account"] for r in data.people[s]}) for s in known)
    free = sum(len(rows) for s, rows in data.people.items() if s not in known)
    parts = []
    for source, rows in data.people.items():
        rng = world.rng("people", source)
        if source in known:
            _, owner = np.unique([r["account"] for r in rows], return_inverse=True)
            elapsed = np.array([r["seconds"] for r in rows])
            seconds = np.empty(len(rows))
            for who in range(int(owner.max()) + 1):
                mine = owner == who
                room = 1 - elapsed[mine].max() / (mix.days * DAY)
                begin = data.arrivals.draw(rng, 1, mix.days)[0] * room
                seconds[mine] = begin + elapsed[mine]
        else:
            n = max(1, round((mix.innocents - real) * len(rows) / free))
            share = np.exp(rng.normal(0, 1.3, n))
            counts = 1 + rng.multinomial(len(rows) - n, share / share.sum())
            owner = np.repeat(np.arange(n), counts)
            shuffled = rng.permutation(len(rows))
            drawn = [data.arrivals.draw(rng, k, mix.days) for k in counts.tolist()]
            seconds = np.concatenate(drawn)
        names = ids(rng, "acct_", int(owner.max()) + 1)
        prompts = [rows[i] for i in (range(len(rows)) if source in known else shuffled)]
        first = 0
        for some, accounts in innocents(world, source, names):
            here = np.flatnonzero((owner >= first) & (owner < first + len(some)))
            metadata = dressed(world, accounts, owner[here] - first, seconds[here])
            part = [prompts[i] for i in here]
            kind = f"population:{source}"
            parts.append(_columns(part, names[owner[here]], seconds[here], kind, metadata))
            first += len(some)
    return parts


def _columns(
    rows: list[dict], account: np.ndarray, seconds: np.ndarray, kind: str, metadata: Columns
) -> Columns:
    n = len(rows)
    return {
        "account": account,
        "seconds": seconds,
        "prompt": texts(r["prompt"] for r in rows),
        "completion": texts(r["completion"] or None for r in rows),
        "turn": np.array([r["turn"] for r in rows], dtype=np.int64),
        "campaign": np.full(n, None, dtype=object),
        "kind": np.full(n, kind, dtype=object),
        "group": np.full(n, kind, dtype=object),
        "item": np.full(n, -1, dtype=np.int64),
        **metadata,
    }


def _table(columns: Columns, schema: pa.Schema) -> pa.Table:
    n = len(columns["seconds"])
    nothing = {"item": columns["item"] < 0, "temperature": np.isnan(columns["temperature"])}
    return pa.table(
        [
            pa.array(columns[f.name], f.type, mask=nothing.get(f.name), from_pandas=False)
            if f.name in columns
            else pa.nulls(n, f.type)
            for f in schema
        ],
        schema=schema,
    )
