"""The command: tables for people, a document for programs, sentences for what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from made_lakes import START, lake
from stillwatch.hunts import lakes

Cli = Callable[..., Any]
RECORDS: list[dict[str, Any]] = [
    {"account": "north", "payment_mark": "pm-1", "output_tokens": 1200},
    {"account": "north", "payment_mark": "pm-1", "output_tokens": 34},
    {"account": "north"},
    {"account": "evil\x1b[31m[red]", "payment_mark": "pm-1", "organization": "o"},
]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return lake(tmp_path / "out", RECORDS)


def words(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


def test_one_indicator_is_answered_with_its_accounts(out: Path, stillwatch: Cli) -> None:
    ran = stillwatch("hunt", "payment:pm-1", "--in", out)
    assert ran.code == 0
    told = words(ran.out)
    assert "Searched 4 sketches of 1 day (2026-10-06), from 1 log in 1 scan." in told
    assert "payment:pm-1: 3 exchanges of 2 accounts." in told
    assert "north 2 3 2026-10-06 09:00 2026-10-06 10:00 1,234" in told
    assert "Without" not in told


def test_names_cannot_command_the_terminal(out: Path, stillwatch: Cli) -> None:
    ran = stillwatch("hunt", "payment:pm-1", "agent:\x1b[2J[bold]x", "--in", out)
    assert "\x1b" not in ran.out + ran.err
    assert "evil�[31m[red]" in ran.out
    assert "agent:�[2J[bold]x" in ran.out


def test_names_are_printed_as_they_are(tmp_path: Path, stillwatch: Cli) -> None:
    """Rich would make a picture of `:a:`."""
    out = lake(tmp_path / "out", [{"account": ":smile:"}])
    ran = stillwatch("hunt", "account::smile:", "account:a:b", "--in", out)
    assert "account::smile:: 1 exchange of 1 account." in ran.out
    wrong = stillwatch("hunt", "nothing:a:", "--in", out)
    assert "'nothing:a:' is no indicator" in wrong.err


def test_several_indicators_are_summed_up_and_joined(out: Path, stillwatch: Cli) -> None:
    ran = stillwatch("hunt", "payment:pm-1", "organization:o", "tls:none", "--in", out)
    told = words(ran.out)
    assert "3 tls:none 0 0" in told
    assert "Accounts that match several" in told
    assert "2 1 1 2026-10-06 12:00 2026-10-06 12:00 1, 2" in told
    assert "organization:o: 1 exchange of 1 account." in told
    assert "tls:none: " not in told
    assert "Without tls_fingerprint: 1 of 1 log (4 sketches, 2026-10-06)." in told


def test_nothing_found_is_said(out: Path, stillwatch: Cli) -> None:
    ran = stillwatch("hunt", "account:nobody", "--in", out)
    assert ran.code == 0
    assert "account:nobody: 0 exchanges of 0 accounts." in ran.out


def test_json_is_the_document(out: Path, stillwatch: Cli, tmp_path: Path) -> None:
    place = tmp_path / "hunted"
    ran = stillwatch("hunt", "payment:pm-1", "--in", out, "--json", "--out", place)
    told = json.loads(ran.out)
    assert told["schema"] == "stillwatch.hunt/1"
    assert told["answers"][0]["accounts"][0]["first"] == "2026-10-06T09:00:00Z"
    assert json.loads((place / "hunt.json").read_text()) == told


def test_long_tables_are_cut_and_say_so(tmp_path: Path, stillwatch: Cli) -> None:
    crowd = [{"account": f"a{n:03}", "payment_mark": "pm", "gateway": "g"} for n in range(60)]
    out = lake(tmp_path / "out", crowd)
    told = words(stillwatch("hunt", "payment:pm", "--in", out).out)
    assert "Accounts, 40 of 60; --json has all" in told
    assert ("a039" in told, "a040" in told) == (True, False)
    asked = [f"account:a{n:03}" for n in range(50)]
    told = words(stillwatch("hunt", *asked, "--in", out).out)
    assert "Indicators, 40 of 50; --json has all" in told
    assert "The accounts of 45 more are in --json and --out." in told
    told = words(stillwatch("hunt", "payment:pm", "gateway:g", "--in", out).out)
    assert "Accounts that match several, 40 of 60; --json has all" in told
    assert "Accounts, 10 of 60; --json has all" in told


def test_all_indicators_of_an_account_are_numbered(tmp_path: Path, stillwatch: Cli) -> None:
    out = lake(tmp_path / "out", [{"account": "a", "gateway": "g", "network": "n"}])
    others = [f"account:none-{n}" for n in range(20)]
    asked = ["account:a", "gateway:g", "network:n", "organization:a", "address:0.0.0.0/1"]
    texts = [tmp_path / f"{n}.txt" for n in range(9)]
    for n, text in enumerate(texts):
        text.write_text(f"What is {n}?")
        asked += [f"template:{text}", others[n]]
    told = words(stillwatch("hunt", *asked, "--in", out).out)
    assert "2026-10-06 09:00 1-3, 6, 8, 10, 12, 14, 16, 18 and 2 more" in told


def test_what_was_seen_has_a_row_where_not_all_have_room(tmp_path: Path, stillwatch: Cli) -> None:
    out = lake(tmp_path / "out", [{"account": "seen"}])
    names = [f"account:none-{n}" for n in range(60)]
    told = stillwatch("hunt", *names, "account:seen", "--in", out).out
    rows = [line for line in told.splitlines() if "account:" in line and "│" in line]
    assert len(rows) == 40
    assert "│ 61 │ account:seen" in rows[-1]
    assert "│  1 │ account:none-0 " in rows[0]


def test_first_sights_are_told_on_the_side(
    tmp_path: Path, stillwatch: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lakes, "FIRST_ROWS", 1)
    days = [{"account": "a", "time": START + timedelta(days=n)} for n in range(3)]
    ran = stillwatch("hunt", "account:a", "--in", lake(tmp_path / "out", days))
    assert "account:a: 1 exchange of 1 account so far, last at 2026-10-08 09:00" in ran.err
    assert "so far" not in ran.out


def test_what_was_not_looked_for_is_listed(out: Path, stillwatch: Cli, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text('{"type": "bundle", "objects": [{"type": "indicator"}, {"type": "\x1b[2J"}]}')
    path.write_text(json.dumps(json.loads(path.read_text(), strict=False)))
    ran = stillwatch("hunt", f"stix:{path}", "payment:pm-1", "--in", out)
    assert ran.code == 0
    assert "Not looked for:" in ran.out
    assert "objects[0]: is no indicator of STIX 2.1" in ran.out
    assert "1 of type �[2J, which is no indicator" in ran.out
    alone = stillwatch("hunt", f"stix:{path}", "--in", out)
    assert alone.code == 5
    assert "none of this can be looked for" in alone.err


def test_what_came_before_an_indicator_begins_is_said(
    out: Path, stillwatch: Cli, tmp_path: Path
) -> None:
    indicator = {
        "type": "indicator",
        "id": "indicator--00000000-0000-4000-8000-000000000000",
        "modified": "2026-10-01T00:00:00Z",
        "pattern_type": "stix",
        "pattern": "[user-account:user_id = 'north']",
        "valid_from": (START + timedelta(hours=1)).isoformat(),
    }
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps({"type": "bundle", "objects": [indicator]}))
    ran = stillwatch("hunt", f"stix:{path}", "--in", out)
    assert "3 exchanges of 1 account; 1 of them before 2026-10-06, when it begins." in ran.out


def test_like_prompts_are_printed_with_their_estimate(tmp_path: Path, stillwatch: Cli) -> None:
    text = "Explain slowly how rivers carve deep valleys while rain falls on the hills"
    (tmp_path / "text.txt").write_text(text)
    out = lake(tmp_path / "out", [{"prompt": text}])
    ran = stillwatch("hunt", f"near:{tmp_path / 'text.txt'}", "--in", out)
    assert "4 of 4 bands in common, Jaccard index about 1.00: 1 exchange" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["payment:x"], 2, "--in"),
        (["--in", "OUT"], 2, "INDICATOR"),
        (["nonsense", "--in", "OUT"], 2, "there are account, organization"),
        (["payment:x", "--in", "nowhere"], 3, "nowhere: there is no such directory"),
        (["payment:x", "--in", "OUT", "--since", "yesterday"], 2, "--since 'yesterday' is no ISO"),
        (["payment:x", "--in", "OUT", "--since", "2027-01-01"], 5, "no sketch lies in the window"),
        (["payment:x", "--in", "OUT", "--out", "OUT"], 6, "holds a scan"),
        (["stix:OUT/.lock", "--in", "OUT"], 4, "not JSON"),
        (["near:nowhere", "--in", "OUT"], 3, "nowhere: cannot be read"),
        (["rule:nowhere", "--in", "OUT"], 2, "nowhere: cannot be read"),
    ],
)
def test_what_went_wrong_is_a_sentence_and_an_exit_code(
    arguments: list[str], code: int, told: str, out: Path, stillwatch: Cli
) -> None:
    ran = stillwatch("hunt", *(a.replace("OUT", str(out)) for a in arguments))
    assert (ran.code, told in ran.err) == (code, True), ran.err
