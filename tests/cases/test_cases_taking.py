"""A campaign becomes a case, and stays that one."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_scene import Clock
from made_scans import Scans, group

from stillwatch.cases import Asked, Cases
from stillwatch.cases.taking import Taken
from stillwatch.errors import FormatError, NoInputError


def test_each_campaign_becomes_a_case_and_a_lead_where_it_is_wanted(
    cases: Cases, scans: Scans
) -> None:
    scan = scans.scan(group("abc"), group("def", "lead"), group("ghi", "spared"))
    assert cases.open(scan) == Taken(opened=[1])
    assert cases.open(scan, leads=True) == Taken(opened=[2], unchanged=[1])
    told = cases.case(1)
    assert (told.state, told.version, told.facts.names) == (
        "open",
        1,
        ["acct-a", "acct-b", "acct-c"],
    )
    assert cases.case(2).inference.verdict == "lead"


def test_the_same_scan_twice_changes_nothing(cases: Cases, scans: Scans) -> None:
    scan = scans.scan(group("abc"))
    cases.open(scan)
    before = cases.case(1)
    assert cases.open(scan) == Taken(unchanged=[1])
    assert cases.case(1) == before


def test_a_campaign_that_grows_keeps_its_case_and_its_versions(cases: Cases, scans: Scans) -> None:
    cases.open(scans.scan(group("abc")))
    assert cases.open(scans.scan(group("abcde"))) == Taken(updated=[1])
    told = cases.case(1)
    assert (told.version, len(told.facts.accounts)) == (2, 5)
    assert [row.number for row in cases.page(Asked(account="acct-e"))] == [1]
    assert cases.page(Asked())[0].accounts == 5


def test_a_case_goes_on_where_the_verdict_is_another(cases: Cases, scans: Scans) -> None:
    cases.open(scans.scan(group("abc")))
    assert cases.open(scans.scan(group("abc", "spared"))) == Taken(updated=[1])
    told = cases.case(1)
    assert (told.inference.verdict, told.inference.lesson, told.state) == ("spared", None, "open")


def test_of_a_scan_that_follows_none_a_case_is_known_by_its_accounts(
    cases: Cases, scans: Scans
) -> None:
    cases.open(scans.scan(group("abcd")))
    scan = scans.scan(group("bcde"), group("xyz"), follows=False)
    assert cases.open(scan) == Taken(opened=[2], updated=[1])
    assert len(cases.case(1).campaigns) == 2
    assert cases.number(group("bcde").id) == cases.number(group("abcd").id) == 1


def test_one_account_in_common_makes_no_case_the_same(cases: Cases, scans: Scans) -> None:
    cases.open(scans.scan(group("abc")))
    assert cases.open(scans.scan(group("cxyz"), follows=False)) == Taken(opened=[2])


@pytest.mark.parametrize("follows", [True, False])
def test_cases_of_campaigns_that_merged_name_each_other(
    cases: Cases, scans: Scans, follows: bool
) -> None:
    cases.open(scans.scan(group("abcd"), group("xyz")))
    assert cases.open(scans.scan(group("abcdxyz"), follows=follows)) == Taken(updated=[1])
    assert [(k.relation, k.case) for k in cases.case(1).kin] == [("took_in", 2)]
    assert [(k.relation, k.case) for k in cases.case(2).kin] == [("merged_into", 1)]


@pytest.mark.parametrize("follows", [True, False])
def test_cases_of_a_campaign_that_split_name_each_other(
    cases: Cases, scans: Scans, follows: bool
) -> None:
    cases.open(scans.scan(group("abcdefg")))
    scan = scans.scan(group("abcd"), group("efg"), follows=follows)
    assert cases.open(scan) == Taken(opened=[2], updated=[1])
    assert [(k.relation, k.case) for k in cases.case(1).kin] == [("split_into", 2)]
    assert [(k.relation, k.case) for k in cases.case(2).kin] == [("split_from", 1)]


def test_an_older_scan_changes_nothing_and_is_told(cases: Cases, scans: Scans) -> None:
    older, newer = scans.scan(group("abc")), scans.scan(group("abcd"))
    cases.open(newer)
    assert cases.open(older) == Taken(newer=[1])
    assert cases.case(1).version == 1


def test_a_closed_case_that_accounts_join_is_open_again(cases: Cases, scans: Scans) -> None:
    cases.open(scans.scan(group("abc")))
    cases.close(1, reason="Over.", by="R. Heron")
    assert cases.open(scans.scan(group("abc"))) == Taken(updated=[1])
    assert cases.case(1).state == "closed"
    assert cases.open(scans.scan(group("abcd"))) == Taken(updated=[1], reopened=[1])
    told = cases.case(1)
    assert (told.state, told.journal[-1].by) == ("open", "rule:scan")


def test_what_was_seen_and_what_was_concluded_are_apart(cases: Cases, scans: Scans) -> None:
    cases.open(scans.scan(group("abc")))
    told = cases.case(1)
    assert not {"bits", "verdict", "probability", "waterfall"} & told.facts.model_dump().keys()
    assert told.inference.members == dict.fromkeys(told.facts.names, 12.345)
    assert told.decisions == ()


def test_what_is_no_result_opens_nothing(cases: Cases, scans: Scans, tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match="run `stillwatch scan` first"):
        cases.open(tmp_path / "nowhere")
    scan = scans.scan(group("abc"))
    (scan / "accounts.parquet").unlink()
    with pytest.raises(NoInputError, match=r"accounts\.parquet"):
        cases.open(scan)
    (scan / "campaigns.json").write_text("{}")
    with pytest.raises(FormatError):
        cases.open(scan)
    assert cases.page(Asked()) == []


def test_similar_cases_are_those_with_rare_things_in_common(
    cases: Cases, scans: Scans, clock: Clock
) -> None:
    cases.open(scans.scan(group("abc", shares="pm-1"), group("def", shares="pm-1"), group("ghi")))
    clock.pass_by(days=1)
    assert [(s.case, s.things) for s in cases.case(1).similar] == [(2, 1)]
    assert cases.case(3).similar == ()
