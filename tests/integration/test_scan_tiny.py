"""A scan from logs to campaigns, on traffic whose truth is known."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scanned import document, groups, rejected, same, table

import stillwatch as sw
from stillwatch import schemas
from stillwatch.campaigns import document as documents
from stillwatch.campaigns.identity import identity
from stillwatch.results import FILES
from stillwatch.signals.registry import signals, starved
from stillwatch.traffic.exchange import json_type

SETTINGS = sw.Settings(workers=1)


@pytest.fixture(scope="session")
def told(tiny_out: Path) -> dict[str, Any]:
    return document(tiny_out)


@pytest.fixture(scope="session")
def traffic(tiny_range: Path) -> pa.Table:
    return pq.read_table(tiny_range / "traffic")


@pytest.fixture(scope="session")
def truth(tiny_range: Path) -> pa.Table:
    return pq.read_table(tiny_range / "truth.parquet")


def test_every_result_file_is_there_and_not_hidden(tiny_out: Path) -> None:
    visible = {p.name for p in tiny_out.iterdir() if not p.name.startswith(".")}
    assert set(FILES) <= visible
    assert visible - set(FILES) == {"sketches", "examples", "rejected"}
    assert all((tiny_out / name).is_file() for name in FILES)


def test_the_document_keeps_its_schema(tiny_out: Path, told: dict[str, Any]) -> None:
    text = (tiny_out / "campaigns.json").read_text("utf-8")
    assert documents.Scan.model_validate_json(text).model_dump(mode="json", by_alias=True) == told
    properties = schemas.schema("campaigns")["properties"]
    assert told.keys() == properties.keys()


@pytest.mark.parametrize("name", ["accounts", "exchanges"])
def test_tables_have_the_columns_of_their_schema(tiny_out: Path, name: str) -> None:
    found = table(tiny_out, name)
    schema = schemas.schema(name)
    mark = found.schema.metadata[b"schema"].decode()
    assert schema["$id"] == f"urn:{mark.replace('/', ':')}"
    listed = list(schema["properties"].items())
    assert found.column_names[: len(listed)] == [column for column, _ in listed]
    for column, shape in listed:
        kind = found.schema.field(column).type
        assert json_type(kind)["type"] == shape["type"][0], column
        assert str(kind) == shape["x-arrow"], column


def test_the_reading_says_what_was_read(told: dict[str, Any], traffic: pa.Table) -> None:
    reading = told["reading"]
    times = traffic["time"].to_pylist()
    assert reading["exchanges"] == len(traffic)
    assert reading["accounts"] == len(set(traffic["account"].to_pylist()))
    assert (reading["duplicates"], reading["rejected"]) == (0, {})
    assert datetime.fromisoformat(reading["first"]) == min(times)
    assert datetime.fromisoformat(reading["last"]) == max(times)


def test_the_harvest_is_the_surest_group(told: dict[str, Any], truth: pa.Table) -> None:
    rows = truth.select(["account", "campaign"]).to_pylist()
    harvesters = {r["account"] for r in rows if r["campaign"]}
    surest = max(groups(told), key=lambda g: g["bits"])
    members = {member["account"] for member in surest["accounts"]}
    assert len(members & harvesters) > 0.7 * len(harvesters)
    assert len(members - harvesters) < 0.2 * len(members)


def test_no_lookalike_of_tiny_is_a_campaign(told: dict[str, Any], truth: pa.Table) -> None:
    rows = truth.select(["account", "campaign"]).to_pylist()
    harvesters = {r["account"] for r in rows if r["campaign"]}
    for campaign in told["campaigns"]:
        members = {member["account"] for member in campaign["accounts"]}
        assert len(members & harvesters) > len(members) / 2


def test_a_waterfall_sums_to_its_total(told: dict[str, Any]) -> None:
    for group in groups(told):
        bars = group["waterfall"]
        # Each bar is rounded to four digits.
        assert sum(b["bits"] for b in bars) == pytest.approx(group["bits"], abs=1e-4 * len(bars))
        assert len({b["signal"] for b in bars}) == len(bars)
        assert group["probability"] == pytest.approx(1 / (1 + 2 ** -group["bits"]), abs=1e-3)


def test_the_waterfall_of_a_member_sums_to_its_bits(told: dict[str, Any]) -> None:
    checked = 0
    for group in groups(told):
        for member in group["accounts"]:
            if member["waterfall"]:
                whole = sum(bar["bits"] for bar in member["waterfall"])
                assert whole == pytest.approx(member["bits"], abs=0.01)
                checked += 1
    assert checked > 20


def test_verdicts_stand_in_the_right_list_in_the_order_of_their_bits(told: dict[str, Any]) -> None:
    for part, verdict in (("campaigns", "campaign"), ("leads", "lead"), ("spared", "spared")):
        assert {g["verdict"] for g in told[part]} <= {verdict}
        bits = [g["bits"] for g in told[part]]
        assert bits == sorted(bits, reverse=True)
    q_values = [c["q_value"] for c in told["campaigns"]]
    assert told["expected_false"] == pytest.approx(max(q_values) * len(q_values))
    assert max(q_values) <= told["fdr"] == told["config"]["fdr"]
    assert all(c["account_fpr"] <= told["account_fpr"] for c in told["campaigns"])
    assert not any(c["kept_from"] for c in told["campaigns"])
    assert all(c["kept_from"] for c in (*told["leads"], *told["spared"]))
    assert told["weighed"] >= sum(len(told[part]) for part in ("campaigns", "leads", "spared"))


def test_the_id_of_a_first_scan_is_that_of_the_members(told: dict[str, Any]) -> None:
    ids = [g["id"] for g in groups(told)]
    assert len(ids) == len(set(ids)) > 1
    for group in groups(told):
        names = [member["account"] for member in group["accounts"]]
        assert len(names) == len(set(names)) == group["account_count"]
        assert group["id"] == identity(names)


def test_no_account_is_in_two_groups(told: dict[str, Any]) -> None:
    names = Counter(m["account"] for g in groups(told) for m in g["accounts"])
    assert max(names.values()) == 1


def test_every_account_has_one_row(tiny_out: Path, traffic: pa.Table) -> None:
    rows = table(tiny_out, "accounts").to_pylist()
    sent = Counter(traffic["account"].to_pylist())
    assert {r["account"]: r["exchanges"] for r in rows} == sent
    assert len(rows) == len(sent)


def test_accounts_name_their_group(tiny_out: Path, told: dict[str, Any]) -> None:
    rows = table(tiny_out, "accounts").to_pylist()
    named = {r["account"]: (r["campaign"], r["verdict"]) for r in rows if r["campaign"]}
    expected = {
        m["account"]: (g["id"], g["verdict"])
        for g in (*told["campaigns"], *told["leads"])
        for m in g["accounts"]
    }
    assert named == expected
    assert all((r["campaign"] is None) == (r["verdict"] is None) for r in rows)
    assert all((r["link_bits"] is None) <= (r["campaign"] is None) for r in rows)


def test_attributed_exchanges_were_read_and_belong_to_members(
    tiny_out: Path, told: dict[str, Any], traffic: pa.Table
) -> None:
    rows = table(tiny_out, "exchanges").to_pylist()
    assert rows
    sender = dict(
        zip(traffic["exchange_id"].to_pylist(), traffic["account"].to_pylist(), strict=True)
    )
    members = {
        (g["id"], g["verdict"], m["account"]): m["harvest_exchanges"]
        for g in (*told["campaigns"], *told["leads"])
        for m in g["accounts"]
    }
    assert all(sender[r["exchange_id"]] == r["account"] for r in rows)
    assert len({r["exchange_id"] for r in rows}) == len(rows)
    counted = Counter((r["campaign"], r["verdict"], r["account"]) for r in rows)
    assert counted == {key: n for key, n in members.items() if n}
    assert min(r["bits"] for r in rows) > 0


def test_counts_of_a_group_agree_with_one_another(told: dict[str, Any]) -> None:
    for group in groups(told):
        harvest = sum(m["harvest_exchanges"] for m in group["accounts"])
        if group["verdict"] != "spared":
            assert group["exchanges"] == harvest
        assert sum(m["exchanges"] for m in group["timeline"]) == harvest
        assert sum(c["exchanges"] for c in group["models"]) <= harvest
        assert sum(c["exchanges"] for c in group["intents"]) <= harvest
        assert all(m["harvest_exchanges"] <= m["exchanges"] for m in group["accounts"])
        assert group["first_seen"] <= group["last_seen"]
        assert all(2 <= link["accounts"] <= group["account_count"] for link in group["links"])
        assert all(link["accounts_elsewhere"] >= 0 for link in group["links"])
        names = {m["account"] for m in group["accounts"]}
        assert all(set(link["members"]) <= names for link in group["links"])


def test_prompts_stand_nowhere_in_the_results(
    tiny_out: Path, told: dict[str, Any], traffic: pa.Table
) -> None:
    examples = {t["example"] for g in groups(told) for t in g["templates"]}
    kept = (tiny_out / "campaigns.json").read_text("utf-8")
    long = [p for p in traffic["prompt"].to_pylist() if len(p) > 200]
    assert len(long) > 100
    for prompt in long:
        assert json.dumps(prompt)[1:-1] not in kept
        assert prompt not in examples


def test_the_report_is_one_page_that_names_the_groups(tiny_out: Path, told: dict[str, Any]) -> None:
    page = (tiny_out / "report.html").read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert all(g["id"] in page for g in (*told["campaigns"], *told["leads"]))


def test_the_document_says_how_it_was_made(told: dict[str, Any]) -> None:
    assert told["config"] == SETTINGS.model_dump(mode="json")
    assert told["version"] == sw.__version__
    assert told["skipped"] == []
    assert abs(datetime.now(UTC) - datetime.fromisoformat(told["made"])) < timedelta(hours=1)


def test_two_scans_of_one_input_give_one_result(
    tiny_out: Path, tiny_range: Path, tmp_path: Path
) -> None:
    result = sw.scan(tiny_range / "traffic", tmp_path, settings=SETTINGS)
    same(tiny_out, tmp_path)
    assert document(tmp_path) == json.loads(result.document.model_dump_json(by_alias=True))
    assert result.campaigns == result.document.campaigns
    for name, held in (("accounts", result.accounts), ("exchanges", result.exchanges)):
        assert held.schema.equals(table(tmp_path, name).schema, check_metadata=True)
        assert held.num_rows == table(tmp_path, name).num_rows


def test_the_sketches_give_the_result_of_the_logs(tiny_out: Path, tmp_path: Path) -> None:
    sw.scan(tiny_out / "sketches", tmp_path, settings=SETTINGS)
    ours, theirs = document(tiny_out), document(tmp_path)
    for told in (ours, theirs):
        del told["made"], told["reading"]["files"]
        for group in groups(told):
            # Masked texts lie beside the sketches, not in them.
            for template in group["templates"]:
                del template["example"]
    assert ours == theirs


def test_how_the_logs_were_cut_into_files_changes_nothing(
    tiny_out: Path, traffic: pa.Table, tmp_path: Path
) -> None:
    order = sorted(range(len(traffic)), key=lambda i: (i * 7919) % len(traffic))
    mixed = traffic.take(order)
    for part in range(3):
        folder = tmp_path / "logs"
        folder.mkdir(exist_ok=True)
        pq.write_table(mixed.slice(part * 1700, 1700), folder / f"{part}.parquet")
    sw.scan(tmp_path / "logs", tmp_path / "out", settings=SETTINGS)
    ours, theirs = document(tiny_out), document(tmp_path / "out")
    for told in (ours, theirs):
        assert told["reading"].pop("files")
    assert ours["reading"] == theirs["reading"]
    assert {g["id"]: g["bits"] for g in groups(ours)} == {
        g["id"]: g["bits"] for g in groups(theirs)
    }


def test_without_out_nothing_is_left_behind(
    tiny_range: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = sorted(tiny_range.rglob("*"))
    result = sw.scan([tiny_range / "traffic"], settings=SETTINGS)
    assert list(tmp_path.iterdir()) == []
    assert sorted(tiny_range.rglob("*")) == before
    assert [c.id for c in result.campaigns] == [c["id"] for c in told["campaigns"]]


def test_a_window_is_what_the_traffic_of_that_time_alone_would_give(
    tiny_range: Path, traffic: pa.Table, tmp_path: Path
) -> None:
    times = sorted(traffic["time"].to_pylist())
    since, until = times[len(times) // 4], times[3 * len(times) // 4]
    result = sw.scan(tiny_range / "traffic", tmp_path, settings=SETTINGS, since=since, until=until)
    inside = [t for t in times if since <= t < until]
    reading = result.document.reading
    assert reading.exchanges == len(inside)
    assert (reading.first, reading.last) == (inside[0], inside[-1])
    assert reading.last is not None
    assert reading.last < until
    rows = result.accounts.to_pylist()
    assert min(r["first_seen"] for r in rows) >= since
    assert max(r["last_seen"] for r in rows) < until
    assert sum(r["exchanges"] for r in rows) == len(inside)


THREE = ["time", "account", "prompt"]


def test_time_account_and_prompt_are_enough(traffic: pa.Table, tmp_path: Path) -> None:
    pq.write_table(traffic.select(THREE), tmp_path / "three.parquet")
    told = sw.scan(tmp_path / "three.parquet", settings=SETTINGS).document
    assert told.reading.exchanges == len(traffic)
    skipped = {s.signal: s.missing for s in told.skipped}
    assert {"address", "payment", "shared_infrastructure"} <= skipped.keys()
    assert skipped["address"] == ("address",)
    named = {b.signal for g in (*told.leads, *told.spared) for b in g.waterfall}
    assert not named & skipped.keys()
    assert not [s.signal for s in told.skipped if set(s.missing) & set(THREE)]


def test_signals_without_their_columns_are_skipped_and_named(
    traffic: pa.Table, tmp_path: Path
) -> None:
    columns = [*THREE, "address"]
    pq.write_table(traffic.select(columns), tmp_path / "four.parquet")
    result = sw.scan(tmp_path / "four.parquet", tmp_path / "out", settings=SETTINGS)
    skipped = {s.signal: s.missing for s in result.document.skipped}
    fed = {s.about.name for s in signals()} - skipped.keys()
    assert "payment" in skipped
    assert skipped["payment"] == ("payment_mark",)
    assert {"address", "head"} <= fed
    assert all(not set(missing) & set(columns) for missing in skipped.values())
    assert skipped.keys() < {s.about.name for s, _ in starved(frozenset())}
    assert rejected(tmp_path / "out") == []


@pytest.mark.parametrize(
    "lacking",
    [("address", "network", "country"), ("user_agent", "tls_fingerprint"), ("system",)],
    ids=lambda columns: columns[0],
)
def test_a_provider_that_logs_less_still_finds_the_campaign(
    traffic: pa.Table, truth: pa.Table, tmp_path: Path, lacking: tuple[str, ...]
) -> None:
    there = [name for name in lacking if name in traffic.column_names]
    assert there
    pq.write_table(traffic.drop_columns(there), tmp_path / "less.parquet")
    result = sw.scan(tmp_path / "less.parquet", settings=SETTINGS)
    (found,) = result.campaigns
    guilty = {r["account"] for r in truth.to_pylist() if r["campaign"]}
    assert {m.account for m in found.accounts} <= guilty
    assert found.account_count > 0.9 * len(guilty)
    assert result.exchanges.num_rows > 0
