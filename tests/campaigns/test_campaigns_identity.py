"""Campaigns keep their ids from scan to scan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.campaigns.document import (
    Campaign,
    Dormant,
    Member,
    Past,
    Reading,
    Scan,
    Verdict,
    load,
)
from stillwatch.campaigns.earlier import earlier
from stillwatch.campaigns.identity import REMEMBERED, carried, identity
from stillwatch.errors import FormatError, NoInputError

DAY = timedelta(days=1)
START = datetime(2026, 5, 1, tzinfo=UTC)
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def group(accounts: str, verdict: Verdict = "campaign", at: datetime = START) -> Campaign:
    """A group of accounts of one letter each, under the id of a first scan."""
    members = tuple(
        Member(
            account=a, bits=12.0, exchanges=9, harvest_exchanges=9, first_seen=START, last_seen=at
        )
        for a in accounts
    )
    return Campaign(
        id=identity(accounts), verdict=verdict, bits=9.0, probability=0.998, q_value=0.002,
        account_fpr=0.00002,
        first_seen=START, last_seen=at, exchanges=9 * len(accounts), account_count=len(accounts),
        accounts=members,
    )  # fmt: skip


class Days:
    """Scans of day after day, each following the one before."""

    def __init__(self) -> None:
        self.day = 0
        self.last: Scan | None = None

    def scan(self, *groups: Campaign) -> Scan:
        self.day += 1
        at = START + self.day * DAY
        dated = [g.model_copy(update={"last_seen": at}) for g in groups]
        found, dormant = carried(dict(enumerate(dated)), self.last, at)
        lists: dict[str, Any] = {
            f"{verdict}s" if verdict != "spared" else verdict: tuple(
                c for c in found.values() if c.verdict == verdict
            )
            for verdict in ("campaign", "lead", "spared")
        }
        self.last = Scan.model_validate(
            Scan(
                schema="stillwatch.campaigns/1", version="1", made=at, fdr=0.01, account_fpr=0.0001,
                weighed=9, expected_false=0.0,
                reading=Reading(
                    files=1, exchanges=9, accounts=9, duplicates=0, rejected={}, first=START,
                    last=at,
                ),
                dormant=dormant, **lists,
            ).model_dump(by_alias=True)
        )  # fmt: skip
        return self.last


def past(campaign: Campaign) -> Past:
    assert campaign.past is not None
    return campaign.past


@pytest.fixture
def days() -> Days:
    return Days()


@given(st.lists(st.text(min_size=1), min_size=1, max_size=8, unique=True), st.randoms())
def test_a_new_id_is_the_same_in_any_order(accounts: list[str], random: Any) -> None:
    mixed = accounts.copy()
    random.shuffle(mixed)
    assert identity(mixed) == identity(iter(accounts))


def test_other_accounts_make_another_id() -> None:
    ids = {identity(names) for names in (["a"], ["b"], ["a", "b"], ["ab"], ["a", "b", "c"])}
    assert len(ids) == 5
    assert all(i.startswith("c-") for i in ids)


def test_an_id_that_is_taken_is_not_given_again() -> None:
    first = identity("abc")
    second = identity("abc", {first})
    assert len({first, second, identity("abc", {first, second})}) == 3


def test_a_first_scan_has_no_past(days: Days) -> None:
    scan = days.scan(group("abc"))
    assert scan.campaigns[0].past is None
    assert scan.campaigns[0].id == identity("abc")
    assert scan.dormant == ()


def test_a_campaign_that_grows_and_loses_accounts_keeps_its_id(days: Days) -> None:
    first = days.scan(group("abcdef")).campaigns[0]
    second = days.scan(group("cdefghij")).campaigns[0]
    third = days.scan(group("ghijkl")).campaigns[0]
    assert first.id == second.id == third.id
    assert past(second).changes == ("continued", "grown", "lost_accounts")
    assert (past(second).gained, past(second).lost) == (4, 2)
    # None of its first accounts is left, and its story goes back to the first day.
    assert past(third).known_since == START + DAY
    assert past(third).reported_since == START + DAY


def test_an_unchanged_campaign_is_continued_and_nothing_else(days: Days) -> None:
    days.scan(group("abc"))
    assert past(days.scan(group("abc")).campaigns[0]).changes == ("continued",)


def test_a_new_campaign_says_so(days: Days) -> None:
    days.scan(group("abc"))
    second = days.scan(group("abc"), group("xyz")).campaigns[1]
    assert past(second).changes == ("new",)
    assert past(second).was is None
    assert past(second).known_since == START + 2 * DAY


def test_an_id_lasts_from_the_first_doubt_to_the_report(days: Days) -> None:
    first = days.scan(group("abc", "spared")).spared[0]
    second = days.scan(group("abcd", "lead")).leads[0]
    third = days.scan(group("abcde")).campaigns[0]
    assert first.id == second.id == third.id
    assert (past(second).was, past(third).was) == ("spared", "lead")
    assert past(second).reported_since is None
    assert past(third).known_since == START + DAY
    assert past(third).reported_since == START + 3 * DAY


def test_two_that_merge_keep_the_id_of_the_larger_and_name_the_other(days: Days) -> None:
    small, large = days.scan(group("abc"), group("defgh")).campaigns
    merged = days.scan(group("abcdefgh")).campaigns[0]
    assert merged.id == large.id
    assert past(merged).merged == (small.id,)
    assert past(merged).changes == ("continued", "grown", "merged")
    assert days.last is not None
    assert days.last.dormant == (), "what merged does not sleep"


def test_of_a_campaign_that_splits_the_larger_part_keeps_the_id(days: Days) -> None:
    whole = days.scan(group("abcdefgh")).campaigns[0]
    large, small = days.scan(group("defgh"), group("abc")).campaigns
    assert large.id == whole.id != small.id
    assert past(large).split_into == (small.id,)
    assert past(large).changes == ("continued", "lost_accounts", "split")
    assert past(small).split_from == (whole.id,)
    assert past(small).changes == ("new", "split")


def test_a_part_with_the_first_accounts_does_not_get_the_first_id_twice(days: Days) -> None:
    first = days.scan(group("abc")).campaigns[0]
    days.scan(group("abcdefgh"))
    large, small = days.scan(group("defgh"), group("abc")).campaigns
    assert first.id == large.id == identity("abc")
    assert small.id != identity("abc")


def test_a_campaign_that_is_not_seen_sleeps_and_returns_under_its_id(days: Days) -> None:
    first = days.scan(group("abc"), group("xyz", "lead")).campaigns[0]
    second = days.scan(group("klm"))
    assert [(d.id, d.verdict) for d in second.dormant] == [
        (first.id, "campaign"),
        (identity("xyz"), "lead"),
    ]
    third = days.scan(group("klm"))
    assert len(third.dormant) == 2
    fourth = days.scan(group("klm"), group("abcd")).campaigns[1]
    assert fourth.id == first.id
    assert past(fourth).changes == ("returned", "grown")
    assert past(fourth).reported_since == START + DAY
    assert days.last is not None
    assert [d.id for d in days.last.dormant] == [identity("xyz")]


def test_who_was_spared_and_is_not_seen_is_forgotten(days: Days) -> None:
    days.scan(group("abc", "spared"))
    assert days.scan(group("klm")).dormant == ()


def test_sleepers_are_forgotten_in_the_end(days: Days) -> None:
    days.scan(group("abc"))
    days.day = REMEMBERED.days
    assert len(days.scan(group("klm")).dormant) == 1
    assert days.scan(group("klm")).dormant == ()


splits = st.lists(st.integers(0, 5), min_size=26, max_size=26)


@settings(max_examples=40)
@given(st.lists(splits, min_size=1, max_size=5))
def test_no_id_is_ever_given_to_two_groups(history: list[list[int]]) -> None:
    days = Days()
    given_before: set[str] = set()
    for parts in history:
        names = (
            "".join(a for a, p in zip(ALPHABET, parts, strict=True) if p == n) for n in {*parts}
        )
        scan = days.scan(*map(group, names))
        ids = [c.id for c in (*scan.campaigns, *scan.dormant)]
        assert len(set(ids)) == len(ids)
        carried_on = {c.id for c in scan.campaigns if c.past and c.past.was}
        assert carried_on <= given_before
        for c in scan.campaigns:
            assert not c.past or c.id not in {
                *c.past.merged,
                *c.past.split_from,
                *c.past.split_into,
            }
        given_before |= set(ids)


def written(scan: Scan, home: Path) -> Path:
    home.mkdir(exist_ok=True)
    path = home / "campaigns.json"
    path.write_text(scan.model_dump_json(by_alias=True), "utf-8")
    return path


def test_a_document_is_read_back_as_it_was(days: Days, tmp_path: Path) -> None:
    days.scan(group("abc"))
    scan = days.scan(group("klm"), group("xyz", "lead"))
    assert load(written(scan, tmp_path)) == scan
    assert isinstance(scan.dormant[0], Dormant)


def test_the_scan_before_is_the_one_in_out_unless_another_is_named(
    days: Days, tmp_path: Path
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    assert earlier(out, None) is None
    written(days.scan(group("abc")), out)
    written(days.scan(group("xyz")), other)
    assert earlier(out, None) == load(out / "campaigns.json")
    assert earlier(out, other) == load(other / "campaigns.json")


def test_a_scan_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match=r"campaigns\.json: not there"):
        earlier(tmp_path, tmp_path / "nothing")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "not a campaigns document"),
        (b"\xff\xfe", "not a campaigns document"),
        (b"{}", "schema: must be given"),
        (b'{"schema": "stillwatch.campaigns/1", "version": "1"}', "made: must be given"),
        (
            b'{"schema": "stillwatch.campaigns/9", "version": "3.1", "new": 1}',
            r"is stillwatch\.campaigns/9, written by Stillwatch 3\.1",
        ),
    ],
)
def test_a_broken_scan_before_says_what_to_do(text: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "campaigns.json").write_bytes(text)
    with pytest.raises(FormatError, match=f"(?s){said}.*remove the file to begin anew"):
        earlier(tmp_path, None)
