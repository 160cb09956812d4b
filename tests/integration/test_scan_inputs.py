"""Which input is read, and how: names of formats, mapping files, windows, odd traffic."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scanned import accounted, document, rejected

import stillwatch as sw
from stillwatch.errors import FormatError, InputError, NoInputError, OutputError, UsageError

SETTINGS = sw.Settings(workers=1)
Record = Callable[..., dict[str, Any]]
Log = Callable[..., Path]


def test_a_mapping_file_is_honoured(tmp_path: Path, log: Log) -> None:
    theirs = [
        {"ts": 1_772_355_600 + 60 * n, "who": {"id": f"c{n % 3}"}, "text": f"Sum {n}", "ip": "x"}
        for n in range(9)
    ]
    path = log("vendor.jsonl", theirs)
    mapping = tmp_path / "vendor.toml"
    mapping.write_text(
        '[columns]\ntime = { path = "ts", unit = "s" }\naccount = "who.id"\nprompt = "text"\n'
        'address = "ip"\n'
    )
    result = sw.scan(path, settings=SETTINGS, mapping=mapping)
    assert result.document.reading.exchanges == 9
    assert sorted(result.accounts["account"].to_pylist()) == ["c0", "c1", "c2"]


def test_another_mapping_reads_the_same_file_anew(tmp_path: Path, log: Log) -> None:
    rows = [{"t": f"2026-03-01T09:{n:02}:00Z", "a": "x", "b": "y", "p": "Hi"} for n in range(5)]
    path = log("vendor.jsonl", rows)
    mapping = tmp_path / "m.toml"
    for name in ("a", "b"):
        mapping.write_text(
            f'[columns]\ntime = "t"\naccount = "{name}"\nprompt = "p"\naddress = "{name}"\n'
        )
        result = sw.scan(path, tmp_path / "out", settings=SETTINGS, mapping=mapping)
        assert result.accounts["account"].to_pylist() == [rows[0][name]]
        assert result.document.reading.exchanges == 5


def test_what_the_mapping_found_nothing_for_is_told(tmp_path: Path, log: Log) -> None:
    theirs = [{"t": f"2026-03-01T09:{n:02}:00Z", "a": "x", "p": "Hi", "ip": "i"} for n in range(5)]
    with_pay = [{**one, "pay": {"mark": "m"}} for one in theirs]
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[columns]\ntime = "t"\naccount = "a"\nprompt = "p"\naddress = "ipp"\n'
        'payment_mark = "pay.mark"\ncountry = { path = "cc", default = "NZ" }\n'
    )
    both = [log("plain.jsonl", theirs), log("paid.jsonl", with_pay)]
    found = sw.scan(both, settings=SETTINGS, mapping=mapping).document.reading
    assert found.unmatched == {"address": "ipp", "country": "cc"}
    alone = sw.scan(both[0], settings=SETTINGS, mapping=mapping).document.reading
    assert alone.unmatched == {"address": "ipp", "country": "cc", "payment_mark": "pay.mark"}
    # An empty file has nothing to say of any path.
    empty = sw.scan([*both, log("empty.jsonl", [])], settings=SETTINGS, mapping=mapping)
    assert empty.document.reading.unmatched == found.unmatched


def test_where_a_path_leads_nowhere_and_nothing_is_usable_the_path_is_told(
    tmp_path: Path, log: Log
) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\ntime = "t"\naccount = "wo.id"\nprompt = "p"\n')
    rows = [{"t": f"2026-03-01T09:{n:02}:00Z", "who": {"id": "x"}, "p": "Hi"} for n in range(5)]
    with pytest.raises(InputError, match=r"5 × missing account") as error:
        sw.scan(log("a.jsonl", rows), settings=SETTINGS, mapping=mapping)
    assert str(error.value).endswith("\nThe mapping found nothing for account at wo.id.")


def test_fields_that_mean_nothing_are_told_with_their_files(
    tmp_path: Path, log: Log, record: Record
) -> None:
    paths = [
        log("a.jsonl", [record(n, adress="198.51.100.7") for n in range(3)]),
        log("b.jsonl", [record(n, adress="198.51.100.7", mood="fine") for n in range(3, 6)]),
    ]
    out = tmp_path / "out"
    assert sw.scan(paths, out, settings=SETTINGS).document.reading.unread == {
        "adress": 2,
        "mood": 1,
    }
    # What an earlier scan read is not read again, and still told.
    assert sw.scan(paths, out, settings=SETTINGS).document.reading.unread["adress"] == 2
    assert "Fields that mean nothing here: <code>adress</code>" in (out / "report.html").read_text()


def test_a_log_whose_keys_are_data_is_noted_within_bounds(log: Log, record: Record) -> None:
    path = log("a.jsonl", [record(n, **{f"key {n}": 1}) for n in range(300)])
    assert len(sw.scan(path, settings=SETTINGS).document.reading.unread) == 100


def test_a_format_and_a_mapping_are_one_too_many(tmp_path: Path, log: Log, record: Record) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\ntime = "t"\naccount = "a"\nprompt = "p"\n')
    with pytest.raises(UsageError, match=r"format native and mapping .*m\.toml: .* leave one out"):
        sw.scan(log("a.jsonl", [record(1)]), settings=SETTINGS, format="native", mapping=mapping)


def test_a_named_format_overrules_what_the_content_looks_like(
    tmp_path: Path, log: Log, record: Record
) -> None:
    # One field of three: nobody would take it for an exchange.
    path = log("a.jsonl", [{"account": "a", "x": 1}, *map(record, range(3))])
    result = sw.scan(path, tmp_path / "out", settings=SETTINGS, format="native")
    assert result.document.reading.exchanges == 3
    assert rejected(tmp_path / "out")[0]["line"] == 1


def test_an_unknown_format_is_answered_with_those_there_are(log: Log, record: Record) -> None:
    path = log("a.jsonl", [record(1)])
    with pytest.raises(FormatError, match=r"'morse'.*native"):
        sw.scan(path, settings=SETTINGS, format="morse")


def test_files_of_several_formats_are_read_together(
    tmp_path: Path, log: Log, record: Record
) -> None:
    folder = log("a.jsonl", map(record, range(5))).parent
    with (folder / "b.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "account", "prompt", "address"])
        writer.writerow(["2026-03-01T10:00:00Z", "from-csv", "Hello", "203.0.113.9"])
    result = sw.scan(folder, tmp_path / "out", settings=sw.Settings(workers=2))
    assert result.document.reading.files == 2
    assert result.document.reading.exchanges == 6
    assert "from-csv" in result.accounts["account"].to_pylist()


def test_a_window_ends_before_its_end(tmp_path: Path, log: Log, record: Record) -> None:
    start = datetime(2026, 3, 1, 9, tzinfo=UTC)
    path = log("a.jsonl", map(record, range(10)))
    minute = timedelta(minutes=1)

    def count(**window: datetime) -> int:
        return sw.scan(
            path, tmp_path / "out", settings=SETTINGS, **window
        ).document.reading.exchanges

    assert count(since=start + 3 * minute) == 7
    assert count(until=start + 3 * minute) == 3
    assert count(since=start + 3 * minute, until=start + 5 * minute) == 2


def test_a_window_without_traffic_is_told(tmp_path: Path, log: Log, record: Record) -> None:
    path = log("a.jsonl", map(record, range(10)))
    later = datetime(2027, 1, 1, tzinfo=UTC)
    with pytest.raises(InputError, match="no exchange of the 1 file lies in the window"):
        sw.scan(path, tmp_path / "out", settings=SETTINGS, since=later)


def test_a_window_that_can_hold_nothing_is_told(log: Log, record: Record) -> None:
    path = log("a.jsonl", [record(1)])
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(UsageError, match=r"ends .* before it begins"):
        sw.scan(path, settings=SETTINGS, since=noon, until=noon)
    with pytest.raises(UsageError, match="since has no time zone"):
        sw.scan(path, settings=SETTINGS, since=noon.replace(tzinfo=None))


def test_what_a_scan_wrote_is_not_read_by_the_next(log: Log, record: Record) -> None:
    folder = log("a.jsonl", map(record, range(10))).parent
    for _ in range(2):
        told = sw.scan(folder, folder / "out", settings=SETTINGS).document
        assert (told.reading.files, told.reading.exchanges) == (1, 10)
        assert told.reading.rejected == {}
    with pytest.raises(NoInputError, match="what an earlier scan wrote"):
        sw.scan(folder / "out" / "sketches", folder / "out", settings=SETTINGS)


@pytest.mark.parametrize("accounts", [1, 2, 30])
def test_however_few_or_many_accounts_share_nothing_a_scan_ends(
    log: Log, record: Record, accounts: int
) -> None:
    rows = [
        record(n, account=f"a{n % accounts}", address=f"203.0.113.{n}", prompt=f"{n * n}")
        for n in range(30)
    ]
    result = sw.scan(log("a.jsonl", rows), settings=SETTINGS)
    assert result.campaigns == ()
    assert result.accounts.num_rows == accounts


def test_a_clock_that_jumps_back_and_forth_costs_nothing(log: Log, record: Record) -> None:
    years = [2026, 2001, 2099, 2026, 2000, 2050]
    rows = [record(n, time=f"{year}-03-01T09:00:00Z") for n, year in enumerate(years * 4)]
    reading = sw.scan(log("a.jsonl", rows), settings=SETTINGS).document.reading
    assert reading.exchanges == 24
    assert reading.first is not None
    assert reading.last is not None
    assert (reading.first.year, reading.last.year) == (2000, 2099)


def test_ids_that_stand_twice_count_once_within_a_file_and_across(
    tmp_path: Path, log: Log, record: Record
) -> None:
    log("a.jsonl", [*map(record, range(10)), record(3), record(3)])
    folder = log("b.jsonl", [record(3), record(5), record(50)]).parent
    result = sw.scan(folder, tmp_path / "out", settings=SETTINGS)
    assert result.document.reading.exchanges == 11
    assert result.document.reading.duplicates == 4
    assert accounted(document(tmp_path / "out")) == 15
    told = rejected(tmp_path / "out")
    assert [r["reason"] for r in told] == ["duplicate exchange_id"] * 4
    assert [r["exchange_id"] == "e3" for r in told] == [True, True, True, False]
    assert told[3]["exchange_id"] == "e5"


def test_of_copies_the_earliest_counts(log: Log, record: Record) -> None:
    late, early = (f"2026-03-01T{hour}:00:00Z" for hour in ("12", "09"))
    rows = [record(1, time=late), record(1, time=early), record(2, time=early)]
    reading = sw.scan(log("a.jsonl", rows), settings=SETTINGS).document.reading
    assert (reading.exchanges, reading.duplicates) == (2, 1)
    assert reading.last is not None
    assert reading.last.hour == 9


def test_two_accounts_may_have_one_id_between_them_and_it_is_told(
    tmp_path: Path, log: Log, record: Record
) -> None:
    rows = [record(1, account="one"), record(1, account="other"), record(2), record(2)]
    out = tmp_path / "out"
    reading = sw.scan(log("a.jsonl", rows), out, settings=SETTINGS).document.reading
    assert (reading.exchanges, reading.duplicates, reading.shared_ids) == (3, 1, 2)
    assert [(r["exchange_id"], r["detail"]) for r in rejected(out)] == [
        ("e2", "copy 2; the earliest counts")
    ]
    assert "2 exchanges have an id that another account has, too" in (
        (out / "report.html").read_text()
    )


def test_a_copy_within_an_account_is_one_beside_the_same_id_of_another(
    log: Log, record: Record
) -> None:
    rows = [record(1, account=name) for name in ("one", "one", "other", "third")]
    reading = sw.scan(log("a.jsonl", rows), settings=SETTINGS).document.reading
    assert (reading.exchanges, reading.duplicates, reading.shared_ids) == (3, 1, 3)


def test_the_same_file_named_twice_is_read_once(log: Log, record: Record) -> None:
    path = log("a.jsonl", map(record, range(5)))
    result = sw.scan([path, path.parent, path], settings=SETTINGS)
    assert (result.document.reading.exchanges, result.document.reading.duplicates) == (5, 0)


def test_a_file_that_grew_is_read_anew_and_counts_once(
    tmp_path: Path, log: Log, record: Record
) -> None:
    log("a.jsonl", map(record, range(5)))
    folder = tmp_path / "logs"
    sw.scan(folder, tmp_path / "out", settings=SETTINGS)
    log("a.jsonl", map(record, range(8)))
    reading = sw.scan(folder, tmp_path / "out", settings=SETTINGS).document.reading
    assert (reading.exchanges, reading.files, reading.duplicates) == (8, 1, 0)


def test_a_scan_of_fewer_files_forgets_the_others(tmp_path: Path, log: Log, record: Record) -> None:
    first = log("a.jsonl", map(record, range(5)))
    log("b.jsonl", map(record, range(5, 9)))
    sw.scan(first.parent, tmp_path / "out", settings=SETTINGS)
    reading = sw.scan(first, tmp_path / "out", settings=SETTINGS).document.reading
    assert (reading.exchanges, reading.files) == (5, 1)


def test_a_file_of_ones_own_in_the_way_is_not_overwritten_and_the_old_result_stays(
    tmp_path: Path, log: Log, record: Record
) -> None:
    path = log("a.jsonl", map(record, range(5)))
    out = tmp_path / "out"
    sw.scan(path, out, settings=SETTINGS)
    before = document(out)
    (out / "report.html").unlink()
    (out / "report.html").write_text("my notes")
    with pytest.raises(OutputError, match=r"report\.html: is in the way"):
        sw.scan(path, out, settings=SETTINGS)
    assert (out / "report.html").read_text() == "my notes"
    assert document(out) == before
