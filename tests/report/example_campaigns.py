"""Two campaigns: one of many accounts, one that hides in a relay."""

from __future__ import annotations

import random
from datetime import timedelta

from example_parts import FIRST, LAST, PRIOR, mark, member, moments, weight

from stillwatch.campaigns.document import (
    Campaign,
    Count,
    Further,
    Innocence,
    Licensed,
    Link,
    Past,
    Template,
)

# fmt: off


def hydra() -> Campaign:
    """Forty-three accounts writing one reasoning data set, seven of them with other customers."""
    chance = random.Random(7)
    first, last = (
        FIRST + timedelta(days=2, hours=4, minutes=12),
        FIRST + timedelta(days=11, hours=22),
    )
    names = [f"acct_{mark('hydra', i)[:10]}" for i in range(43)]
    members = []
    for i, name in enumerate(names):
        harvested = int(chance.lognormvariate(7.0, 0.5)) + 200
        other = int(harvested * chance.uniform(1.2, 4)) if i % 6 == 5 else chance.choice((0, 0, 3))
        begun = first + timedelta(hours=chance.uniform(0, 30))
        members.append(member(name, harvested + other, harvested, begun, last))
    members.sort(key=lambda m: -m.bits)
    carried = [
        ("payment_mark", "Payment mark", f"pm_{mark('card')[:12]}", names[:17], 0, 12.3),
        ("payment_mark", "Payment mark", f"pm_{mark('card2')[:12]}", names[17:31], 0, 12.3),
        ("system_template", "System prompt template", mark("system"), names[:41], 1, 9.8),
        ("head", "Opening of the prompt", mark("head"), names[3:], 2, 8.1),
        ("network", "Hosting network", "AS64512 Example Transit", names[8:36], 61, 3.4),
        ("lockstep", "Active in the same minutes", mark("lockstep"), names[:31], 0, 7.7),
        ("handover", "Took up where a blocked account left off", mark("handover"),
         names[36:], 0, 11.0),
        ("user_agent", "User agent", "openai-python/1.99.1 (batch-worker)", names[:36], 240, 1.9),
    ]
    links = tuple(
        Link(kind=kind, title=title, value=value, accounts=len(who),
                  accounts_elsewhere=elsewhere, bits=bits, members=tuple(who))
        for kind, title, value, who, elsewhere, bits in carried
    )
    falls = (
        PRIOR,
        weight("template_share", "Written from few templates", "content", 8.9,
               "94% of exchanges from 3 template families; usual: 11%", 0.94),
        weight("intent", "Asks for what harvesters ask for", "content", 6.4,
               "71% reasoning elicitation, 12% rubric grading; usual: 2%", 0.83),
        weight("coverage", "Covers topic space evenly", "content", 3.1,
               "38 of 40 topic buckets, evenness 0.93", 0.93),
        weight("payment", "Rare shared payment", "links", 9.2,
               "31 accounts on 2 payment marks that nobody else has", 31.0),
        weight("lockstep", "Moves in lockstep", "rhythm", 5.5,
               "31 accounts active in the same minutes, 14 times the chance rate", 14.0),
        weight("rest", "Works without rest", "rhythm", 2.0, "no quiet hour in 9 days", 0.0),
        weight("queue", "Shards of one work queue", "rhythm", 1.4,
               "two prompts in 48,211 were sent by more than one account", 0.00004),
        weight("tools", "Offers tools as a product does", "product", -1.6,
               "9% of exchanges offer tools; usual among harvests: 2%", 0.09),
        weight("conversation", "Talks in conversations", "product", -0.8,
               "1.3 turns a conversation; usual: 4.1", 1.3),
        weight("language", "Mix of languages", "content", 0.0, "as usual", 0.4),
        weight("age", "Age of the accounts", "accounts", 0.0, "not in the log", None),
    )
    attributed = sum(m.harvest_exchanges for m in members)
    return Campaign(
        id="cmp-3f9a1c07",
        verdict="campaign",
        bits=round(sum(w.bits for w in falls), 1),
        probability=0.9999996,
        q_value=0.0042,
        account_fpr=0.00002,
        first_seen=first,
        last_seen=last,
        exchanges=attributed,
        account_count=len(members),
        models=(
            Count(name="aster-4-large", exchanges=int(attributed * 0.88)),
            Count(name="aster-4-mini", exchanges=int(attributed * 0.12)),
        ),
        intents=(
            Count(name="reasoning_elicitation", exchanges=int(attributed * 0.71)),
            Count(name="rubric_grading", exchanges=int(attributed * 0.12)),
            Count(name="ordinary", exchanges=int(attributed * 0.11)),
            Count(name="task_synthesis", exchanges=int(attributed * 0.06)),
        ),
        waterfall=falls,
        innocents=(
            Innocence(family="evaluation", title="A company's nightly evaluation suite", bits=9.1),
            Innocence(family="labelling", title="A labelling team", bits=12.7),
            Innocence(family="class", title="A class of students on one exercise", bits=18.4),
            Innocence(family="relay", title="A relay with many small customers", bits=21.0),
        ),
        links=links,
        templates=(
            Template(kind="system_template", template=mark("system"), accounts=41, exchanges=39_871,
                     example="You are an expert in ⟨name⟩. Think step by step, and write every "
                     "step down before you answer. Never skip a step. End with “Final answer:”."),
            Template(kind="head", template=mark("head"), accounts=40, exchanges=37_020,
                     example="Problem ⟨number⟩ of ⟨number⟩ (difficulty ⟨number⟩/10):\n"
                     "⟨quoted⟩\n\nSolve it as ⟨name⟩ would, in full, with all steps written."),
            Template(kind="tail", template=mark("tail"), accounts=12, exchanges=5_310,
                     example=None),
        ),
        timeline=moments(first, 234, 260, 43, 1),
        accounts=tuple(members),
        past=Past(
            changes=("continued", "grown", "lost_accounts", "merged"),
            known_since=first + timedelta(days=1), reported_since=first + timedelta(days=2),
            was="campaign", gained=6, lost=1, merged=("cmp-90aa17f2",),
        ),
        further=Further(
            signal="tls", title="Shared TLS fingerprint", missing=("tls_fingerprint",),
            information=0.0000004, share=0.031, changes=0.0, least=-1.5, most=2.8,
        ),
    )


def relay() -> Campaign:
    """Twelve large accounts of a relay: most of their traffic belongs to somebody else."""
    chance = random.Random(11)
    first, last = FIRST + timedelta(days=8, hours=1), LAST
    names = [f"relay-{i:02d}@{'north' if i < 8 else 'south'}" for i in range(12)]
    members = [
        member(n, total := int(chance.uniform(3000, 9000)), int(total * chance.uniform(0.2, 0.6)),
               first, last)
        for n in names
    ]
    links = (
        Link(kind="tail", title="End of the prompt", value=mark("grade"), accounts=12,
                  accounts_elsewhere=0, bits=10.6, members=tuple(names)),
        Link(kind="address", title="Client address", value="203.0.113.0/28", accounts=8,
                  accounts_elsewhere=3, bits=5.2, members=tuple(names[:8])),
        Link(kind="address", title="Client address", value="198.51.100.64/28", accounts=5,
                  accounts_elsewhere=0, bits=7.4, members=tuple(names[7:])),
    )
    falls = (
        PRIOR,
        weight("intent", "Asks for what harvesters ask for", "content", 7.9,
               "88% rubric grading and preference pairs; usual: 3%", 0.88),
        weight("template_share", "Written from few templates", "content", 6.0,
               "one template family in 41% of exchanges", 0.41),
        weight("queue", "Shards of one work queue", "rhythm", 8.3,
               "no prompt sent twice in 22,904", 0.0),
        weight("mixed", "Carries unrelated customers", "product", -2.9,
               "59% of traffic from 1,100 other template families", 0.59),
    )
    attributed = sum(m.harvest_exchanges for m in members)
    return Campaign(
        id="cmp-b81e22d4", verdict="campaign", bits=round(sum(w.bits for w in falls), 1),
        probability=0.985, q_value=0.019,
        account_fpr=0.00002, first_seen=first, last_seen=last, exchanges=attributed,
        account_count=12, waterfall=falls, links=links, accounts=tuple(members),
        licensed=(Licensed(licence="heron-2026", holder="Heron Learning", accounts=2,
                           covered=40_117, exchanges=attributed + 40_117),),
        models=(Count(name="aster-4-large", exchanges=attributed),),
        intents=(Count(name="rubric_grading", exchanges=int(attributed * 0.6)),
                 Count(name="preference_pairs", exchanges=int(attributed * 0.28)),
                 Count(name="ordinary", exchanges=int(attributed * 0.12))),
        innocents=(Innocence(family="evaluation", title="A company's nightly evaluation suite",
                             bits=3.2),
                   Innocence(family="relay", title="A relay with many small customers", bits=4.8)),
        templates=(Template(kind="tail", template=mark("grade"), accounts=12, exchanges=attributed,
                            example="… Score answer ⟨number⟩ from ⟨number⟩ to ⟨number⟩ by "
                            "the rubric ⟨quoted⟩. Give the score first, then why."),),
        timeline=moments(first, 143, 180, 12, 2),
        past=Past(
            changes=("new", "split"), known_since=last, reported_since=last, was=None,
            gained=12, lost=0, split_from=("cmp-6f20be11",),
        ),
    )
