"""A lead, and three lookalikes that were spared."""

from __future__ import annotations

from datetime import timedelta

from example_parts import FIRST, LAST, PRIOR, mark, member, moments, weight

from stillwatch.campaigns.document import (
    Campaign,
    Count,
    Dormant,
    Further,
    Innocence,
    Link,
    Past,
    Remembered,
    Weight,
)

# fmt: off


def lead() -> Campaign:
    first = FIRST + timedelta(days=5)
    members = tuple(
        member(f"user_{mark('lead', i)[:8]}", 410 + 7 * i, 300 + 5 * i, first, LAST)
        for i in range(5)
    )
    falls = (
        PRIOR,
        weight("intent", "Asks for what harvesters ask for", "content", 5.9,
               "44% tool-use trajectories; usual: 1%", 0.44),
        weight("coverage", "Covers topic space evenly", "content", 4.2, "22 of 40 buckets", 0.7),
        weight("rest", "Works without rest", "rhythm", 2.4, "one quiet hour in 9 days", 1.0),
    )
    return Campaign(
        id="cmp-0d55e9aa", verdict="lead", bits=round(sum(w.bits for w in falls), 1),
        probability=0.36, q_value=0.21,
        account_fpr=0.00002, kept_from=("fdr", "probability"),
        first_seen=first, last_seen=LAST, exchanges=1_550,
        account_count=5, waterfall=falls, accounts=members,
        links=(Link(kind="network", title="Hosting network", value="AS64500", accounts=4,
                    accounts_elsewhere=118, bits=2.2),),
        intents=(Count(name="tool_trajectories", exchanges=682),
                 Count(name="ordinary", exchanges=868)),
        innocents=(Innocence(family="agent", title="A coding agent in a small company",
                             bits=-0.4),),
        timeline=moments(first, 200, 14, 5, 3),
        past=Past(
            changes=("returned", "grown"), known_since=first, reported_since=None, was="lead",
            gained=1, lost=0, split_into=tuple(f"cmp-5b{i:06x}" for i in range(7)),
        ),
        further=Further(
            signal="turns", title="Talks in conversations", missing=(),
            information=0.19, share=0.2, changes=0.34, least=-1.5, most=3.25,
        ),
    )


def sleeper() -> Dormant:
    return Dormant(
        id="cmp-51eeb0a7", verdict="lead", known_since=FIRST, reported_since=None,
        last_seen=FIRST + timedelta(days=2),
        accounts=tuple(
            Remembered(account=f"user_{mark('sleep', i)[:8]}", bits=9.0) for i in range(4)
        ),
    )


def spared(
    name: str, accounts: int, exchanges: int, falls: tuple[Weight, ...], *fits: Innocence
) -> Campaign:
    return Campaign(
        id=name, verdict="spared", bits=round(sum(w.bits for w in falls), 1), probability=0.00001,
        q_value=0.9,
        account_fpr=0.00002, first_seen=FIRST + timedelta(days=1), last_seen=LAST,
        exchanges=exchanges,
        account_count=accounts, waterfall=falls, innocents=fits,
    )


def lookalikes() -> tuple[Campaign, ...]:
    return (
        spared(
            "cmp-77c01b3e", 138, 4_120,
            (PRIOR,
             weight("template_share", "Written from few templates", "content", 6.1,
                    "81% of exchanges from one template family", 0.81),
             weight("rest", "Works without rest", "rhythm", -4.4,
                    "active on weekdays from 08:00 to 17:00 only", 15.0),
             weight("queue", "Shards of one work queue", "rhythm", -6.2,
                    "every account sent the same 24 prompts", 0.98),
             weight("payment", "Rare shared payment", "links", -1.0,
                    "no payment mark is shared", 0.0)),
            Innocence(family="class", title="A class of students on one exercise", bits=-14.6),
            Innocence(family="labelling", title="A labelling team", bits=-3.0),
        ),
        spared(
            "cmp-4b1190fe", 3, 61_900,
            (PRIOR,
             weight("template_share", "Written from few templates", "content", 7.7,
                    "99% of exchanges from 2 template families", 0.99),
             weight("queue", "Shards of one work queue", "rhythm", -7.9,
                    "the same 412 prompts every night", 0.99),
             weight("conversation", "Talks in conversations", "product", -0.6, "1.0 turns", 1.0)),
            Innocence(family="evaluation", title="A company's nightly evaluation suite",
                      bits=-11.2),
        ),
        spared(
            "cmp-e6605d21", 22, 9_333,
            (PRIOR,
             weight("payment", "Rare shared payment", "links", 5.0, "one payment mark", 22.0),
             weight("tools", "Offers tools as a product does", "product", -5.1,
                    "97% of exchanges offer the same 11 tools", 0.97)),
            Innocence(family="product", title="A product with one key for each customer",
                      bits=-9.0),
        ),
    )
