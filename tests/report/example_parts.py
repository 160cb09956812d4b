"""What the example campaigns are made of."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from stillwatch.campaigns.document import Member, Moment, Weight

FIRST = datetime(2026, 5, 1, tzinfo=UTC)
LAST = datetime(2026, 5, 14, 23, 59, 41, tzinfo=UTC)


def mark(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def weight(
    signal: str, title: str, group: str, bits: float, reading: str, value: float | None = 1.0
) -> Weight:
    return Weight(signal=signal, title=title, group=group, value=value, reading=reading, bits=bits)


PRIOR = weight("prior", "Prior", "prior", -13.3, "one group in 10,000 is a harvest", None)


def member(account: str, exchanges: int, harvested: int, first: datetime, last: datetime) -> Member:
    share = harvested / exchanges
    falls = (
        weight("prior", "Prior", "prior", -6.0, "one account in 64 of such a group", None),
        weight("shares", "Things shared with the group", "links", 9.4, "payment mark, 2 networks"),
        weight("templates", "Share of exchanges from the group's templates", "content",
               round(7.0 * share, 1), f"{share:.0%}"),
        weight("intent", "Intent of the prompts", "content", round(5.0 * share - 0.6, 1),
               f"{0.9 * share:.0%} reasoning elicitation"),
        weight("rest", "Hours without rest", "rhythm", round(2.5 * share - 1.2, 1),
               f"{2 + round(6 * (1 - share))} of 24 hours quiet"),
    )  # fmt: skip
    return Member(
        account=account,
        bits=round(sum(w.bits for w in falls), 1),
        exchanges=exchanges,
        harvest_exchanges=harvested,
        first_seen=first,
        last_seen=last,
        waterfall=falls,
    )


def moments(first: datetime, hours: int, peak: int, accounts: int, seed: int) -> tuple[Moment, ...]:
    chance = random.Random(seed)
    found = []
    for hour in range(hours):
        ramp = min(1.0, (hour + 6) / 40)
        tide = 0.86 + 0.14 * math.sin(hour / 24 * 2 * math.pi)
        # The model they were after was replaced on the sixth day: a pause, then twice the work.
        pause = 0.04 if 118 <= hour < 131 else 1.0
        n = int(peak * ramp * tide * pause * chance.uniform(0.85, 1.05))
        active = min(accounts, max(1, int(accounts * ramp * min(1.0, pause * 4))))
        found.append(Moment(time=first + timedelta(hours=hour), exchanges=n, accounts=active))
    return tuple(found)
