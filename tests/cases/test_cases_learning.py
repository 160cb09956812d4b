"""What people came to know reaches the weights, the figures, and the stages that follow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from case_scene import NOW, Clock
from made_scans import Scans, group

from stillwatch.cases import Cases, DecisionId
from stillwatch.signals import weights
from stillwatch.signals.weights import Weights

PACKAGED = weights.packaged()


def lessons(known: Weights) -> list[tuple[str, str]]:
    return [(lesson.id, lesson.verdict) for lesson in known.lessons]


def test_a_decision_teaches_only_on_grounds_beyond_the_report(
    opened: Cases, propose: Any, clock: Clock
) -> None:
    propose("limit", "a")
    assert opened.taught(PACKAGED).learned == ()
    made = propose("suspend", "b", grounds="Three cards of one owner.")
    assert opened.taught(PACKAGED).learned == ()
    clock.pass_by(hours=1)
    opened.approve(made.id, by="M. Egret")
    known = opened.taught(PACKAGED).weights
    assert lessons(known) == [(group("abc").id, "harvest")]
    (lesson,) = known.lessons
    assert (lesson.accounts, lesson.learned) == (3, clock())


def test_what_is_learned_already_is_not_learned_again(opened: Cases, suspended: DecisionId) -> None:
    known = opened.taught(PACKAGED).weights
    again = opened.taught(known)
    assert (again.weights, again.learned, again.forgotten) == (known, (), ())
    assert suspended


def test_a_reversal_takes_the_lesson_back_as_if_it_had_never_been(
    opened: Cases, suspended: DecisionId
) -> None:
    known = opened.taught(PACKAGED).weights
    opened.take_back(suspended, reason="The clause does not fit.", by="M. Egret")
    after = opened.taught(known)
    assert (after.learned, after.forgotten) == ((), (group("abc").id,))
    assert after.weights.model_copy(update={"version": 0}) == PACKAGED


def test_no_harvest_after_all_is_learned_as_that(opened: Cases, suspended: DecisionId) -> None:
    known = opened.taught(PACKAGED).weights
    opened.take_back(suspended, reason="Homework.", by="M. Egret", family="class_of_students")
    after = opened.taught(known)
    assert lessons(after.weights) == [(group("abc").id, "innocent")]
    assert lessons(opened.taught(PACKAGED).weights) == lessons(after.weights)


def test_one_account_freed_says_nothing_about_its_campaign(
    opened: Cases, suspended: DecisionId
) -> None:
    opened.take_back(
        suspended, ["acct-a"], reason="Homework.", by="M. Egret", family="class_of_students"
    )
    assert lessons(opened.taught(PACKAGED).weights) == [(group("abc").id, "harvest")]


def test_a_case_closed_as_no_harvest_teaches_that(opened: Cases) -> None:
    opened.close(1, reason="Homework.", by="R. Heron", family="class_of_students")
    assert lessons(opened.taught(PACKAGED).weights) == [(group("abc").id, "innocent")]


def test_lessons_learned_elsewhere_stay(opened: Cases, suspended: DecisionId, scans: Scans) -> None:
    known = opened.taught(PACKAGED).weights
    elsewhere = known.lessons[0].model_copy(update={"id": "c-elsewhere"})
    both = known.model_copy(update={"lessons": (*known.lessons, elsewhere)})
    opened.take_back(suspended, reason="So.", by="M. Egret")
    assert lessons(opened.taught(both).weights) == [("c-elsewhere", "harvest")]
    assert scans.day == 1


def test_guard_and_forum_are_told_and_the_forum_of_no_account(
    opened: Cases, suspended: DecisionId, propose: Any
) -> None:
    propose("watch", "c")
    opened.take_back(suspended, ["acct-a"], reason="So.", by="M. Egret")
    opened.take_back(suspended, reason="So.", by="M. Egret")
    guard = [(m.body["kind"], m.body["decision"]) for m in opened.waiting("guard")]
    assert guard == [
        ("in force", "1-d1"),
        ("in force", "1-d2"),
        ("taken back", "1-d1"),
        ("taken back", "1-d1"),
    ]
    forum = opened.waiting("forum")
    assert [(m.body["kind"], m.body["decision"]) for m in forum] == [
        ("confirmed", "1-d1"),
        ("retracted", "1-d1"),
    ]
    assert "acct" not in str(forum)
    opened.fetched(forum[:1])
    assert opened.waiting("forum") == forum[1:]


def test_a_proposal_that_was_turned_down_is_told_to_nobody(opened: Cases, propose: Any) -> None:
    made = propose("terminate", grounds="So.")
    opened.take_back(made.id, reason="No.", by="M. Egret")
    assert opened.waiting("guard") == opened.waiting("forum") == []


def test_false_positives_are_counted_by_family(cases: Cases, scans: Scans, clock: Clock) -> None:
    cases.open(scans.scan(*(group(letters) for letters in ("abc", "def", "ghi", "jkl"))))
    cases.close(1, reason="Homework.", by="R. Heron", family="class_of_students")
    made: list[DecisionId] = []
    for case, letters in ((2, "de"), (3, "gh"), (4, "jk")):
        accounts = [f"acct-{letter}" for letter in letters]
        until = NOW + timedelta(days=1)
        decision = cases.propose(
            case, "limit", accounts, reason="r", clause="c", until=until, way_back="w",
            by="R. Heron", grounds="Cards.",
        )  # fmt: skip
        made.append(decision.id)
    cases.take_back(made[0], reason="So.", by="R. Heron", family="nightly_evaluation")
    name, _ = cases.appeal(3, "acct-g", "Why?", by="R. Heron")
    cases.reverse(name, reason="So.", by="R. Heron", family="other")
    counted = cases.figures()
    assert {f.family: (f.cases, f.accounts) for f in counted.families} == {
        "class_of_students": (1, 0),
        "nightly_evaluation": (1, 2),
        "other": (0, 1),
    }
    assert (counted.confirmed, counted.false.hits, counted.false.of) == (2, 2, 4)
    assert counted.states["closed"] == 1
    limit = next(one for one in counted.measures if one.measure == "limit")
    assert (limit.decided, limit.taken_back) == (3, 2)
    assert counted.appeals == {"pending": 0, "upheld": 0, "reversed": 1}
    assert clock() == NOW
