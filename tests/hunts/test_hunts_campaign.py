"""A campaign as indicators: what its accounts share finds them again, and others with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from made_lakes import START, lake, sketched
from stillwatch import results
from stillwatch.campaigns import document
from stillwatch.campaigns.document import Campaign, Link, Reading, Scan, Template
from stillwatch.errors import FormatError, NoInputError, UsageError
from stillwatch.hunts import hunt
from stillwatch.hunts.campaign import indicators

BORN = datetime(2026, 9, 30, 11, 2, tzinfo=UTC)
RECORDS: list[dict[str, Any]] = [
    {
        "account": "member",
        "payment_mark": "pm-1",
        "address": "198.51.100.7",
        "tls_fingerprint": "t13d",
        "user_agent": "curl/8 (x y)",
        "account_created": BORN,
        "prompt": "Explain slowly how rivers carve deep valleys",
    },
    {"account": "bare", "tls_fingerprint": "t13d"},
    {"account": "dash", "tls_fingerprint": "t13d", "user_agent": "-"},
    {"account": "young", "account_created": BORN + timedelta(minutes=7, seconds=59)},
    {"account": "late", "account_created": BORN + timedelta(minutes=8)},
]
HEAD = sketched(RECORDS).column("head")[0].as_py()
HEX = f"{HEAD & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def link(kind: str, value: str, elsewhere: int = 0) -> Link:
    return Link(
        kind=kind,
        title=f"the {kind}",
        value=value,
        accounts=3,
        accounts_elsewhere=elsewhere,
        bits=9,
    )


Write = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """A scan's output directory, with one campaign that shares these things."""

    def write(*links: Link, templates: tuple[Template, ...] = ()) -> Path:
        group = Campaign(
            id="c-1",
            verdict="campaign",
            bits=20,
            probability=1,
            q_value=0,
            account_fpr=0,
            first_seen=START,
            last_seen=START,
            exchanges=1,
            account_count=3,
            links=links,
            templates=templates,
        )
        reading = Reading(
            files=1, exchanges=5, accounts=5, duplicates=0, rejected={}, first=None, last=None
        )
        scan = Scan(
            version="0",
            made=START,
            reading=reading,
            fdr=0.01,
            account_fpr=0.0001,
            expected_false=0,
            weighed=1,
            campaigns=(group,),
            leads=(),
            spared=(),
        )
        out = lake(tmp_path / "out", RECORDS)
        (out / results.CAMPAIGNS).write_text(scan.model_dump_json(by_alias=True))
        return out

    return write


@pytest.mark.parametrize(
    ("kind", "value", "accounts", "text"),
    [
        ("payment", "pm-1", ["member"], "payment:pm-1"),
        ("address", "198.51.100.7", ["member"], "address:198.51.100.7"),
        ("address_block", "198.51.100.0/24", ["member"], "address:198.51.100.0/24"),
        ("client", "t13d curl/8 (x y)", ["member"], "client:t13d curl/8 (x y)"),
        ("client", "t13d -", ["bare", "dash"], "client:t13d -"),
        (
            "creation",
            str(int(BORN.timestamp()) // 600),
            ["member", "young"],
            "creation:2026-09-30T11:00Z",
        ),
        ("head", HEX, ["member"], f"template:head:{HEX}"),
        ("near", "0000000000000001", [], "near_0:0000000000000001"),
    ],
)
def test_each_shared_thing_finds_who_has_it(
    kind: str, value: str, accounts: list[str], text: str, written: Write
) -> None:
    out = written(link(kind, value))
    (answer,) = hunt([f"campaign:{out}#c-1"], [out]).document.answers
    assert (answer.indicator, answer.title) == (text, f"the {kind}")
    assert sorted(a.account for a in answer.accounts) == accounts
    assert answer.source == f"{out / results.CAMPAIGNS}#c-1"


def test_what_others_share_more_than_the_campaign_is_set_aside_and_named(written: Write) -> None:
    template = Template(kind="tail", template=HEX, example=None, accounts=3, exchanges=3)
    common = template.model_copy(update={"kind": "head"})
    out = written(
        link("head", HEX, elsewhere=4),
        link("payment", "pm-1", elsewhere=3),
        templates=(template, common),
    )
    asked = indicators(out, "c-1")
    assert [one.text for one in asked.indicators] == ["payment:pm-1", f"template:tail:{HEX}"]
    assert [(s.text, s.reason) for s in asked.aside] == [
        (f"head:{HEX}", "4 accounts outside of the campaign carry it, and 3 in it")
    ]


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("rule_gateway", "x", "no column holds it"),
        ("head", "odd", "no hash of 16"),
        ("creation", "x", "cannot be read"),
        ("creation", "9" * 30, "cannot be read"),
    ],
)
def test_what_no_column_answers_is_named(
    kind: str, value: str, reason: str, written: Write
) -> None:
    asked = indicators(written(link(kind, value)), "c-1")
    assert asked.indicators == []
    assert reason in asked.aside[0].reason


def test_a_campaign_that_is_not_there_is_answered_with_those_there_are(written: Write) -> None:
    out = written()
    with pytest.raises(UsageError, match="has no campaign 'c-2'; there are: c-1"):
        indicators(out / results.CAMPAIGNS, "c-2")
    with pytest.raises(NoInputError, match="not there"):
        indicators(out / "none.json", "c-1")
    (out / "odd.json").write_text("{}")
    with pytest.raises(FormatError, match="not a campaigns document"):
        indicators(out / "odd.json", "c-1")


def test_a_scan_finds_its_own_campaign_again(tiny_out: Path) -> None:
    campaign = document.load(tiny_out / results.CAMPAIGNS).campaigns[0]
    found = hunt([f"campaign:{tiny_out}#{campaign.id}"], [tiny_out]).document
    members = {member.account for member in campaign.accounts}
    assert {one.account for one in found.several} >= members
    assert found.several[0].account in members
