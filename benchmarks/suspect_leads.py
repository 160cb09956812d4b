"""How often leads without marks accuse the innocent, and how often they find what is there.

    python benchmarks/suspect_leads.py [--seed 2026] [--out .bench/suspect_leads.json] [--quick]

All models are simulated (`leads_models.py`): nothing here says how well real ones are told apart.
What carries over is the rate of false alarms, which rests on exchangeability and on nothing that
was simulated. Settings were chosen with other seeds. Intervals are 95 %, Clopper and Pearson's;
each counted trial has a model of its own.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from leads_canaries import canary_arms
from leads_equality import equality_arms
from leads_style import style_arms
from stillwatch.range.rate import rate

Count = tuple[int, int]
ARMS: tuple[tuple[str, Callable[[int, bool], Mapping[str, Count]]], ...] = (
    ("same", equality_arms),
    ("style", style_arms),
    ("canary", canary_arms),
)


def interval(count: Count) -> tuple[float, float]:
    """Clopper and Pearson's, 95 %."""
    found = rate(*count)
    return found.low, found.high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--out", type=Path, default=Path(".bench/suspect_leads.json"))
    parser.add_argument("--quick", action="store_true", help="a tenth of the trials")
    given = parser.parse_args()
    told: dict[str, dict[str, object]] = {}
    for lead, arms in ARMS:
        begun = time.perf_counter()
        for arm, count in arms(given.seed, given.quick).items():
            low, high = interval(count)
            told.setdefault(lead, {})[arm] = {
                "hits": count[0],
                "trials": count[1],
                "interval": [low, high],
            }
            share = f"{count[0] / count[1]:7.2%}"
            print(f"{lead:7} {arm:58} {share}  {low:.2%}-{high:.2%}  of {count[1]:,}", flush=True)
        print(f"{lead:7} took {time.perf_counter() - begun:.0f} s", flush=True)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps({"seed": given.seed, "arms": told}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
