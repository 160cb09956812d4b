"""Loading licences: what is wrong is told by file, line and field, and all of it at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from licence_texts import text

from stillwatch import licences, schemas
from stillwatch.errors import UsageError
from stillwatch.licences.model import Licence


def written(folder: Path, name: str = "heron.yml", **changes: Any) -> Path:
    path = folder / name
    path.write_text(text(**changes), "utf-8")
    return path


def problem(*paths: Path) -> str:
    with pytest.raises(UsageError) as error:
        licences.load(paths)
    return str(error.value)


RESELLER = {"kind": "reseller", "subkey": "credential"}
TWO = [{"name": "plover", "keys": ["k1"]}, {"name": "dunlin", "keys": ["k2"]}]


@pytest.mark.parametrize(
    ("changes", "line", "field", "told"),
    [
        ({"until": None}, 1, "until", "is missing; when it ends, exclusive"),
        ({"volume": {"exchange": 1, "per": "day"}}, 12, "volume.exchange", "mean 'exchanges'?"),
        ({"volume": {"per": "day"}}, 11, "volume", "says no amount"),
        ({"volume": {"exchanges": 1, "per": "year"}}, 13, "volume.per", "not one of day, week"),
        ({"rate": {"exchanges": 0, "per": "day"}}, 12, "rate.exchanges", "at least 1, not 0"),
        ({"kind": "destillation"}, 3, "kind", "did you mean 'distillation'?"),
        ({"accounts": None}, 1, "", "is for nobody"),
        ({"accounts": [17]}, 6, "accounts.0", "must be text, not 17"),
        ({"models": []}, 7, "models", "at least 1"),
        ({"models": None}, 1, "models", "is missing; models it covers"),
        ({"start": "soon"}, 8, "from", "'soon' is no time; write it like 2026-11-20"),
        ({"start": True}, 8, "from", "is no time"),
        ({"end": "2026-10-01"}, 9, "until", "is not after its beginning, 2026-10-01"),
        ({"id": "a b"}, 1, "id", "must match the pattern"),
        ({"holder": ""}, 2, "holder", "must be text that is not empty"),
        ({"used": {"exchanges": 1, "at": "2026-11-01"}}, 10, "used", "is of no volume"),
        ({"kind": "reseller"}, 1, "", "say with `subkey`"),
        (RESELLER, 1, "", "name the customers that may distil"),
        ({"subkey": "credential"}, 10, "subkey", "the kind reseller only"),
        ({"customers": TWO}, 10, "customers", "the kind reseller only"),
        (
            RESELLER | {"customers": [TWO[0], TWO[0] | {"name": "knot"}]},
            17,
            "customers.1.keys",
            "'k1' is a key of plover, too",
        ),
        (
            RESELLER | {"customers": [TWO[0], TWO[1] | {"name": "plover"}]},
            14,
            "customers.0.name",
            "'plover' is there twice",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, changes: dict[str, Any], line: int, field: str, told: str
) -> None:
    path = written(tmp_path, **changes)
    said = problem(path)
    first = said.splitlines()[0]
    assert first.startswith(f"{path}:"), said
    assert told in first.removeprefix(f"{path}:")
    if field:
        assert f": {field}: " in first
    number = int(first.removeprefix(f"{path}:").split(":")[0])
    assert abs(number - line) <= 2, "near the place"


def test_all_that_is_wrong_in_all_files_is_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, "a.yml", kind="gift", purpose=None)
    written(tmp_path, "b.yml", id="other", until="never")
    assert len(problem(tmp_path).splitlines()) == 3


def test_a_folder_without_licences_is_told(tmp_path: Path) -> None:
    assert "holds no licence" in problem(tmp_path)


def test_an_id_is_one_licence_s(tmp_path: Path) -> None:
    written(tmp_path, "a.yml")
    written(tmp_path, "b.yml", accounts=["acct-egret"])
    assert "'heron-2026' is taken by" in problem(tmp_path)


@pytest.mark.parametrize(
    ("changes", "both"),
    [
        ({}, True),
        ({"models": "any"}, True),
        ({"models": ["aster-3-mini"]}, False),
        ({"accounts": ["acct-egret"]}, False),
        ({"accounts": None, "organizations": ["acct-heron"]}, False),
        ({"start": "2027-10-01", "end": "2028-10-01"}, False),
        ({"start": "2027-09-30", "end": "2028-10-01"}, True),
    ],
)
def test_no_exchange_can_be_of_two_licences(
    tmp_path: Path, changes: dict[str, Any], both: bool
) -> None:
    written(tmp_path, "a.yml")
    written(tmp_path, "b.yml", id="heron-b", **changes)
    if both:
        assert "could both cover account acct-heron on aster-3" in problem(tmp_path)
    else:
        assert len(licences.load([tmp_path])) == 2


def test_resellers_with_other_keys_of_one_account_go_together(tmp_path: Path) -> None:
    written(tmp_path, "a.yml", **RESELLER, customers=TWO[:1])
    written(tmp_path, "b.yml", id="b", **RESELLER, customers=TWO[1:])
    assert len(licences.load([tmp_path])) == 2
    written(tmp_path, "c.yml", id="c", **RESELLER, customers=TWO[1:])
    assert "could both cover" in problem(tmp_path)


def test_a_day_begins_at_midnight_in_utc(tmp_path: Path) -> None:
    path = written(tmp_path, start="2026-10-01T02:00:00+02:00")
    (one,) = licences.load([path])
    assert one.start.isoformat() == "2026-10-01T00:00:00+00:00"
    assert one.end.isoformat() == "2027-10-01T00:00:00+00:00"


def test_the_schema_names_what_a_file_may_say() -> None:
    shape = schemas.schema("licence")
    assert {f.alias or n for n, f in Licence.model_fields.items()} == set(shape["properties"])
    json.dumps(shape)
