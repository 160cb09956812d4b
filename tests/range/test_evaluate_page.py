"""The page of an evaluation stands alone, can be heard, and says what is simulated."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from stillwatch.range.adapt.document import Adapted, Fresh, Step
from stillwatch.range.adapt.prices import Bill, Prices
from stillwatch.range.adapt.sighting import Sighting
from stillwatch.range.evaluate.figures.document import (
    Ablation,
    Alarms,
    Bin,
    Cost,
    Disclosed,
    Evaluation,
    Family,
    Innocents,
    Point,
    Populations,
    Rung,
    Variants,
)
from stillwatch.range.evaluate.page import render
from stillwatch.range.rate import rate


def rung(level: str) -> Rung:
    return Rung(
        level=level,
        scenarios=20,
        campaigns=rate(24, 25),
        asking=rate(16, 16),
        plain=rate(8, 9),
        asking_accounts=rate(600, 620),
        plain_accounts=rate(300, 380),
        merged=1,
        accounts=rate(900, 1000),
        accounts_precision=rate(900, 901),
        exchanges=rate(9000, 10_000),
        exchanges_precision=rate(9000, 9100),
        relay_precision=rate(0, 0),
        reports=rate(24, 24),
        innocents=rate(1, 600_000),
        bits=14.2,
        cost=Cost(accounts=33.3, hours=23.0, wasted=0.25),
        curve=(
            Point(bits=12, accounts=0.7, campaigns=0.8, innocents=0.0),
            Point(bits=8, accounts=0.9, campaigns=0.96, innocents=2e-6),
        ),
    )


def step(why: str, price: float, *, hidden: bool) -> Step:
    return Step(
        why=why,
        settings={"per_day": 20},
        bill=Bill(
            price=price,
            accounts=40,
            aged=0,
            days=2,
            requests=2667,
            wasted=0.25,
            homes=0,
            proxies=20,
            payments=16,
            knobs=3,
        ),
        seen=(
            Sighting(
                seed=29_000,
                state="missed" if hidden else "found",
                bits=None if hidden else 21.4,
                hidden=hidden,
            ),
        ),
        hidden=hidden,
    )


ADAPTED = Adapted(
    version="0.0",
    digest="0123456789abcdef",
    made=datetime(2026, 10, 6, tzinfo=UTC),
    small=False,
    harvest=2000,
    prices=Prices(),
    line=13.0,
    margin=2.0,
    evaluations=40,
    path=(*(step(f"L{i}", 100 + i, hidden=False) for i in range(5)), step("<i>", 150, hidden=True)),
    cheapest=5,
    fresh=Fresh(
        seen=(Sighting(seed=58_000, state="found", bits=15.0, hidden=False),),
        found=rate(7, 10),
        accounts=rate(140, 200),
        wasted=0.25,
    ),
)
EVALUATION = Evaluation(
    version="0.0",
    digest="0123456789abcdef",
    made=datetime(2026, 10, 6, tzinfo=UTC),
    small=False,
    seeds=(50_000, 56_019),
    scenarios=300,
    rungs=(rung("L0"), rung("L9")),
    adapted=ADAPTED,
    variants=Variants(known=rate(30, 31), held_back=rate(18, 19), kept_out=True),
    alarms=(
        Alarms(
            level="L0", every_hours=3, shares=(0.02, 0.02, 1.0), alarmed=rate(2, 3), median=0.02
        ),
        Alarms(level="L9", every_hours=3, shares=(), alarmed=rate(0, 0), median=None),
    ),
    disclosed=(
        Disclosed(
            scenario="quiet",
            title="<b>no campaign</b>",
            campaign=None,
            state=None,
            accounts=rate(0, 0),
            bits=None,
            false=0,
        ),
    ),
    populations=Populations(populations=200, false=0, alarmed=rate(0, 200), fdr=0.01),
    innocents=Innocents(
        accounts=rate(1, 600_000),
        days=rate(1, 700_000),
        in_true=rate(1, 700_000),
        in_false=rate(0, 700_000),
    ),
    lookalikes=(
        Family(
            family="class_of_students",
            groups=rate(0, 400),
            reported=rate(0, 400),
            accounts=rate(0, 9000),
        ),
    ),
    base_bits=-7.5,
    calibration=(
        Bin(
            low=-24,
            high=-18,
            claimed=-20,
            campaigns=0,
            innocents=900,
            observed=None,
            observed_low=None,
            observed_high=-2,
        ),
        Bin(
            low=9,
            high=12,
            claimed=10,
            campaigns=9,
            innocents=1,
            observed=10.5,
            observed_low=8,
            observed_high=14,
        ),
        Bin(
            low=18,
            high=24,
            claimed=20,
            campaigns=9,
            innocents=0,
            observed=None,
            observed_low=9,
            observed_high=None,
        ),
    ),
    ablations=tuple(
        Ablation(
            what=what,
            how=how,
            level=level,
            campaigns=rate(20, 25),
            accounts=rate(800, 1000),
            innocents=2,
        )
        for what, how in (("nothing", "traffic"), ("text", "judging"))
        for level in ("L0", "L9")
    ),
    config={"fdr": 0.01, "prior_bits": -6.0},
)
PAGE = render(EVALUATION)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag


@pytest.fixture(scope="module")
def tags() -> list[tuple[str, dict[str, str | None]]]:
    reader = Tags()
    reader.feed(PAGE)
    return reader.found


def test_it_needs_nothing_else(tags: list[tuple[str, dict[str, str | None]]]) -> None:
    assert {"script", "img", "link", "iframe"}.isdisjoint(tag for tag, _ in tags)
    assert all(value.startswith("#") for _, a in tags if (value := a.get("href")))
    assert "@import" not in PAGE
    assert "url(" not in PAGE


def test_drawings_are_described(tags: list[tuple[str, dict[str, str | None]]]) -> None:
    labels = [a.get("aria-label") or "" for tag, a in tags if tag == "svg"]
    assert len(labels) == 6
    assert any("L9: 90% of harvesting accounts at 0.00017% of innocents" in one for one in labels)
    assert any("10.0 claimed, 10.5 observed" in one for one in labels)
    assert any("L0: median 2%" in one for one in labels)


def test_all_of_it_is_called_simulated() -> None:
    for part in (r"<title>.*?</title>", r"<h1>.*?</h1>", r'<p class="lede">.*?</p>'):
        found = re.search(part, PAGE, re.DOTALL)
        assert found is not None
        assert "simulated" in found[0]


def test_rates_come_with_intervals_and_counts() -> None:
    assert "0% (0" not in PAGE
    assert "<b>96%</b><small>79.6% to 99.9%</small><small>24 of 25</small>" in PAGE
    assert "1 of 700,000 innocent account-days flagged" in PAGE


def test_text_is_escaped_and_a_trial_says_so() -> None:
    assert "&lt;b&gt;no campaign&lt;/b&gt;" in PAGE
    assert "Its figures say nothing" not in PAGE
    assert "Its figures say nothing" in render(EVALUATION.model_copy(update={"small": True}))


def test_weights_that_saw_what_is_held_back_are_called_so() -> None:
    seen = EVALUATION.variants.model_copy(update={"kept_out": False})
    told = "fitted before it was held back"
    assert told in render(EVALUATION.model_copy(update={"variants": seen}))
    assert told not in PAGE


def test_an_evaluation_of_nothing_is_still_a_page() -> None:
    empty = EVALUATION.model_copy(
        update=dict.fromkeys(
            ("rungs", "alarms", "disclosed", "lookalikes", "calibration", "ablations"), ()
        )
    )
    assert "<svg" not in render(empty)


def test_an_attacker_who_searches_has_a_part_of_the_page() -> None:
    assert "a price of 150, 40 accounts over 2 days, 25% of requests wasted" in PAGE
    assert "In 10 fresh crowds it was found in 7" in PAGE
    assert "× 1.5" in PAGE
    assert "&lt;i&gt;" in PAGE
    assert ">21.4<" in PAGE


def test_where_nothing_hid_that_is_said_and_where_nobody_searched_nothing() -> None:
    found = ADAPTED.model_copy(update={"cheapest": None, "fresh": None})
    page = render(EVALUATION.model_copy(update={"adapted": found}))
    assert "No plan stayed hidden" in page
    assert "Price of the plan" not in page
    assert "L5" not in render(EVALUATION.model_copy(update={"adapted": None}))
