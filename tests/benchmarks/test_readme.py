"""What is put into the README is what the runs left, and nothing beside it changes."""

from __future__ import annotations

from typing import Any

import pytest

import readme
from readme import README, evaluation, peers, put, real_mix

ROW: dict[str, Any] = {
    "harvest": "codealpaca",
    "arm": "naive",
    "state": "found",
    "gathered": {"accounts": 174, "bits": 20.04},
    "false_campaigns": 0,
    "innocents_flagged": {"hits": 0, "of": 600},
    "exchanges": {"recall": {"value": 0.019}},
}


def rate(hits: int, of: int, value: float, low: float, high: float) -> dict[str, float]:
    return {"hits": hits, "of": of, "value": value, "low": low, "high": high}


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    text = "a\n<!-- x -->\nold\n<!-- /x -->\n<!-- y -->\nkept\n<!-- /y -->\nb\n"
    new = put(text, "x", r"fresh \1 figures")
    assert new == text.replace("old", r"fresh \1 figures")
    assert put(new, "x", "old") == text


def test_marks_that_are_not_there_are_named() -> None:
    with pytest.raises(SystemExit, match="<!-- x -->"):
        put("nothing", "x", "figures")


def test_the_readme_has_the_marks() -> None:
    text = README.read_text("utf-8")
    for name in ("real_mix", "evaluation", "peers", "power", "attacks"):
        assert put(text, name, "here") != text


def test_scans_of_one_harvest_and_arm_share_a_cell() -> None:
    lost = {**ROW, "state": "missed", "gathered": {"accounts": 0, "bits": None}}
    rows = [ROW, lost, {**ROW, "arm": "careful", "gathered": {"accounts": 3, "bits": -4.25}}]
    told = real_mix({"rows": rows})
    assert (
        "| code tasks | 1 of 2 reported; 0–174 gathered, +20.0 bits | 1 of 1 reported; 3 " in told
    )
    assert "gathered, −4.2 bits |" in told
    assert "False campaigns: 0 in 3 scans; innocent accounts flagged: 0 of 1,800." in told
    assert "code tasks 2 %" in told


def test_rungs_are_told_with_their_intervals_and_the_innocent_with_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readme, "LEVELS", {"L0": "naive"})
    told = evaluation(
        {
            "adapted": {
                "harvest": 2000, "evaluations": 40, "cheapest": 1,
                "path": [
                    {"bill": {"price": 100.0}},
                    {"bill": {"price": 112.0, "accounts": 20, "days": 2.0, "wasted": 0.25}},
                ],
                "fresh": {"found": rate(7, 10, 0.7, 0.348, 0.933)},
            },
            "alarms": [{"level": "L0", "median": 0.0052, "shares": [0.005, 0.0054]}],
            "rungs": [
                {
                    "level": "L0", "merged": 1,
                    "campaigns": rate(18, 19, 0.947, 0.74, 0.9987),
                    "asking": rate(15, 16, 0.9, 0.8, 1), "plain": rate(3, 3, 1, 0.3, 1),
                    "accounts": rate(2164, 2242, 0.9652, 0.957, 0.972),
                    "reports": rate(18, 18, 1, 0.8, 1),
                    "relay_precision": rate(99, 100, 0.99, 0.94, 1),
                }
            ],
            "innocents": {
                "days": rate(16, 2_000_000, 0.000008, 0.000005, 0.000013),
                "in_true": {"hits": 16}, "in_false": {"hits": 0},
            },
            "populations": {"alarmed": rate(0, 400, 0, 0, 0.00918)},
            "disclosed": [
                {"campaign": "a", "state": "found", "accounts": {"hits": 9, "of": 10}},
                {"campaign": "b", "state": "merged", "accounts": {"hits": 5, "of": 5}},
                {"campaign": None, "state": None, "accounts": {"hits": 0, "of": 0}},
            ],
            "ablations": [
                {"what": "all metadata", "how": "traffic", "campaigns": {"hits": 0, "of": 4}},
                {"what": "all metadata", "how": "traffic", "campaigns": {"hits": 1, "of": 4}},
                {"what": "all text", "how": "traffic", "campaigns": {"hits": 3, "of": 4}},
                {"what": "links", "how": "judging", "campaigns": {"hits": 0, "of": 4}},
            ],
        }
    )  # fmt: skip
    assert "| L0: naive | 18 of 19: 94.7 % (74.0–99.9), 1 more as part of another |" in told
    assert "| 0.5 % of 2 |" in told
    assert "| 16 of 2,000,000: 0.0008 % (0.0005–0.0013); 16 of accounts" in told
    assert "| 2 of 2 campaigns, 1 of them together with others; 14 of 15 accounts |" in told
    assert "costs 1.1 times what L0 costs (20 accounts for 2,000 prompts over 2 days, 25 %" in told
    assert "In fresh crowds it is found in 7 of 10: 70.0 % (34.8–93.3)." in told
    assert "without all metadata 1 of 8 campaigns are found, without all text 3 of 4" in told


def test_ours_stand_beside_the_best_peer() -> None:
    def at(pure: dict[str, float]) -> dict[str, Any]:
        return {"at": {"0.01": {"pure": pure, "mixed": rate(0, 0, 0, 0, 1)}}}

    detectors = {
        "Stillwatch": at(rate(1, 10, 0.1, 0.0, 0.4)),
        "PRADA": at(rate(10, 10, 1.0, 0.7, 1.0)),
        "MMD": at(rate(5, 10, 0.5, 0.2, 0.8)),
    }
    lot = {"accounts": {"pure": 10, "mixed": 0}, "detectors": detectors}
    told = peers({"lots": {"bare": lot}}).splitlines()[2:]
    assert told == [
        "| bare | pure | 1 of 10: 10.0 % (0.0–40.0) | 5 of 10: 50.0 % (20.0–80.0), MMD | 0.20 |"
    ]


def test_p_values_of_students_are_told_by_both_boxes_and_all_seeds() -> None:
    row = {"student": "mlp", "scheme": "green-list/1 green=0.25 width=1", "share": 0.05}
    rows = [
        {**row, "seed": seed, "black_log10_p": black, "white_log10_p": -120.4}
        for seed, black in ((1, -1.26), (2, -12.3))
    ]
    told = readme.power(rows)
    assert "| neural | green-list width=1 | −1.3 to −12 / −120 |" in told
    assert "2 seeds." in told
    assert "1 to 2 seeds." in readme.power([*rows, {**rows[0], "share": 0.1}])


def test_attacks_that_were_not_run_have_no_figure() -> None:
    arm = {"black_log10_p": -3.0, "white_log10_p": 0.0}
    row = {"seed": 1, "scheme": "gumbel/1 width=2"}
    rows = [
        {**row, "student": "trigram", "arms": {"none": arm}},
        {**row, "student": "mlp", "arms": {"none": arm, "tuned": arm}},
    ]
    told = readme.attacks(rows)
    assert "| counts | gumbel width=2 | −3.0 / −0.0 | – |" in told
    assert "| neural | gumbel width=2 | −3.0 / −0.0 | −3.0 / −0.0 |" in told
    assert "1 seed." in told
