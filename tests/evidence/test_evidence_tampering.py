"""Whatever is changed is found, and named."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest
import tampering
from tampering import Scene

from stillwatch.errors import StillwatchError, TamperedError
from stillwatch.evidence import Log, Reader
from stillwatch.evidence.audit import audited
from stillwatch.evidence.proof import verified

ENTRIES = 300


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return tampering.scene(tmp_path_factory.mktemp("scene"), ENTRIES)


def test_unchanged_it_all_holds(scene: Scene) -> None:
    proven = verified(scene.proof, scene.first, "proof.json")
    assert [index for index, _ in proven.entries] == [3, 299]
    assert proven.since is not None
    assert proven.since.size == 200
    assert audited(scene.public, scene.first).checkpoint.size == ENTRIES + 4
    Log.open(scene.path).close()


def test_a_proof_that_was_changed_in_any_way_is_refused(scene: Scene) -> None:
    chance = random.Random(1)
    tried = 0
    while tried < 1000:
        how, changed = tampering.of_proof(scene, chance)
        if changed == scene.proof:
            continue
        tried += 1
        with pytest.raises(TamperedError, match=r"^proof\.json: "):
            verified(changed, scene.first, "proof.json")
            pytest.fail(f"not found: {how}")


def test_no_single_byte_of_a_proof_can_be_another(scene: Scene) -> None:
    chance = random.Random(2)
    # Every place of it once.
    for at in range(len(scene.proof)):
        changed = bytearray(scene.proof)
        changed[at] ^= chance.randint(1, 255)
        with pytest.raises(TamperedError):
            verified(bytes(changed), scene.first, "proof.json")


def test_a_published_log_that_was_changed_is_refused_and_the_file_is_named(
    scene: Scene, tmp_path: Path
) -> None:
    chance = random.Random(3)
    public = tampering.copied(scene, tmp_path / "copy") / "public"
    for _ in range(100):
        how, undo = tampering.of_directory(scene, public, chance)
        with pytest.raises(StillwatchError) as refused:
            audited(public, scene.first)
            pytest.fail(f"not found: {how}")
        assert str(public) in str(refused.value), how
        undo()
    audited(public, scene.first)


def test_the_log_of_its_owner_that_was_changed_is_not_gone_on_with(
    scene: Scene, tmp_path: Path
) -> None:
    chance = random.Random(4)
    copy = tampering.copied(scene, tmp_path / "copy")
    tail = copy / "tail"
    before = tail.read_bytes()
    for _ in range(120):
        how, changed = tampering.of_bytes(before, chance)
        tail.write_bytes(changed)
        with pytest.raises(TamperedError):
            Log.open(copy)
            pytest.fail(f"not found: {how}")
        tail.write_bytes(before)
    for note in scene.notes[:-2]:
        (copy / "public" / "checkpoint").write_bytes(note)
        with pytest.raises(TamperedError, match="is older than the log"):
            Log.open(copy)


def test_an_older_copy_of_everything_is_told_by_a_witness_alone(
    scene: Scene, tmp_path: Path
) -> None:
    older = tampering.scene(tmp_path, 300)
    # By itself it is whole.
    audited(older.public, older.first)
    reader = Reader(older.public, older.first)
    with Log.open(older.path) as log:
        log.append([log.entry(0)])
        signed = log.checkpoint()
    with pytest.raises(TamperedError, match="its end was cut off, or this is an older copy"):
        reader.goes_on_from(signed)
    assert scene.first != older.first


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda t: t.replace('\\"n\\":3}', '\\"n\\":8}'), "entry 3 is not in the log"),
        (lambda t: t.replace('"index": 3,', '"index": 2,'), "entry 2 is not in the log"),
        (
            lambda t: t.replace("evidence\\n200\\n", "evidence\\n201\\n"),
            "checkpoint: the s",
        ),
        (lambda t: t.replace("stillwatch.proof/1", "stillwatch.proof/2"), "schema: must be one of"),
        (lambda t: t.replace(' "entries"', '  "entries"'), "spaces or other spellings"),
        (lambda t: t.replace('"handovers": [', '"handovers": ["x",'), "handover 1: does not name"),
        (lambda t: t[:-100], "is not JSON"),
    ],
)
def test_what_is_wrong_with_a_proof_is_named(scene: Scene, change: object, why: str) -> None:
    assert callable(change)
    changed = change(scene.proof.decode())
    assert changed != scene.proof.decode()
    with pytest.raises(TamperedError, match=f"proof.json: .*{re.escape(why)}"):
        verified(changed.encode(), scene.first, "proof.json")


def test_what_is_wrong_with_a_published_log_is_named(scene: Scene, tmp_path: Path) -> None:
    def refused(name: str, change: bytes | None) -> str:
        public = tmp_path / "public"
        shutil.rmtree(public, ignore_errors=True)
        shutil.copytree(scene.public, public)
        path = public / name
        if change is None:
            path.unlink()
        else:
            path.write_bytes(change)
        with pytest.raises(TamperedError) as why:
            audited(public, scene.first)
        return str(why.value).removeprefix(f"{public}/")

    bundle = (scene.public / "tile/entries/000").read_bytes()
    changed = bundle.replace(b'account-30"', b'account-31"')
    assert "tile/entries/000: entry 30 is not the one that was signed" in refused(
        "tile/entries/000", changed
    )
    tile = (scene.public / "tile/0/000").read_bytes()
    assert "tile/0/000: does not hold the hashes" in refused("tile/0/000", tile[::-1])
    assert "tile/0/000: is missing" in refused("tile/0/000", None)
    upper = "tile/1/000.p/1"
    assert f"{upper}: does not hold the hashes of the tiles below it" in refused(upper, b"x" * 32)
    assert "handover/2: does not name two keys" in refused("handover/2", b"x")
    assert "checkpoint: is not signed by" in refused("checkpoint", scene.notes[0])
    assert "tile/0/003: is none of the files of this log" in refused("tile/0/003", tile)


def test_a_key_of_another_log_verifies_nothing(scene: Scene, tmp_path: Path) -> None:
    with Log.create(tmp_path / "other", tampering.ORIGIN) as other:
        key = other.key
    with pytest.raises(TamperedError, match="not the one that was given"):
        verified(scene.proof, key, "proof.json")
    with pytest.raises(TamperedError, match="not the one that was given"):
        audited(scene.public, key)
