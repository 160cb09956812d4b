"""What is published is a log as c2sp.org/tlog-tiles describes it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.errors import TamperedError
from stillwatch.evidence import Entry, Log, Reader
from stillwatch.evidence.audit import audited
from stillwatch.evidence.merkle import included, inclusion, leaf_hash
from stillwatch.evidence.tiles import nodes_of, tile_path, tiles_of


def facts(count: int, start: int = 0) -> list[Entry]:
    return [Entry("fact", f"account-{n}", {"n": n}) for n in range(start, start + count)]


def mth(row: list[bytes]) -> bytes:
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=True)
        row = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in pairs]
    return row[0]


def test_the_tiles_of_70000_entries_are_those_of_the_specification() -> None:
    tiles = list(tiles_of(0, 70_000))
    assert [t for t in tiles if t[0] == 0] == [*((0, n, 256) for n in range(273)), (0, 273, 112)]
    assert [t for t in tiles if t[0]] == [(1, 0, 256), (1, 1, 17), (2, 0, 1)]
    assert [t for t in tiles_of(0, 256) if t[0]] == [(1, 0, 1)]


@pytest.mark.parametrize(
    ("place", "path"),
    [(0, "tile/0/000"), (999, "tile/0/999"), (1000, "tile/0/x001/000")],
)
def test_paths_are_those_of_the_specification(place: int, path: str) -> None:
    assert str(tile_path(0, place)) == path


def test_bundles_and_tiles_hold_what_they_should(log: Log) -> None:
    entries = facts(600)
    for start in (0, 1, 255, 256, 300, 512):
        end = {0: 1, 1: 255, 255: 256, 256: 300, 300: 512, 512: 600}[start]
        log.append(entries[start:end])
        log.checkpoint()
    tile = log.public / "tile"
    bundles = {0: "000", 1: "001", 2: "002.p/88"}
    hashes = [hashlib.sha256(b"\x00" + one.data).digest() for one in entries]
    for place, name in bundles.items():
        here = entries[place * 256 : (place + 1) * 256]
        packed = b"".join(len(e.data).to_bytes(2, "big") + e.data for e in here)
        assert (tile / "entries" / name).read_bytes() == packed
        assert (tile / "0" / name).read_bytes() == b"".join(hashes[place * 256 : (place + 1) * 256])
    above = (tile / "1" / "000.p" / "2").read_bytes()
    assert above == mth(hashes[:256]) + mth(hashes[256:512])
    # Partial tiles are there as long as the full one is not.
    names = {path.relative_to(tile / "0").as_posix() for path in (tile / "0").rglob("*")}
    assert names == {"000", "001", "002.p", "002.p/88"}


def test_a_copy_can_be_read_while_the_log_grows(log: Log) -> None:
    log.append(facts(300))
    log.checkpoint()
    reader = Reader(log.public, log.key)
    log.append(facts(300, 300))
    log.checkpoint()
    # Its partial tiles are gone; the full ones have what was in them.
    assert [entry.body["n"] for _, entry in reader.entries()] == list(range(300))
    assert audited(log.public, log.key).checkpoint.size == 600
    Reader(log.public, log.key).goes_on_from(reader.checkpoint)
    with pytest.raises(TamperedError, match="older copy"):
        reader.goes_on_from(log.last)


def test_another_log_of_the_same_name_does_not_go_on_from_this(log: Log, tmp_path: Path) -> None:
    log.append(facts(3))
    old = log.checkpoint()
    with Log.create(tmp_path / "other", log.key.name) as other:
        other.append(facts(2))
        other.append(facts(3))
        other.checkpoint()
        with pytest.raises(TamperedError, match="at 3 entries it was another log"):
            Reader(other.public, other.key).goes_on_from(old)


def test_a_log_of_three_levels_goes_on_and_proves(tmp_path: Path) -> None:
    path, at = tmp_path / "log", datetime(2026, 11, 28, tzinfo=UTC)
    with Log.create(path, "provider.example/evidence") as log:
        log.append([Entry("fact", "x", {"n": n}, at) for n in range(66_000)])
        # So many are signed unasked.
        old = log.last
        assert old.size == 66_000
    with Log.open(path) as log:
        log.append([Entry("fact", "x", {"n": n}, at) for n in range(66_000, 66_300)])
    assert (path / "public/tile/1/000").stat().st_size == 8192
    assert (path / "public/tile/2/000.p/1").read_bytes() == mth(
        [
            tile[n : n + 32]
            for tile in [(path / "public/tile/1/000").read_bytes()]
            for n in range(0, 8192, 32)
        ]
    )
    reader = Reader(path / "public", log.key)
    reader.goes_on_from(old)
    signed = reader.checkpoint
    for index in (0, 255, 65_535, 65_536, 65_999, 66_299):
        leaf = leaf_hash(Entry("fact", "x", {"n": index}, at).data)
        found = inclusion(nodes_of(reader.published.tile), index, signed.size)
        assert included(leaf, index, signed.size, found, signed.root)
