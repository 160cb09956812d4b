"""People decide, two on the gravest; the clock ends what they decided, and a reversal too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from case_scene import NOW, Clock
from made_scans import Scans, group

from stillwatch.cases import GRAVEST, LADDER, AppealId, Cases, DecisionId
from stillwatch.errors import UsageError


def measures(cases: Cases, at: Any = None) -> list[tuple[str, str]]:
    return [(one.account[-1], one.measure) for one in cases.effective(at)]


def test_a_mild_measure_holds_at_once(opened: Cases, propose: Any) -> None:
    mild = [measure for measure in LADDER if measure not in GRAVEST]
    for measure in mild:
        assert propose(measure, "ab").status(NOW) == "in force"
    assert opened.case(1).state == "decided"
    # The gravest first.
    assert measures(opened) == [(x, measure) for x in "ab" for measure in reversed(mild)]


@pytest.mark.parametrize("measure", sorted(GRAVEST))
def test_the_gravest_hold_only_once_a_second_person_says_so(
    opened: Cases, propose: Any, measure: str, clock: Clock
) -> None:
    made = propose(measure)
    assert (made.status(NOW), opened.case(1).state) == ("proposed", "investigating")
    assert measures(opened) == []
    clock.pass_by(hours=1)
    opened.approve(made.id, by="M. Egret")
    assert measures(opened) == [("a", measure)]
    assert measures(opened, NOW) == []
    assert opened.effective()[0].since == clock()


def test_a_rule_may_propose_and_cannot_approve(opened: Cases, propose: Any) -> None:
    made = propose("suspend", by="rule:use-4.2/over-limit")
    with pytest.raises(UsageError, match="is for a person to do"):
        opened.approve(made.id, by="rule:another")
    opened.approve(made.id, by="M. Egret")
    assert opened.case(1).decisions[0].by == "rule:use-4.2/over-limit"


def test_which_are_the_gravest_is_the_providers_to_say(
    place: str, scans: Scans, clock: Clock
) -> None:
    with Cases(place, make=True, clock=clock, gravest={"limit"}) as cases:
        cases.open(scans.scan(group("abc")))
        said: Any = {"reason": "r", "clause": "c", "way_back": "w", "by": "R. Heron"}
        until = NOW + timedelta(days=1)
        assert cases.propose(1, "limit", None, until=until, **said).since is None
        assert cases.propose(1, "suspend", None, until=until, **said).since == NOW


def test_a_measure_ends_by_the_clock(opened: Cases, propose: Any, clock: Clock) -> None:
    propose(until=NOW + timedelta(days=2))
    clock.pass_by(days=2)
    assert measures(opened) == []
    assert measures(opened, NOW + timedelta(days=2, microseconds=-1)) == [("a", "limit")]
    assert opened.case(1).decisions[0].status == "ended"


def test_a_proposal_lapses_and_is_approved_no_more(
    opened: Cases, propose: Any, clock: Clock
) -> None:
    made = propose("suspend", until=NOW + timedelta(days=1))
    clock.pass_by(days=1)
    with pytest.raises(UsageError, match="is lapsed; propose it anew"):
        opened.approve(made.id, by="M. Egret")


def test_accounts_that_join_later_are_not_touched(
    opened: Cases, propose: Any, scans: Scans
) -> None:
    propose(letters=None)
    opened.open(scans.scan(group("abcde")))
    told = opened.case(1)
    assert [account[-1] for account in told.untouched] == ["d", "e"]
    assert told.decisions[0].version == 1


def test_what_was_in_force_at_any_time_can_be_asked_later(
    opened: Cases, suspended: DecisionId, propose: Any, clock: Clock
) -> None:
    clock.pass_by(days=1)
    propose("limit", "bc")
    opened.take_back(suspended, ["acct-b"], reason="A class.", by="M. Egret")
    assert measures(opened) == [("a", "suspend"), ("b", "limit"), ("c", "limit")]
    assert measures(opened, NOW) == [("a", "suspend"), ("b", "suspend")]
    assert measures(opened, NOW - timedelta(days=1)) == []


def test_an_appeal_reopens_the_case_and_leaves_the_measure(
    opened: Cases, suspended: DecisionId
) -> None:
    opened.close(1, reason="Done.", by="R. Heron")
    name, shown = opened.appeal(1, "acct-a", "We grade essays.", by="M. Egret")
    assert (str(name), opened.case(1).state) == ("1-a1", "appealed")
    assert ("a", "suspend") in measures(opened)
    assert shown.measures[0].reason == "Automated collection of reasoning."
    assert suspended == (1, 1)


def test_the_customer_sees_a_positive_list(
    opened: Cases, suspended: DecisionId, scans: Scans
) -> None:
    opened.note(1, "Colleagues think so.", by="R. Heron")
    opened.open(scans.scan(group("bcd")))
    _, shown = opened.appeal(1, "acct-a", "We grade essays.", by="M. Egret")
    text = shown.model_dump_json()
    assert shown.shares == ("payment mark",)
    assert [(m.title, m.speaks) for m in shown.measured] == [
        ("Title of never_idle", "for a harvest")
    ]
    for hidden in (
        *("acct-b", "acct-c", "acct-d", "pm-abc", "17.123", "12.345", "2.718", "0.998"),
        *("R. Heron", "M. Egret", "Colleagues", "Three cards", "lockstep", "class_of_students"),
    ):
        assert hidden not in text, hidden
    assert suspended


def test_only_of_an_account_that_a_measure_reached_is_there_an_appeal(
    opened: Cases, propose: Any, suspended: DecisionId
) -> None:
    propose("suspend", "c")
    for account in ("acct-c", "acct-z"):
        with pytest.raises(UsageError, match=f"no measure took effect on {account}"):
            opened.appeal(1, account, "Why?", by="M. Egret")
    opened.appeal(1, "acct-a", "Why?", by="M. Egret")
    with pytest.raises(UsageError, match="1-a1 is pending"):
        opened.appeal(1, "acct-a", "Why?", by="M. Egret")
    assert suspended


def test_a_reversal_on_appeal_frees_that_account_and_no_other(
    opened: Cases, suspended: DecisionId
) -> None:
    name, _ = opened.appeal(1, "acct-b", "We grade essays.", by="M. Egret")
    opened.reverse(name, reason="They do.", by="M. Egret", family="class_of_students")
    assert measures(opened) == [("a", "suspend")]
    told = opened.case(1)
    assert told.state == "decided"
    assert told.decisions[0].taken_back_for == ("acct-b",)
    assert told.appeals[0].ruling and told.appeals[0].ruling.outcome == "reversed"
    with pytest.raises(UsageError, match="is not pending; there are: none"):
        opened.uphold(name, reason="No.", by="M. Egret")
    assert suspended


def test_the_gravest_are_not_upheld_by_who_proposed_them(
    opened: Cases, suspended: DecisionId
) -> None:
    name, _ = opened.appeal(1, "acct-a", "Why?", by="R. Heron")
    with pytest.raises(UsageError, match="somebody else must rule"):
        opened.uphold(name, reason="I was right.", by="r. heron")
    opened.uphold(name, reason="Nothing new.", by="M. Egret")
    assert (opened.case(1).state, measures(opened)[0]) == ("decided", ("a", "suspend"))
    assert suspended


def test_a_case_is_appealed_until_the_last_appeal_is_ruled_on(
    opened: Cases, suspended: DecisionId
) -> None:
    names = [opened.appeal(1, f"acct-{x}", "Why?", by="R. Heron")[0] for x in "ab"]
    opened.reverse(names[0], reason="So.", by="M. Egret")
    assert opened.case(1).state == "appealed"
    with pytest.raises(UsageError, match="1-a2: is pending"):
        opened.close(1, reason="Done.", by="R. Heron")
    opened.reverse(names[1], reason="So.", by="M. Egret")
    assert (opened.case(1).state, measures(opened)) == ("reversed", [])
    assert suspended


def test_a_proposal_can_be_turned_down(opened: Cases, propose: Any) -> None:
    made = propose("terminate")
    with pytest.raises(UsageError, match="1-d1: waits for a second person"):
        opened.close(1, reason="Done.", by="R. Heron")
    ruling = opened.take_back(made.id, reason="Too much.", by="M. Egret")
    assert ruling.outcome == "withdrawn"
    with pytest.raises(UsageError, match="is taken back"):
        opened.approve(made.id, by="M. Egret")
    assert opened.case(1).state == "investigating"


def test_what_was_taken_back_is_not_taken_back_twice(opened: Cases, suspended: DecisionId) -> None:
    opened.take_back(suspended, ["acct-a"], reason="So.", by="M. Egret")
    with pytest.raises(UsageError, match="touches 1 account now, and acct-a is not among them"):
        opened.take_back(suspended, ["acct-a"], reason="So.", by="M. Egret")
    opened.take_back(suspended, reason="So.", by="M. Egret")
    with pytest.raises(UsageError, match="touches 0 accounts now"):
        opened.take_back(suspended, reason="So.", by="M. Egret")


def test_a_case_is_not_cleared_while_a_measure_holds(
    opened: Cases, propose: Any, clock: Clock
) -> None:
    propose("watch")
    with pytest.raises(UsageError, match="a measure is in force"):
        opened.close(1, reason="Homework.", by="R. Heron", family="class_of_students")
    clock.pass_by(days=31)
    opened.close(1, reason="Homework.", by="R. Heron", family="class_of_students")
    with pytest.raises(UsageError, match="is closed"):
        opened.close(1, reason="Again.", by="R. Heron")


def test_what_is_not_there_is_told(opened: Cases, suspended: DecisionId) -> None:
    for act, says in (
        (lambda: opened.note(9, "x", by="R. Heron"), "9: there is no such case"),
        (lambda: opened.approve(DecisionId(1, 9), by="R. Heron"), "there are: 1-d1"),
        (lambda: opened.uphold(AppealId(1, 1), reason="r", by="x"), "there are: none"),
        (lambda: opened.case("c-none"), "c-none: there is no such case"),
        (lambda: opened.approve(suspended, by="N. Third"), "was approved by M. Egret"),
        (
            lambda: opened.take_back(suspended, reason="r", by="x", family="class_of_studnts"),
            "did you mean 'class_of_students'",
        ),
    ):
        with pytest.raises(UsageError, match=says):
            act()


def test_who_has_a_case_is_told_with_who_gave_it(opened: Cases) -> None:
    opened.assign(1, "M. Egret", by="R. Heron")
    told = opened.case(1)
    assert (told.assignee, told.state) == ("M. Egret", "investigating")
    assert [(line.kind, line.text, line.by) for line in told.journal[1:]] == [
        ("assignee", "M. Egret", "R. Heron"),
        ("state", "investigating", "R. Heron"),
    ]
