"""The sentences of the report. What was observed and what is inferred are never in one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stillwatch.campaigns.document import (
    Campaign,
    Count,
    Further,
    Innocence,
    Link,
    Past,
    Scan,
    Weight,
)
from stillwatch.plural import plural
from stillwatch.report import numbers, times
from stillwatch.report.numbers import bits, count, percent
from stillwatch.report.text import clip
from stillwatch.report.waterfall import PRIOR

_INTENTS = {
    "ordinary": "ordinary use",
    "reasoning_elicitation": "writing out reasoning",
    "reasoning_reconstruction": "reconstructing hidden reasoning",
    "rubric_grading": "grading by a rubric",
    "preference_pairs": "choosing the better of two answers",
    "task_synthesis": "inventing tasks",
    "tool_trajectories": "tool-use trajectories",
    "reasoning_translation": "translating reasoning",
    "technique_sweep": "sweeping one technique over many topics",
    "safeguard_probing": "probing safeguards",
    "censored_rewriting": "rewriting to a censor's taste",
}

_WAS = {
    "campaign": "a campaign",
    "lead": "a lead",
    "spared": "spared",
}
_IDS = 5
_BRACKETS = re.compile(r"\([^)]*\)")
DECIDES = 0.001
"""Probability of another verdict from which a further fact about a reported campaign is told."""

_TEMPLATES = {
    "system_template": "System prompt",
    "head": "Opening of the prompt",
    "tail": "End of the prompt",
    "skeleton": "Whole prompt",
    "reply_head": "Opening of the answer",
}


def template_kind(kind: str) -> str:
    return _TEMPLATES.get(kind, clip(kind, 40).replace("_", " "))


def intent(name: str) -> str:
    return _INTENTS.get(name, clip(name, 60).replace("_", " "))


def inside(title: str) -> str:
    """A title within a sentence: without its capital, unless it begins with an abbreviation."""
    starts = title[1:2].islower() or title[:2] == "A "
    return clip(title[:1].lower() + title[1:] if starts else title, 80)


def listed(items: Sequence[str]) -> str:
    """
    >>> listed(["a", "b", "c"]), listed(["a, b", "c", "d"])
    ('a, b and c', 'a, b; c; and d')
    """
    if len(items) < 2:
        return "".join(items)
    # Two things with commas in brackets are told apart well enough.
    outside = items if len(items) > 2 else [_BRACKETS.sub("", item) for item in items]
    if any(", " in item for item in outside):
        return f"{'; '.join(items[:-1])}; and {items[-1]}"
    return f"{', '.join(items[:-1])} and {items[-1]}"


def headline(scan: Scan) -> str:
    """The finding in one sentence."""
    read = scan.reading
    if read.exchanges == 0:
        return "Nothing was found, because nothing was read"
    among = f"among {plural(read.accounts, 'account')}"
    if not scan.campaigns:
        return f"No campaign found {among}"
    them = " of them" if len(scan.campaigns) > 1 else ""
    return (
        f"{plural(len(scan.campaigns), 'campaign')} found {among}; "
        f"{numbers.expected(scan.expected_false)}{them} expected to be false"
    )


def title(scan: Scan) -> str:
    found = plural(len(scan.campaigns), "campaign") if scan.campaigns else "no campaign"
    return f"Stillwatch: {found} found, {times.day(scan.made)}"


def observed(campaign: Campaign) -> str:
    """Only what the log itself says."""
    span = f"{times.moment(campaign.first_seen)} to {times.moment(campaign.last_seen)} UTC"
    members = campaign.accounts
    made = f"{plural(campaign.account_count, 'account')}, seen from {span}"
    if len(members) == campaign.account_count and members:
        made += f", made {plural(sum(m.exchanges for m in members), 'exchange')} in all"
    sentences = [f"{made}."]
    ranked = sorted(campaign.links, key=lambda link: link.accounts * link.bits)
    # Of each kind the most telling one: the last that is set.
    shared = list({link.title: link for link in ranked}.values())
    if shared:
        strongest = sorted(shared, key=lambda link: -link.accounts * link.bits)[:3]
        things = listed([_shared(link) for link in strongest])
        sentences.append(f"What they share, the most telling first: {things}.")
    if campaign.models:
        sentences.append(f"They asked {_shares(campaign.models, clip_at=40)}.")
    return " ".join(sentences)


def inferred(campaign: Campaign) -> str:
    """What follows from it, how strongly, and what speaks against it."""
    sentences = [f"Attributed to the group: {plural(campaign.exchanges, 'exchange')}."]
    asked = [c for c in campaign.intents if c.name != "ordinary"][:2]
    if asked:
        whole = sum(c.exchanges for c in campaign.intents)
        parts = [f"{intent(c.name)} ({percent(c.exchanges, whole)})" for c in asked]
        plain = sum(c.exchanges for c in campaign.intents if c.name == "ordinary")
        rest = f"{percent(plain, whole)} are ordinary and most others ask" if plain else "most ask"
        sentences.append(f"By the intent model, of their prompts {rest} for {listed(parts)}.")
    mixed = sum(2 * m.harvest_exchanges < m.exchanges for m in campaign.accounts)
    if mixed:
        sentences.append(
            f"{plural(mixed, 'account')} made most of {'its' if mixed == 1 else 'their'} exchanges "
            "outside the campaign: other people's work may run through "
            f"{'it' if mixed == 1 else 'them'}."
        )
    side = "for a harvest" if campaign.bits >= 0 else "against a harvest"
    sentences.append(
        f"The evidence sums to {bits(abs(campaign.bits))} bits {side}, odds of "
        f"{numbers.odds(abs(campaign.bits))} if the weights are right"
        f"{_strongest(campaign.waterfall)}."
    )
    if campaign.innocents:
        sentences.append(f"{fit(campaign.innocents[0], 'Of the innocent explanations, the best')}.")
    return " ".join(sentences)


def licensed(campaign: Campaign) -> str:
    """What licences cover of what the accounts did."""
    return " ".join(
        f"Licensed: “{clip(one.licence, 60)}” ({clip(one.holder, 60)}) covers {count(one.covered)} "
        f"of {plural(one.exchanges, 'exchange')} of these accounts "
        f"({percent(one.covered, one.exchanges)}), in {plural(one.accounts, 'account')}; what it "
        "covers is no evidence here."
        for one in campaign.licensed
    )


def kept_from(campaign: Campaign, scan: Scan) -> str:
    """Why a group is not reported."""
    bars = {
        "fdr": f"its q-value is above the false discovery rate of {numbers.hundredths(scan.fdr)}",
        "account_fpr": f"with {plural(campaign.account_count, 'account')} its false positive rate "
        f"is {numbers.tiny(campaign.account_fpr)} accounts, and {numbers.tiny(scan.account_fpr)} "
        "is allowed",
        "probability": "its bits make a harvest less likely than not",
    }
    return f"Not reported, because {listed([bars[bar] for bar in campaign.kept_from])}."


def fit(innocence: Innocence, subject: str) -> str:
    """How an innocent explanation compares, in words."""
    name = f"{subject}, “{inside(innocence.title)}”,"
    size = bits(abs(innocence.bits))
    if size == "0.0":
        return f"{name} fits as well as a harvest"
    how = "worse" if innocence.bits > 0 else "better"
    return f"{name} fits {size} bits {how} than a harvest ({numbers.odds(abs(innocence.bits))})"


def past(past: Past) -> str:
    """What became of a group since the scan before."""
    said = ["New since the scan before"]
    if past.was is not None:
        known = f"Known since {times.moment(past.known_since)} UTC"
        if past.reported_since and past.reported_since != past.known_since:
            known += f", reported since {times.moment(past.reported_since)} UTC"
        moved = [
            f"{plural(number, 'account')} {how}"
            for number, how in ((past.gained, "joined"), (past.lost, "left"))
            if number
        ]
        when = "When last seen" if "returned" in past.changes else "In the scan before"
        since = f"{listed(moved)} since" if moved else "its accounts are the same"
        said = [known, f"{when} it was {_WAS[past.was]}; {since}"]
        if "returned" in past.changes:
            said.append("The scan before did not see it")
    for ids, how in (
        (past.merged, "It took in"),
        (past.split_from, "It holds a part of"),
        (past.split_into, "Parts of it are now"),
    ):
        if ids:
            said.append(f"{how} {_ids(ids)}")
    return "".join(f"{sentence}. " for sentence in said).strip()


def decides(campaign: Campaign) -> bool:
    """Whether a further fact is worth a sentence: of what is reported, only if it could undo it."""
    found = campaign.further
    return found is not None and (campaign.verdict != "campaign" or found.changes >= DECIDES)


def further(further: Further) -> str:
    """What would decide most, and how much that is."""
    why = (
        f"the log carries no {' and no '.join(clip(m, 40) for m in further.missing)}"
        if further.missing
        else "the group has done too little for it yet"
    )
    changes = (
        f"would change the verdict with a probability of {numbers.probability(further.changes)}"
        if further.changes
        else "would not change the verdict by itself, whatever it said"
    )
    return (
        f"What would decide most is “{inside(further.title)}”, which was not measured: {why}. It "
        f"could weigh from {numbers.signed(further.least)} to {numbers.signed(further.most)} bits, "
        f"would be expected to settle {percent(further.share, 1)} of what is uncertain, and "
        f"{changes}."
    )


def _ids(ids: Sequence[str]) -> str:
    shown = [clip(i, 40) for i in ids[:_IDS]]
    return listed([*shown, f"{len(ids) - _IDS} more"] if len(ids) > _IDS else shown)


def _shared(link: Link) -> str:
    return (
        f"{inside(link.title)} ({plural(link.accounts, 'account')}, "
        f"{count(link.accounts_elsewhere)} elsewhere)"
    )


def _shares(counts: Sequence[Count], clip_at: int) -> str:
    whole = sum(c.exchanges for c in counts)
    first = [f"{clip(c.name, clip_at)} ({percent(c.exchanges, whole)})" for c in counts[:3]]
    others = len(counts) - 3
    return listed([*first, f"{others} more"] if others > 0 else first)


def _strongest(weights: Sequence[Weight]) -> str:
    signals = [w for w in weights if PRIOR not in {w.signal, w.group}]
    strong = sorted((w for w in signals if w.bits > 0), key=lambda w: -w.bits)[:2]
    weak = sorted((w for w in signals if w.bits <= -0.05), key=lambda w: w.bits)[:1]
    said = ""
    if strong:
        said += f"; strongest for it: {listed([_weighed(w) for w in strong])}"
    if weak:
        said += f"; strongest against it: {_weighed(weak[0])}"
    return said


def _weighed(weight: Weight) -> str:
    return f"{inside(weight.title)} ({numbers.signed(weight.bits)})"
