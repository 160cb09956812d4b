"""What came of one scan of `real_mix`, as a row of figures."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.campaigns.document import Campaign, Scan
from stillwatch.range import score


def outcome(scan_dir: Path, truth: Path) -> dict:
    """Scores one scan. Every rate is `hits` of `of` with its 95 % Clopper-Pearson interval."""
    scored = score(scan_dir, truth)
    document = Scan.model_validate_json((scan_dir / "campaigns.json").read_text("utf-8"))
    ledger = pq.read_table(truth, columns=["account", "campaign"])
    guilty = set(ledger.filter(pc.is_valid(ledger["campaign"]))["account"].to_pylist())
    (match,) = scored.matches
    pieces = [c for c in document.campaigns if c.id in match.pieces]
    return {
        "state": match.state,
        "pieces": len(pieces),
        "bits": max((c.bits for c in pieces), default=None),
        "q": max((c.q_value for c in pieces), default=None),
        "accounts": scored.accounts.model_dump(),
        "exchanges": scored.exchanges.model_dump(),
        "campaigns_reported": len(scored.reports),
        "false_campaigns": scored.observed_false,
        "expected_false": scored.expected_false,
        "innocents_flagged": scored.false_positives.model_dump(),
        "leads": len(document.leads),
        "best": best(document, guilty),
        "gathered": gathered(document, guilty),
    }


def best(document: Scan, guilty: set[str]) -> dict | None:
    """The candidate group, reported or not, that is most like the harvest (Jaccard index).

    `rank` is its place among all groups of the document by bits; the document names reported
    ones, leads, and those spared ones that came closest. None if none of them has a harvester.
    """
    groups = sorted(document.groups, key=lambda c: -c.bits)
    liked = [(_jaccard(c, guilty), -i, c) for i, c in enumerate(groups)]
    like, place, group = max(liked, key=lambda t: t[:2], default=(0.0, 0, None))
    if group is None or like == 0:
        return None
    hits = sum(m.account in guilty for m in group.accounts)
    return {
        "verdict": group.verdict,
        "rank": 1 - place,
        "of": len(groups),
        "bits": group.bits,
        "q": group.q_value,
        "accounts": group.account_count,
        "guilty": hits,
        "innocent_family": group.innocents[0].family if group.innocents else None,
        "waterfall": [w.model_dump() for w in group.waterfall],
    }


def gathered(document: Scan, guilty: set[str]) -> dict:
    """How far the harvest was gathered into candidate groups at all, whatever their verdict.

    `groups` of which most accounts are harvesters, how many harvesters those hold, and the bits
    and rank of the first of them. A lower bound: of the spared the document names the first ones.
    """
    ranked = sorted(document.groups, key=lambda c: -c.bits)
    hits = [sum(m.account in guilty for m in c.accounts) for c in ranked]
    mostly = [i for i, c in enumerate(ranked) if 2 * hits[i] > c.account_count]
    return {
        "groups": len(mostly),
        "accounts": sum(hits[i] for i in mostly),
        "of": len(guilty),
        "bits": ranked[mostly[0]].bits if mostly else None,
        "rank": mostly[0] + 1 if mostly else None,
    }


def _jaccard(group: Campaign, guilty: set[str]) -> float:
    members = {m.account for m in group.accounts}
    return len(members & guilty) / len(members | guilty)
