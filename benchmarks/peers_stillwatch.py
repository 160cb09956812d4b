"""One number for each account from a scan, so that Stillwatch can stand beside the peers.

A scan judges groups, and an account by its group: it takes part in a campaign if its group is one
and if it belongs to the group. The first has the probability of the group's total bits, the second
that of its link bits (what it shares with the others), and the score is the log-odds of both:

    score = log2(p / (1 - p)),  p = P(group is a campaign) * P(account belongs to it)

of the group that stands for it (`campaigns/standing.py`): accounts are in one at most. It is close
to the lesser of the two numbers of bits, so a poor member of a sure campaign scores low.

An account in no group is in no campaign as far as a scan can tell, whatever it did: there is no
verdict on a single account. Such accounts rank below all that are in a group, among themselves by
their own bits. So Stillwatch cannot find a harvester here that it did not gather.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stillwatch import window
from stillwatch.campaigns.standing import standing
from stillwatch.config import Settings
from stillwatch.engine import engine
from stillwatch.ingest import ingest
from stillwatch.progress import silent
from stillwatch.signals import weights
from stillwatch.sketch.lake import Lake
from stillwatch.traffic import sources
from stillwatch.weighing import evidence

ALONE = -1_000.0
"""Added to the own bits of accounts in no group: below what any group has."""


def scores(traffic: Path, home: Path) -> dict[str, float]:
    """Account to score, for every account in the traffic; a scan with the default settings."""
    settings = Settings()
    with Lake.open(home, write=True) as lake:
        taken = ingest(lake, sources([traffic]), None, None, settings.workers, silent)
        with engine(settings.memory) as opened:
            sketches = opened.parquet(taken.parts)
            exchanges = window.once(opened, sketches, window.same_id(opened, sketches))
            columns = taken.columns()
            known = weights.packaged().given(columns)
            seen = evidence(opened, exchanges, columns, known, settings.fewest_accounts, silent)
            rows = seen.accounts.select("account_key", "account", "own_bits").to_pyarrow()
            accounts, own = rows["account"].to_pylist(), rows["own_bits"].to_pylist()
            found = {a: ALONE + bits for a, bits in zip(accounts, own, strict=True)}
            if not len(seen.found.groups):
                return found
            seen, judged = standing(seen, known, settings.prior_bits, settings.lead_probability)
            members = seen.found.members.to_pyarrow()
    name = dict(zip(rows["account_key"].to_pylist(), accounts, strict=True))
    total = dict(zip(seen.found.groups.tolist(), judged.total.tolist(), strict=True))
    for row in members.to_pylist():
        if row["group"] in total:
            found[name[row["account_key"]]] = both(total[row["group"]], row["link_bits"])
    return found


def both(group: float, link: float) -> float:
    """log2 of the odds that two things hold which have these log2-odds and hang not together."""
    against = np.logaddexp2(np.logaddexp2(-group, -link), -group - link)
    return -float(against)
