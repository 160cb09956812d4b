"""What people write as a path becomes the files they mean."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stillwatch.errors import NoInputError
from stillwatch.traffic import Reject, read, sources

from .conftest import EXCHANGE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "day=1/a.jsonl",
        "day=1/b.parquet",
        "day=2/deep/c.csv",
        "day=2/_SUCCESS",
        "day=2/.c.csv.crc",
        "_temporary/0/d.jsonl",
        ".git/e.jsonl",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def inside(folder: Path, *asked: str | Path) -> list[str]:
    return [s.path.replace("file://", "").removeprefix(f"{folder}/") for s in sources(asked)]


def test_a_folder_is_searched_and_leavings_are_skipped(folder: Path) -> None:
    assert inside(folder, folder) == ["day=1/a.jsonl", "day=1/b.parquet", "day=2/deep/c.csv"]


def test_a_file_is_itself_even_when_its_name_is_skipped_in_folders(folder: Path) -> None:
    assert inside(folder, folder / "day=2/_SUCCESS") == ["day=2/_SUCCESS"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("day=1/*", ["day=1/a.jsonl", "day=1/b.parquet"]),
        ("**/*.jsonl", ["day=1/a.jsonl"]),
        ("day=?/*.jsonl", ["day=1/a.jsonl"]),
        ("day=*", ["day=1/a.jsonl", "day=1/b.parquet", "day=2/deep/c.csv"]),
        ("_temporary/0/*", ["_temporary/0/d.jsonl"]),
    ],
)
def test_a_glob_finds_files_and_folders(folder: Path, pattern: str, found: list[str]) -> None:
    assert inside(folder, f"{folder}/{pattern}") == found
    assert [s.path for s in sources([f"file://{folder}/{pattern}"])] == [
        f"file://{folder}/{name}" for name in found
    ]


def test_a_url_names_a_file_or_a_folder(folder: Path) -> None:
    assert inside(folder, f"file://{folder}") == inside(folder, folder)
    assert inside(folder, f"file://{folder}/day=1/a.jsonl") == ["day=1/a.jsonl"]


def test_each_file_comes_once_in_order(folder: Path) -> None:
    assert inside(folder, folder / "day=2", folder, folder / "day=1/a.jsonl") == inside(
        folder, folder
    )


@pytest.mark.parametrize("asked", ["", "day=2", "day=2/deep", "**/*.csv", "*/deep/*", "day=2/*/*"])
def test_a_folder_that_cannot_be_listed_is_set_aside(
    folder: Path, shut: Callable[[Path], None], asked: str
) -> None:
    shut(folder / "day=2/deep")
    there = {source.path: source for source in sources([f"{folder}/{asked}"])}
    rejects: list[Reject] = []
    source = there[f"{folder}/day=2/deep"]
    assert not list(read(source, on_reject=rejects.append))
    assert rejects == [
        Reject(source.path, None, None, "unreadable folder", "Permission denied"),
    ]


def test_folders_that_are_skipped_need_not_be_listed(
    folder: Path, shut: Callable[[Path], None]
) -> None:
    shut(folder / ".git")
    assert len(inside(folder, folder)) == len(inside(folder, folder / "**/*")) == 3


def test_a_file_of_which_nothing_can_be_known_is_set_aside(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def refusing(path: Path, **how: bool) -> os.stat_result:
        if path.name == "a.jsonl":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, **how)

    monkeypatch.setattr(Path, "stat", refusing)
    rejects: list[Reject] = []
    for source in sources([folder / "day=1"]):
        if source.path.endswith("a.jsonl"):
            assert not list(read(source, on_reject=rejects.append))
    assert [r.reason for r in rejects] == ["file not permitted"]


@pytest.mark.parametrize("missing", ["nothing.jsonl", "*.xml", "empty", "file:///no/such/place"])
def test_nothing_to_read_is_said_with_what_was_looked_for(tmp_path: Path, missing: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "_SUCCESS").touch()
    path = missing if "://" in missing else f"{tmp_path}/{missing}"
    with pytest.raises(NoInputError) as error:
        sources([path])
    assert path in str(error.value)


def test_no_paths_are_no_input() -> None:
    with pytest.raises(NoInputError):
        sources([])


def test_a_scheme_nobody_knows_is_no_input() -> None:
    with pytest.raises(NoInputError, match="gopher://logs"):
        sources(["gopher://logs/today"])


def test_the_digest_changes_with_the_file_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("one")
    os.utime(path, ns=(1, 1_772_353_800_000_000_001))
    (first,) = sources([path])
    assert sources([path]) == [first]
    assert sources([path])[0].digest == first.digest
    os.utime(path, ns=(1, 1_772_353_800_000_000_002))
    (touched,) = sources([path])
    path.write_text("more")
    os.utime(path, ns=(1, 1_772_353_800_000_000_001))
    (longer,) = sources([path])
    assert len({first.digest, touched.digest, longer.digest}) == 3


def test_a_file_named_in_two_ways_comes_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("one")
    monkeypatch.chdir(tmp_path)
    (both,) = sources(["a.jsonl", path])
    assert both.digest == sources([path])[0].digest


def test_a_name_that_is_not_utf8_can_be_shown_and_is_set_aside(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.jsonl"
    Path(os.fsdecode(name)).write_text("{}")
    (source,) = sources([tmp_path])
    assert source.path == f"{tmp_path}/caf\\xe9.jsonl"
    rejects: list[Reject] = []
    assert not list(read(source, on_reject=rejects.append))
    assert [r.reason for r in rejects] == ["unreadable file"]


def test_relative_paths_are_shown_as_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text(",".join(EXCHANGE) + "\n" + ",".join(EXCHANGE.values()))
    monkeypatch.chdir(tmp_path)
    (source,) = sources(["a.csv"])
    assert source.path == "a.csv"
    monkeypatch.chdir("/")
    assert sum(b.num_rows for b in read(source, on_reject=print)) == 1
