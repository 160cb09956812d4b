"""Small sources become one, and a kill in between changes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from made_lakes import lake
from stillwatch.sketch import merge as merging
from stillwatch.sketch.lake import Lake, rejected_path
from stillwatch.sketch.manifest import Manifest
from stillwatch.sketch.merge import merge, mergeable, tier


def together(metas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"of": len(metas)}


def ids(out: Path) -> Counter[str]:
    parts = Lake.open(out).parts()
    return Counter(i for part in parts for i in pq.read_table(part)["exchange_id"].to_pylist())


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return lake(tmp_path / "out", *([{"account": "a"}, {"account": f"b{n}"}] for n in range(3)))


def test_the_rows_stay(made: Path) -> None:
    before = ids(made)
    days = {p.day: 0 for m in Lake.open(made).manifests() for p in m.parts}
    with Lake.open(made, write=True) as lake_:
        whole = merge(lake_, lake_.manifests(), together)
    found = Lake.open(made)
    assert found.manifests() == [whole]
    assert whole.rows == before.total()
    assert whole.meta == {"of": 3}
    assert len(whole.parts) == len(days)
    assert ids(made) == before
    on_disk = set((made / "sketches").glob("day=*/*"))
    assert on_disk == set(found.parts())


def test_what_was_set_aside_stays_told(made: Path) -> None:
    with Lake.open(made, write=True) as lake_:
        for number, manifest in enumerate(lake_.manifests()):
            told = Manifest(**{**_fields(manifest), "rejected": {"why": 1}})
            rejected_path(made, manifest.digest).parent.mkdir(exist_ok=True)
            rejected_path(made, manifest.digest).write_text(json.dumps(number) + "\n")
            lake_.accept(told)
        whole = merge(lake_, lake_.manifests(), together)
    assert whole.rejected == {"why": 3}
    assert sorted(rejected_path(made, whole.digest).read_text().split()) == ["0", "1", "2"]
    assert len(list((made / "rejected").iterdir())) == 1


@pytest.mark.parametrize("step", range(4))
def test_a_kill_in_between(made: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    before, left = ids(made), step
    unlink = Path.unlink

    def killed(path: Path, missing_ok: bool = False) -> None:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt), Lake.open(made, write=True) as lake_:
            merge(lake_, lake_.manifests(), together)
    assert ids(made) == before, "for a reader, before anything is cleaned"
    with Lake.open(made, write=True) as lake_:
        assert len(lake_.manifests()) == 1
    assert ids(made) == before
    assert len(list((made / "sketches" / "_manifests").iterdir())) == 1


def test_a_tier_is_merged_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = [1, 15, 16, 255, 256, 5000]
    assert [tier(rows) for rows in sizes] == [0, 0, 1, 1, 2, 3]
    small = [_manifest(f"s{n}", n % 10) for n in range(15)]
    large = [_manifest(f"l{n}", 100) for n in range(16)]
    assert mergeable(small) == []
    assert mergeable([*small, *large]) == large
    assert mergeable([*small, _manifest("s15", 3), *large]) == [*small, _manifest("s15", 3)]
    monkeypatch.setattr(merging, "LARGEST", 100)
    assert mergeable(large) == []


def _manifest(digest: str, rows: int) -> Manifest:
    return Manifest(digest, 1, rows, {}, ())


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in Manifest.__dataclass_fields__}
