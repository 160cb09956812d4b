"""A scan such as a provider might get: two campaigns, a lead, three lookalikes, signals skipped.

`python tests/report/example.py OUT.html` writes its report, to look at.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from example_campaigns import hydra, relay
from example_others import lead, lookalikes, sleeper
from example_parts import FIRST, LAST

from stillwatch.campaigns.document import Reading, Scan, Skipped
from stillwatch.licences.document import Fullest, LicenceUse
from stillwatch.report import render


def scan() -> Scan:
    campaigns = (hydra(), relay())
    return Scan(
        schema="stillwatch.campaigns/1",
        version="0.1.0",
        made=datetime(2026, 5, 15, 3, 7, tzinfo=UTC),
        reading=Reading(
            files=28, exchanges=1_204_833, accounts=4_012, duplicates=1_911,
            rejected={"missing time": 212, "not JSON": 41, "missing prompt": 1_377},
            licensed=40_117, first=FIRST + timedelta(seconds=3), last=LAST,
        ),
        fdr=0.05, account_fpr=0.0001, weighed=41, expected_false=0.023,
        campaigns=campaigns, leads=(lead(),), spared=lookalikes(),
        after=datetime(2026, 5, 14, 3, 6, tzinfo=UTC), dormant=(sleeper(),),
        skipped=(
            Skipped(signal="tls", title="Shared TLS fingerprint", missing=("tls_fingerprint",)),
            Skipped(signal="age", title="Age of the accounts", missing=("account_created",)),
            Skipped(signal="reasoning", title="Hidden reasoning bought",
                    missing=("reasoning_tokens", "max_tokens")),
        ),
        licences=(
            LicenceUse(
                licence="heron-2026", holder="Heron Learning", kind="distillation",
                start=FIRST, end=LAST, term=0.81, accounts=2, covered=40_117, tokens=9_120_443,
                uncovered={"volume": 811, "model": 12},
                fullest=(
                    Fullest(of="exchanges", per="month", begin=FIRST, used=40_928, most=40_117,
                            share=1.0202),
                ),
            ),
        ),
        config={"fdr": 0.05, "prior": 0.0001, "min_accounts": 2, "window": "14d"},
    )  # fmt: skip


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(scan()), encoding="utf-8")
