"""The traffic of the benchmark on third-party data is what its description says."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from real_mix_data import Data, folder, load, missing
from real_mix_people import ARMS
from real_mix_traffic import BARE, Mix, build
from stillwatch.range.truth import TRUTH
from stillwatch.traffic.exchange import SCHEMA

MIX = Mix("fireact", "careful", seed=3, accounts=40, innocents=200, exchanges=400)


@pytest.fixture(scope="module")
def data() -> Data:
    if lacking := missing(folder()):
        pytest.skip(f"third-party data are not there: {folder()} lacks {', '.join(lacking)}")
    return load(folder())


@pytest.fixture(scope="module", params=ARMS)
def built(data: Data, request: pytest.FixtureRequest) -> tuple[pa.Table, pa.Table]:
    return build(data, replace(MIX, arm=request.param))


def test_every_human_prompt_is_used_once(data: Data, built: tuple[pa.Table, pa.Table]) -> None:
    given = Counter(r["prompt"] for rows in data.people.values() for r in rows)
    used = Counter(r["prompt"] for r in _joined(built) if r["campaign"] is None)
    assert used == given


def test_the_queue_is_asked_once_and_in_order(data: Data, built: tuple[pa.Table, pa.Table]) -> None:
    rows = [r for r in _joined(built) if r["campaign"]]
    assert [r["item"] for r in rows] == list(range(400))
    place: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, pair in enumerate(data.harvests["fireact"]):
        place[pair].append(i)
    asked = Counter((r["prompt"], r["completion"]) for r in rows)
    assert all(count <= len(place[pair]) for pair, count in asked.items())
    assert {r["turn"] for r in rows} <= {1, None}


def test_shards_are_disjoint_and_everybody_has_one(built: tuple[pa.Table, pa.Table]) -> None:
    shards: dict[str, list[int]] = defaultdict(list)
    for row in built[1].to_pylist():
        if row["campaign"]:
            shards[row["account"]].append(row["item"])
    assert len(shards) == 40
    assert sorted(i for shard in shards.values() for i in shard) == list(range(400))


def test_truth_covers_all(built: tuple[pa.Table, pa.Table]) -> None:
    traffic, truth = built
    assert truth.schema == TRUTH
    for name in ("exchange_id", "time", "account"):
        assert traffic[name].to_pylist() == truth[name].to_pylist()
    ids = truth["exchange_id"].to_pylist()
    assert len(set(ids)) == len(ids)


def test_nobody_is_both_harvester_and_innocent(built: tuple[pa.Table, pa.Table]) -> None:
    rows = built[1].to_pylist()
    guilty = {r["account"] for r in rows if r["campaign"]}
    innocent = {r["account"] for r in rows if not r["campaign"]}
    assert not guilty & innocent
    assert len(innocent) == pytest.approx(200, abs=2)


def test_real_people_keep_their_account_and_elapsed_times(data: Data) -> None:
    traffic, truth = build(data, MIX)
    sessions: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for row, known in zip(traffic.to_pylist(), truth.to_pylist(), strict=True):
        if known["kind"] == "population:realhumaneval":
            sessions[row["account"]].append((row["time"].timestamp(), row["prompt"]))
    given: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for r in data.people["realhumaneval"]:
        given[r["account"]].append((r["seconds"], r["prompt"]))
    for (prompts, times), (asked, elapsed) in zip(_elapsed(sessions), _elapsed(given), strict=True):
        assert prompts == asked
        assert times == pytest.approx(elapsed, abs=1e-3)


def test_bare_has_no_metadata_and_careful_no_shared_metadata(data: Data) -> None:
    bare, _ = build(data, replace(MIX, arm="bare"))
    assert tuple(sorted(bare.column_names)) == tuple(sorted(BARE))
    careful, truth = build(data, MIX)
    assert set(careful.column_names) <= set(SCHEMA.names)
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row, known in zip(careful.to_pylist(), truth.to_pylist(), strict=True):
        if known["campaign"]:
            for name in ("address", "payment_mark"):
                owners[name, row[name]].add(row["account"])
            assert (row["time"] - row["account_created"]).days >= 59
    assert all(len(accounts) == 1 for accounts in owners.values())


def test_naive_shares_payments_and_addresses(data: Data) -> None:
    traffic, truth = build(data, replace(MIX, arm="naive"))
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row, known in zip(traffic.to_pylist(), truth.to_pylist(), strict=True):
        if known["campaign"]:
            for name in ("address", "payment_mark"):
                owners[name, row[name]].add(row["account"])
    for name in ("address", "payment_mark"):
        assert max(len(a) for (kind, _), a in owners.items() if kind == name) > 1


def test_the_same_seed_gives_the_same_traffic(data: Data) -> None:
    assert build(data, MIX)[0].equals(build(data, MIX)[0])
    assert not build(data, MIX)[0].equals(build(data, replace(MIX, seed=4))[0])


def _joined(built: tuple[pa.Table, pa.Table]) -> list[dict[str, Any]]:
    traffic, truth = built
    pairs = zip(truth.to_pylist(), traffic.to_pylist(), strict=True)
    return [{"turn": None, **known, **row} for known, row in pairs]


def _elapsed(sessions: dict[str, list[tuple[float, str]]]) -> list[tuple[list[str], list[float]]]:
    """For each session its prompts in alphabetical order, and when they came after the first."""
    out = []
    for rows in sessions.values():
        first = min(t for t, _ in rows)
        ordered = sorted((p, t - first) for t, p in rows)
        out.append(([p for p, _ in ordered], [t for _, t in ordered]))
    return sorted(out)
