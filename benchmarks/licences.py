"""What licences do to a scan: the licensed are left alone, a harvest beyond its licence is found,
and nobody else is accused for it.

    python benchmarks/licences.py [--scenario demo] [--random 10] [--out .bench/licences]

The campaign of a scenario is given a licence for all it takes, and one for a third of it, so that
it goes to three times its volume. Then accounts at random are licensed, whole and in part, and the
results are compared with those without any licence. Seeds are 1, 2, ...; intervals are
Clopper-Pearson at 95 %.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import yaml
from scipy.stats import binomtest

import stillwatch as sw
from stillwatch.range import load_scenario, make

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="demo")
    parser.add_argument("--random", type=int, default=10, help="Draws of accounts at random.")
    parser.add_argument("--out", type=Path, default=Path(".bench/licences"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    home = given.out / given.scenario
    if not (home / "truth.parquet").exists():
        make(load_scenario(given.scenario), home)
    truth = pq.read_table(home / "truth.parquet").to_pylist()
    guilty = {row["account"] for row in truth if row["campaign"]}
    taken = sum(row["account"] in guilty for row in truth)

    plain = scan(home, given.out / "plain", home / "traffic", [])
    sketches = given.out / "plain" / "sketches"
    rows = [told("no licence", plain, plain, guilty)]
    whole = licence("whole", guilty)
    third = licence("third", guilty, volume=taken // 3)
    for name, one in (("licence for all", whole), ("licence for a third", third)):
        found = scan(home, given.out / one["id"], sketches, [one])
        rows.append(told(name, found, plain, guilty))
    everybody = sorted({row["account"] for row in truth} - guilty)
    for seed in range(1, given.random + 1):
        rng = np.random.default_rng(seed)
        share = float(rng.choice([0.01, 0.05, 0.2]))
        drawn = rng.choice(everybody, int(share * len(everybody)), replace=False)
        volume = None if seed % 2 else int(2 * len(drawn))
        one = licence("random", drawn, volume=volume)
        found = scan(home, given.out / "random", sketches, [one])
        half = "in part" if volume else "whole"
        rows.append(told(f"{len(drawn)} innocents, {half}, seed {seed}", found, plain, guilty))
    report(rows, given.random)
    (given.out / "licences.json").write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


def licence(name: str, accounts: Iterable[str], volume: int | None = None) -> Row:
    limits = {} if volume is None else {"volume": {"exchanges": volume, "per": "term"}}
    return {
        **{"id": name, "holder": "Heron Learning", "kind": "distillation", "purpose": "Measured."},
        **{"accounts": sorted(map(str, accounts)), "models": "any"},
        **{"from": "2026-01-01", "until": "2027-01-01"},
        **limits,
    }


def scan(home: Path, out: Path, what: Path, licences: list[Row]) -> sw.Result:
    files = []
    for one in licences:
        path = home / f"{one['id']}.yml"
        path.write_text(yaml.safe_dump(one, sort_keys=False), "utf-8")
        files.append(path)
    settings = sw.Settings(workers=1, licences=tuple(files))
    return sw.scan(what, out, settings=settings)


def told(name: str, found: sw.Result, plain: sw.Result, guilty: set[str]) -> Row:
    """What a scan reports, and whom it accuses that the scan without licences does not."""
    reported = {m.account for c in found.campaigns for m in c.accounts}
    before = {m.account for c in plain.campaigns for m in c.accounts}
    bits = {row["account"]: row for row in plain.accounts.to_pylist()}
    licensed = {row["account"] for row in found.accounts.to_pylist() if row["licensed"]}
    moved = [
        row["own_bits"] - bits[row["account"]]["own_bits"]
        for row in found.accounts.to_pylist()
        if row["account"] not in licensed
    ]
    return {
        "scan": name,
        "campaigns": len(found.campaigns),
        "leads": len(found.document.leads),
        "bits": [round(c.bits, 2) for c in found.campaigns],
        "accounts": len(reported),
        "guilty": len(reported & guilty),
        "covered": found.document.reading.licensed,
        "exchanges": sum(c.exchanges for c in found.campaigns),
        "newly_accused": len(reported - before),
        "innocent_accused": len(reported - guilty),
        "most_own_bits_moved": round(max(map(abs, moved), default=0.0), 4),
    }


def report(rows: list[Row], drawn: int) -> None:
    print("| scan | campaigns | leads | bits | accounts | of these guilty | covered | attributed |")
    print("| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        bits = ", ".join(map(str, row["bits"]))
        cells = (row["scan"], row["campaigns"], row["leads"], bits, row["accounts"], row["guilty"])
        print("|", " | ".join(map(str, (*cells, row["covered"], row["exchanges"]))), "|")
    random = rows[-drawn:] if drawn else []
    worse = sum(row["newly_accused"] > 0 for row in random)
    if random:
        most = max(row["most_own_bits_moved"] for row in random)
        low, high = binomtest(worse, drawn).proportion_ci()
        print(
            f"Newly accused by a licence of others: in {worse} of {drawn} draws "
            f"({100 * worse / drawn:.0f} %, {100 * low:.0f} to {100 * high:.0f} %). Own bits of "
            f"accounts without a licence moved by {most:g} at most."
        )


if __name__ == "__main__":
    main()
