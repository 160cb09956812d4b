"""Whether the statistics of links and groups stay calm on people whom nobody here simulated.

    python benchmarks/coordination.py [--seed 1] [--out .bench/coordination]

67,395 dated reviews of 201 products by 38,063 users, of which a site's filter held 8,919 for fake,
are read as if they were traffic: a user is an account, a review an exchange, its prompt the stars
and the product, its model the product, its gateway the week; users of one product in one week are
linked (`coordination.yml`). Fraud with reviews is no distillation, and nothing here is fitted on
it. Asked are two things. Does a scan accuse anybody, where thousands of people are bound together
by what they like and when? And do its bits, where nothing of who is behind an account is known,
tell groups with many fakes from others? The second arm deals the weeks anew, so that whoever was
coordinated no longer is: what is told there comes from the products alone.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import shutil
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import stats

from real_mix_data import folder
from stillwatch.config import Settings
from stillwatch.range.rate import Rate, rate
from stillwatch.scan import scan
from stillwatch.version import __version__

FILE = "coordination_reviews.tsv.gz"
RULE = Path(__file__).with_suffix(".yml")
ARMS = ("as posted", "weeks dealt anew")
STARS = {"1.0": "awful", "2.0": "poor", "3.0": "fair", "4.0": "good", "5.0": "superb"}
FIRST = date(2004, 1, 5)
"""A Monday before the first review."""


class Review(NamedTuple):
    user: str
    product: int
    stars: str
    fake: bool
    week: int


def main() -> None:
    """Scan both arms, and print what was said of whom."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(".bench/coordination"))
    given = parser.parse_args()
    where = folder()
    if not (where / FILE).is_file():
        print(f"skipped: {where} lacks {FILE}; set STILLWATCH_DATA to the folder")
        return
    reviews = load(where / FILE)
    anew = np.random.default_rng(given.seed).permutation([r.week for r in reviews]).tolist()
    dealt = [r._replace(week=week) for r, week in zip(reviews, anew, strict=True)]
    rows = [
        {"arm": arm, **measured(posted, given.out / arm.replace(" ", "-"))}
        for arm, posted in zip(ARMS, (reviews, dealt), strict=True)
    ]
    figures = {"benchmark": "coordination", "version": __version__, "seed": given.seed}
    told = given.out / "coordination.json"
    told.write_text(json.dumps({**figures, "rows": rows}, indent=1), encoding="utf-8")
    Console().print(table(rows), f"Written to {told}")


def load(path: Path) -> list[Review]:
    """All reviews, in the order of the file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [
            Review(user, int(product), stars, label == "-1", _week(day))
            for user, product, stars, label, day in csv.reader(lines, delimiter=" ")
        ]


def _week(day: str) -> int:
    return (date.fromisoformat(day) - FIRST).days // 7


def write(reviews: Sequence[Review], path: Path) -> None:
    """The reviews in Stillwatch's own format. Products have made-up names: digits are masked."""
    rng = np.random.default_rng(0)
    products = max(review.product for review in reviews) + 1
    names = ["".join(map(chr, 97 + rng.integers(0, 26, 7))) for _ in range(products)]
    with path.open("w", encoding="utf-8") as file:
        for number, review in enumerate(reviews):
            day = FIRST + timedelta(weeks=review.week, days=3)
            name = names[review.product]
            row = {
                "exchange_id": str(number),
                "time": f"{day}T12:00:00Z",
                "account": review.user,
                "prompt": f"{STARS[review.stars]} {name}",
                "model": name,
                "gateway": f"week {review.week}",
            }
            file.write(json.dumps(row) + "\n")


def measured(reviews: Sequence[Review], home: Path) -> dict:
    """What a scan says of the reviews, beside what the site's filter said."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    write(reviews, home / "reviews.jsonl")
    result = scan([home / "reviews.jsonl"], home / "scan", settings=Settings(rules=(RULE,)))
    fakers = {review.user for review in reviews if review.fake}
    document = result.document
    bits = {c.id: c.bits for c in document.groups}
    held = defaultdict(list)
    for row in result.accounts.select(["account", "campaign"]).to_pylist():
        if row["campaign"] in bits:
            held[row["campaign"]].append(row["account"] in fakers)
    told = stats.spearmanr([bits[g] for g in held], [np.mean(held[g]) for g in held])
    users = len({review.user for review in reviews})
    flagged = sum(c.account_count for c in document.campaigns)
    inside = [one for group in held.values() for one in group]
    return {
        "groups": document.weighed,
        "campaigns": len(document.campaigns),
        "leads": len(document.leads),
        "users_flagged": rate(flagged, users).model_dump(),
        "highest_bits": round(max(bits.values()), 2),
        "fakers": rate(len(fakers), users).model_dump(),
        "fakers_in_groups": rate(sum(inside), len(inside)).model_dump(),
        "rank_correlation": {"rho": round(told.statistic, 3), "p": round(told.pvalue, 4)},
    }


def table(rows: list[dict]) -> Table:
    """One column an arm."""
    out = Table(title="Reviews read as traffic (95 % Clopper-Pearson intervals)")
    for name in ("", *ARMS):
        out.add_column(name)
    lines = {
        "groups weighed": lambda row: f"{row['groups']}",
        "reported; leads": lambda row: f"{row['campaigns']}; {row['leads']}",
        "users flagged": lambda row: str(Rate(**row["users_flagged"])),
        "highest bits": lambda row: f"{row['highest_bits']:+.1f}",
        "users with a fake": lambda row: str(Rate(**row["fakers"])),
        "… of those in groups shown": lambda row: str(Rate(**row["fakers_in_groups"])),
        "bits and share of fakes, rank correlation": lambda row: (
            f"{row['rank_correlation']['rho']:+.2f} (p = {row['rank_correlation']['p']:.2g})"
        ),
    }
    for name, of in lines.items():
        out.add_row(name, *(of(row) for row in rows))
    return out


if __name__ == "__main__":
    main()
