"""Hunts over lakes: who is found, when, how much, and what could not be found."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import stillwatch as sw
from made_lakes import START, lake, sketched
from stillwatch.errors import InputError, NoInputError, OutputError, UsageError
from stillwatch.hunts import First, hunt, lakes
from stillwatch.hunts.document import Answer, Hunt
from stillwatch.sketch import version

HOUR = timedelta(hours=1)
RECORDS: list[dict[str, Any]] = [
    {"account": "relay", "payment_mark": "pm-1", "address": "198.51.100.7", "output_tokens": 10},
    {"account": "relay", "payment_mark": "pm-1", "address": "198.51.100.200"},
    {"account": "relay", "payment_mark": "pm-2", "address": "203.0.113.1", "output_tokens": 5},
    {"account": "other", "payment_mark": "pm-1", "address": "2001:0DB8::1", "organization": "o"},
    {"account": "quiet", "address": "2001:db8:0:1::1"},
]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return lake(tmp_path / "out", RECORDS)


def found(answer: Answer) -> list[tuple[str, int, int]]:
    return [(a.account, a.matched, a.exchanges) for a in answer.accounts]


def one(indicator: str, *scans: Path, **options: Any) -> Answer:
    (answer,) = hunt([indicator], scans, **options).document.answers
    return answer


def test_an_answer_says_who_when_and_how_much(out: Path) -> None:
    answer = one("payment:pm-1", out)
    assert found(answer) == [("relay", 2, 3), ("other", 1, 1)]
    assert (answer.exchanges, answer.account_count, answer.output_tokens) == (3, 2, 10)
    assert (answer.first, answer.last) == (START, START + 3 * HOUR)
    assert [(d.day, d.exchanges, d.accounts) for d in answer.days] == [(date(2026, 10, 6), 3, 2)]
    assert (answer.accounts[0].first, answer.accounts[0].last) == (START, START + HOUR)
    assert answer.accounts[1].organization == "o"
    assert answer.accounts[1].output_tokens is None


@pytest.mark.parametrize(
    ("indicator", "accounts"),
    [
        ("account:quiet", ["quiet"]),
        ("organization:o", ["other"]),
        ("address:198.51.100.0/24", ["relay"]),
        ("address:198.51.100.128/25", ["relay"]),
        ("address:198.51.100.8", []),
        ("address:198.0.0.0/8", ["relay"]),
        ("address:2001:db8::1", ["other"]),
        ("address:2001:db8::/63", ["other", "quiet"]),
        ("address:2001:db8::/32", ["other", "quiet"]),
        ("address:::/0", ["other", "quiet"]),
        ("payment:PM-1", []),
    ],
)
def test_kinds_find_their_accounts(indicator: str, accounts: list[str], out: Path) -> None:
    assert sorted(a.account for a in one(indicator, out).accounts) == accounts


def test_accounts_that_match_several_come_with_most_first(out: Path) -> None:
    asked = ["payment:pm-1", "payment:pm-2", "address:198.51.100.0/24", "address:2001:db8::/32"]
    several = hunt(asked, [out]).document.several
    assert [(s.account, s.indicators, s.matched, s.exchanges) for s in several] == [
        ("relay", tuple(asked[:3]), 3, 3),
        ("other", ("payment:pm-1", "address:2001:db8::/32"), 1, 1),
    ]


def test_an_exchange_that_several_logs_and_scans_hold_counts_once(
    out: Path, tmp_path: Path
) -> None:
    twice = lake(tmp_path / "twice", RECORDS, [*RECORDS, RECORDS[0] | {"exchange_id": "e9"}])
    assert found(one("payment:pm-1", out, twice)) == [("relay", 3, 4), ("other", 1, 1)]
    searched = hunt(["payment:pm-1"], [out, out, twice]).document.searched
    # The first log of both is the same log.
    assert (searched.scans, searched.logs, searched.sketches) == (2, 2, 11)


def test_a_window_leaves_out_what_lies_beyond(out: Path) -> None:
    answer = one("payment:pm-1", out, since=START + HOUR, until=START + 3 * HOUR)
    assert found(answer) == [("relay", 1, 2)]
    later = {"since": START + timedelta(days=1)}
    with pytest.raises(InputError, match="they are of 2026-10-06 to 2026-10-06"):
        one("payment:pm-1", out, **later)
    with pytest.raises(UsageError, match="no time zone"):
        one("payment:pm-1", out, since=datetime(2026, 1, 1))  # noqa: DTZ001


def test_days_out_of_the_window_are_not_read_nor_missed(tmp_path: Path) -> None:
    out = lake(tmp_path / "out", [{"time": START + timedelta(days=n)} for n in range(5)])
    (tmp_path / "out/sketches/day=2026-10-06").rename(tmp_path / "gone")
    window = {"since": START + timedelta(days=1), "until": START + timedelta(days=2, hours=-9)}
    with pytest.raises(NoInputError, match=r"day=2026-10-06/.*: not there"):
        hunt(["account:acct-1"], [out])
    searched = hunt(["account:acct-1"], [out], **window).document.searched
    assert (searched.first_day, searched.last_day, searched.sketches) == (
        date(2026, 10, 7),
        date(2026, 10, 7),
        1,
    )


def test_columns_that_part_of_the_lake_lacks_are_named(tmp_path: Path) -> None:
    old = [{"time": START - timedelta(days=n)} for n in range(3)]
    out = lake(tmp_path / "out", old, RECORDS)
    document = hunt(["payment:pm-1", "address:198.51.100.0/25"], [out]).document
    told = [m.model_dump() for m in document.searched.missing]
    part = {"logs": 1, "sketches": 3, "first_day": date(2026, 10, 4), "last_day": START.date()}
    assert told == [
        {"column": column, **part} for column in ("address", "address_block", "payment_mark")
    ]
    assert document.answers[0].columns == ("payment_mark",)


def test_sketches_of_another_release_are_left_out_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stillwatch.sketch.lake.SKETCH_VERSION", version.SKETCH_VERSION - 1)
    lake(tmp_path / "out", RECORDS)
    with pytest.raises(NoInputError, match="holds no sketches of this release"):
        one("payment:pm-1", tmp_path / "out")
    monkeypatch.undo()
    fresh = sketched(RECORDS)
    with lakes.Lake.open(tmp_path / "out", write=True) as opened:
        opened.write("fresh", [fresh], {"columns": ["payment_mark"]})
    searched = hunt(["payment:pm-1"], [tmp_path / "out"]).document.searched
    assert (searched.stale_logs, searched.logs) == (1, 1)


def test_a_directory_without_sketches_is_told(tmp_path: Path, out: Path) -> None:
    with pytest.raises(NoInputError, match=f"{tmp_path}: holds no sketches"):
        one("payment:pm-1", out, tmp_path)
    with pytest.raises(NoInputError, match="--in"):
        one("payment:pm-1")


def test_nearly_the_same_prompts_are_found_with_their_likeness(tmp_path: Path) -> None:
    text = "Explain slowly how rivers carve deep valleys while rain falls on the hills every day"
    asks = [text, text.replace("every day", "all night"), "What is the tallest mountain on earth?"]
    out = lake(tmp_path / "out", [{"prompt": p, "account": f"a{n}"} for n, p in enumerate(asks)])
    (tmp_path / "text.txt").write_text(text)
    answer = one(f"near:{tmp_path / 'text.txt'}", out)
    assert {a.account: a.bands for a in answer.accounts}["a0"] == 4
    assert (answer.likeness[0].bands, answer.likeness[0].jaccard) == (4, 1.0)
    assert "a2" not in {a.account for a in answer.accounts}
    assert [a.account for a in one(f"template:{tmp_path / 'text.txt'}", out).accounts] == ["a0"]
    begins = one(f"template:head:{tmp_path / 'text.txt'}", out)
    assert sorted(a.account for a in begins.accounts) == ["a0", "a1"]


def test_tables_and_document_are_written(out: Path, tmp_path: Path) -> None:
    asked = ["payment:pm-1", "address:198.51.100.0/24"]
    place = tmp_path / "hunted" / "deep"
    told = hunt(asked, [out], out=place)
    assert Hunt.model_validate_json((place / "hunt.json").read_bytes()) == told.document
    accounts = pq.read_table(place / "accounts.parquet")
    assert accounts.equals(told.accounts)
    assert accounts.schema.metadata[b"schema"] == b"stillwatch.hunt_accounts/1"
    rows = pq.read_table(place / "exchanges.parquet").to_pylist()
    assert [(r["indicator"], r["exchange_id"], r["account"]) for r in rows] == [
        ("payment:pm-1", "e0", "relay"),
        ("payment:pm-1", "e1", "relay"),
        ("payment:pm-1", "e3", "other"),
        ("address:198.51.100.0/24", "e0", "relay"),
        ("address:198.51.100.0/24", "e1", "relay"),
    ]
    assert sorted(p.name for p in place.iterdir()) == [
        "accounts.parquet",
        "exchanges.parquet",
        "hunt.json",
    ]


def test_the_result_of_a_scan_is_not_written_over(out: Path) -> None:
    with pytest.raises(OutputError, match="holds a scan"):
        one("payment:pm-1", out, out=out)
    (out / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        one("payment:pm-1", out, out=out / "file" / "below")


def test_no_table_but_that_of_a_hunt_is_written_over(out: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    for _ in range(2):
        assert one("payment:pm-1", out, out=place)
    for name in ("accounts.parquet", "exchanges.parquet"):
        for content in (b"mine", _table()):
            place = tmp_path / f"{name}-{len(content)}"
            place.mkdir()
            (place / name).write_bytes(content)
            with pytest.raises(OutputError, match=f"{name}: is no table of a hunt"):
                one("payment:pm-1", out, out=place)
            assert (place / name).read_bytes() == content


def _table() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"account": ["mine"]}), sink)
    return sink.getvalue().to_pybytes()


def test_what_is_seen_in_new_days_is_told_before_old_ones_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lakes, "FIRST_ROWS", 1)
    days = [{"account": "a", "time": START + timedelta(days=n)} for n in range(6)]
    out = lake(tmp_path / "out", days)
    told: list[First] = []
    progress: list[float] = []
    hunt(
        ["account:a", "account:b"],
        [out],
        first=told.append,
        progress=lambda stage, done: progress.append(done) if stage == "hunt" else None,
    )
    assert told == [First("account:a", 1, 1, START + timedelta(days=5))]
    assert progress == sorted(progress)
    assert len(progress) == 4


def test_nothing_that_can_be_looked_for_is_an_error(out: Path, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text('{"type": "bundle", "objects": [{"type": "indicator"}]}')
    with pytest.raises(InputError, match=r"none of this can be looked for:\n.*objects\[0\]"):
        one(f"stix:{path}", out)
    with pytest.raises(InputError, match="none of this"):
        hunt([], [out])


def bundle(place: Path, pattern: str, **times: datetime) -> str:
    """A bundle with one indicator, as what is asked."""
    indicator = {
        "type": "indicator",
        "id": "indicator--00000000-0000-4000-8000-000000000000",
        "modified": "2026-01-01T00:00:00Z",
        "pattern_type": "stix",
        "pattern": pattern,
        **{name: time.isoformat() for name, time in times.items()},
    }
    (place / "bundle.json").write_text(json.dumps({"type": "bundle", "objects": [indicator]}))
    return f"stix:{place / 'bundle.json'}"


def test_expired_indicators_are_marked_and_join_nobody(out: Path, tmp_path: Path) -> None:
    pattern = "[ipv4-addr:value = '198.51.100.0/24' AND software:name != 'x']"
    asked = bundle(tmp_path, pattern, valid_until=START + HOUR)
    document = hunt([asked, "payment:pm-1"], [out]).document
    answer = document.answers[0]
    assert (answer.expired, answer.exchanges, answer.exchanges_before_end) == (True, 2, 1)
    assert answer.exchanges_before_start is None
    assert document.several == ()


def test_what_came_before_an_indicator_begins_is_found_and_told_apart(
    out: Path, tmp_path: Path
) -> None:
    pattern = "[ipv4-addr:value = '198.51.100.0/24']"
    answer = one(bundle(tmp_path, pattern, valid_from=START + HOUR), out)
    assert (answer.exchanges, answer.exchanges_before_start) == (2, 1)
    assert (answer.valid_from, answer.exchanges_before_end) == (START + HOUR, None)
    never = "[ipv4-addr:value = '192.0.2.1']"
    assert one(bundle(tmp_path, never, valid_from=START), out).exchanges_before_start == 0


@pytest.mark.parametrize("logged", ["64500", "AS64500", "AS64500 Heron Cloud"])
def test_a_system_is_found_however_its_network_is_logged(tmp_path: Path, logged: str) -> None:
    others = ["AS645001", "AS6450", "AS645000 Heron", "Heron 64500"]
    records = [{"network": name} for name in (logged, *others)]
    out = lake(tmp_path / "out", records)
    answer = one(bundle(tmp_path, "[autonomous-system:number = 64500]"), out)
    assert [a.account for a in answer.accounts] == ["acct-0"]


def test_the_notebook_has_the_same(out: Path) -> None:
    told = sw.hunt("payment:pm-1", str(out))
    assert told.accounts["account"].to_pylist() == ["relay", "other"]


ACCOUNTS = st.sampled_from(["a", "b", "c"])
EXCHANGES = st.lists(
    st.fixed_dictionaries(
        {
            "exchange_id": st.sampled_from([f"e{n}" for n in range(12)]),
            "account": ACCOUNTS,
            "time": st.integers(0, 96).map(lambda n: START + n * HOUR),
            "address": st.sampled_from(["198.51.100.7", "198.51.100.9", "2001:db8::1", None]),
            "payment_mark": st.sampled_from(["pm", None]),
            "status": st.sampled_from(["ok", "denied"]),
            "output_tokens": st.integers(0, 9),
        }
    ),
    min_size=1,
    max_size=25,
    # Which of two that came at once is "the last one before" nobody knows.
    unique_by=lambda exchange: exchange["time"],
)
ASKED = [
    *("payment:pm", "account:a", "address:198.51.100.7", "address:198.51.0.0/16"),
    "address:2001:db8::/64",
]


# A hunt takes most of a second, so what fails is not made smaller.
@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(EXCHANGES, st.lists(st.integers(1, 8), max_size=4), st.integers(1, 8))
def test_a_lake_in_parts_is_hunted_like_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
    exchanges: list[dict[str, Any]],
    cuts: list[int],
    rows: int,
) -> None:
    """How exchanges lie in scans, logs and chunks changes nothing that is found."""
    home = tmp_path_factory.mktemp("lakes")
    rule = home / "rule.yml"
    rule.write_text(THEN)
    asked = [*ASKED, f"rule:{rule}"]
    whole = lake(home / "whole", exchanges)
    parts, rest = [], exchanges
    for number, size in enumerate(cuts):
        if rest[:size]:
            parts.append(lake(home / f"part{number}", rest[: size // 2], rest[size // 2 : size]))
        rest = rest[size:]
    if rest:
        parts.append(lake(home / "rest", rest))

    def told(*places: Path) -> dict[str, Any]:
        document = hunt(asked, places).document
        return document.model_dump(include={"answers", "several"})

    with pytest.MonkeyPatch.context() as patch:
        expected = told(whole)
        patch.setattr(lakes, "FIRST_ROWS", rows)
        assert told(*parts) == expected


THEN = """\
title: Denied, then answered from elsewhere
id: 6b0a1a52-8a0e-4a4e-9f0c-5f4f5d7f3b11
name: then
status: test
description: Denied.
date: 2026-11-20
falsepositives: ['Typing errors.']
level: low
type: hunt
detection: {s: {status: denied}, condition: s}
then:
    detection: {s: {status: ok}, condition: s}
    same: [account]
    differs: [address]
    timespan: 30h
"""
