"""Whether real harvests are found among real people's prompts.

    python benchmarks/real_mix.py [--seeds 3] [--accounts 300] [--innocents 600] [--days 1]
                                  [--exchanges 0] [--out .bench/real_mix]

Three harvests that were really collected from a teacher's API, each hidden by itself among what
people really typed, at moments drawn from real clients of a production service (how:
`real_mix_traffic.py`). Metadata is in none of these data and is simulated, in three arms that are
all reported (`real_mix_people.py`). Nothing in Stillwatch was fitted on any of these data, and
nothing may be tuned to them.

The harvests are large against the people there are (a third to 58 % of all exchanges), so what is
usual among the innocent is harder to learn here than in a provider's traffic, where campaigns are
a percent or less. `--exchanges 1200` takes 1,200 of the queue at random: four an account.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

import stillwatch
from real_mix_data import Data, folder, load, missing
from real_mix_outcome import outcome
from real_mix_people import ARMS
from real_mix_traffic import Mix, write
from stillwatch.range.rate import Rate
from stillwatch.scan import scan
from stillwatch.version import __version__


def main() -> None:
    """Build, scan, score, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--accounts", type=int, default=300, help="accounts of the harvest")
    parser.add_argument("--innocents", type=int, default=600, help="accounts of people")
    parser.add_argument("--days", type=int, default=1, choices=(1, 2))
    parser.add_argument("--exchanges", type=int, default=0, help="cap of a harvest; 0: all of it")
    parser.add_argument("--out", type=Path, default=Path(".bench/real_mix"))
    given = parser.parse_args()
    where = folder()
    if lacking := missing(where):
        print(f"skipped: {where} lacks {', '.join(lacking)}; set STILLWATCH_DATA to the folder")
        return
    data = load(where)
    rows = []
    for harvest in data.harvests:
        for arm in ARMS:
            for seed in range(1, given.seeds + 1):
                mix = Mix(
                    harvest,
                    arm,
                    seed,
                    accounts=given.accounts,
                    innocents=given.innocents,
                    days=given.days,
                    exchanges=given.exchanges,
                )
                home = given.out / f"{harvest}-{arm}-{seed}"
                shutil.rmtree(home, ignore_errors=True)
                rows.append(
                    {"harvest": harvest, "arm": arm, "seed": seed, **measured(data, mix, home)}
                )
                print(f"{harvest} {arm} {seed}: {rows[-1]['state']}", file=sys.stderr, flush=True)
    settings = {k: v for k, v in vars(given).items() if k != "out"}
    figures = {
        "benchmark": "real_mix",
        "version": __version__,
        "source": source(),
        "settings": settings,
        "load": os.getloadavg(),
        "rows": rows,
    }
    (given.out / "real_mix.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    wide = None if sys.stdout.isatty() else 210
    Console(width=wide).print(table(rows), f"Written to {given.out / 'real_mix.json'}")


def measured(data: Data, mix: Mix, home: Path) -> dict:
    """Figures of one mix. A scan that fails is a result too: the others are still measured."""
    traffic, truth = write(data, mix, home)
    begun = time.perf_counter()
    try:
        found = scan([traffic], home / "scan")
    except Exception as error:
        return {"state": "failed", "error": f"{type(error).__name__}: {error}"}
    return {
        "scanned": found.document.reading.exchanges,
        "scan_seconds": round(time.perf_counter() - begun, 2),
        **outcome(home / "scan", truth),
    }


def source() -> str:
    """Digest of the package as it was run, weights and models included."""
    root = Path(stillwatch.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in {".py", ".json", ".npz", ".toml"}:
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def table(rows: list[dict]) -> Table:
    """One line a scan. Rates are in percent with their 95 % intervals."""
    out = Table(title="Harvests among people (95 % Clopper-Pearson intervals)")
    names = ("harvest", "arm", "seed", "found", "bits", "q", "acc. recall", "acc. precision")
    names += ("exch. recall", "exch. prec.", "false", "innocents flagged", "gathered", "closest")
    for name in names:
        out.add_column(name, justify="left" if name in names[:2] else "right")
    for row in rows:
        if row["state"] == "failed":
            out.add_row(
                row["harvest"], row["arm"], str(row["seed"]), "failed", *[""] * 9, row["error"][:40]
            )
            continue
        accounts, exchanges = row["accounts"], row["exchanges"]
        state = "yes" if row["state"] == "found" else row["state"]
        state += f" ({row['pieces']})" if row["pieces"] > 1 else ""
        flagged = row["innocents_flagged"]
        out.add_row(
            row["harvest"],
            row["arm"],
            str(row["seed"]),
            state,
            "–" if row["bits"] is None else f"{row['bits']:.1f}",
            "–" if row["q"] is None else f"{row['q']:.1g}",
            str(Rate(**accounts["recall"])),
            str(Rate(**accounts["precision"])),
            _short(exchanges["recall"]),
            _short(exchanges["precision"]),
            str(row["false_campaigns"]),
            f"{flagged['hits']}/{flagged['of']}",
            _gathered(row["gathered"]),
            _closest(row["best"]),
        )
    return out


def _short(rate: dict) -> str:
    return "–" if rate["value"] is None else f"{100 * rate['value']:.1f}%"


def _gathered(found: dict) -> str:
    """Harvesters in groups that are mostly theirs, how many groups, and the bits of the first."""
    if not found["groups"]:
        return f"0/{found['of']}"
    return f"{found['accounts']}/{found['of']} in {found['groups']}, {found['bits']:+.1f} bits"


def _closest(best: dict | None) -> str:
    """Verdict, rank by bits, bits, and how many of its accounts are the harvest's."""
    if best is None:
        return "none"
    who = f"{best['guilty']}/{best['accounts']}"
    return f"{best['verdict']} {best['rank']}/{best['of']}, {best['bits']:+.1f}, {who}"


if __name__ == "__main__":
    main()
