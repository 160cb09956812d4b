"""Changes that somebody could make to a proof, to a published log, or to the log of its owner."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillwatch.evidence import Entry, Log, VerifierKey
from stillwatch.evidence.exports import export

ORIGIN = "provider.example/evidence"
Json = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """A log that has grown, was signed at times and changed its key, and proofs of it.

    first: the key that it began with, and that whoever verifies has.
    """

    path: Path
    first: VerifierKey
    proof: bytes
    other_proof: bytes
    notes: tuple[bytes, ...]

    @property
    def public(self) -> Path:
        return self.path / "public"


def scene(place: Path, entries: int) -> Scene:
    """Makes one."""
    notes: list[bytes] = []
    with Log.create(place / "log", ORIGIN) as log:
        first = log.key
        for start in range(0, entries, 100):
            log.append([Entry("fact", f"account-{n}", {"n": n}) for n in range(start, start + 100)])
            notes.append(log.checkpoint().note)
            if start == entries // 2 // 100 * 100:
                log.rotate()
        proof = export(log, [3, entries - 1], {"why": "case 17"}, notes[1])
        other = export(log, [3, 8], {}, notes[0])
        log.append([Entry("decision", "case-17", {"measure": "limit"})])
        # The last append is published, and in the tail, too.
        notes.append(log.checkpoint().note)
    with Log.create(place / "stranger", ORIGIN) as log:
        log.append([Entry("fact", "account-0", {"n": 0})])
        notes.append(log.checkpoint().note)
    return Scene(place / "log", first, proof, other, tuple(notes))


def of_bytes(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    """What was done, and the bytes that came of it, which are others."""
    at = chance.randrange(len(data))
    how = chance.choice(("flip", "flip", "flip", "flip", "flip", "cut", "drop", "add", "double"))
    if how == "flip":
        changed = data[:at] + bytes([data[at] ^ chance.randint(1, 255)]) + data[at + 1 :]
    elif how == "cut":
        changed = data[:at]
    elif how == "drop":
        changed = data[:at] + data[at + 1 :]
    elif how == "add":
        changed = data[:at] + bytes([chance.randrange(256)]) + data[at:]
    else:
        changed = data[:at] + data[at : at + 40] + data[at:]
    return f"{how} at {at} of {len(data)}", changed


def of_proof(scene: Scene, chance: random.Random) -> tuple[str, bytes]:
    """A change to a proof: of its bytes, or one that keeps it a document of the same form."""
    if chance.random() < 0.6:
        return of_bytes(scene.proof, chance)
    document, other = json.loads(scene.proof), json.loads(scene.other_proof)
    entries = document["entries"]
    at, to = chance.sample(range(len(entries)), 2)
    one = entries[at]

    def drop() -> None:
        del entries[at]

    def swap() -> None:
        entries[at], entries[to] = entries[to], entries[at]

    def swap_texts() -> None:
        one["entry"], entries[to]["entry"] = entries[to]["entry"], one["entry"]

    def add() -> None:
        entries.append(chance.choice(other["entries"]))
        entries.sort(key=lambda e: e["index"])

    def twice() -> None:
        entries.insert(at, one)

    def invent() -> None:
        one["entry"] = one["entry"].replace("account", "acct").replace("export", "fact")

    def number() -> None:
        one["index"] += chance.choice((-1, 1, 256))

    def path() -> None:
        one["path"] = chance.choice((one["path"][:-1], [*one["path"], one["path"][0]], []))

    def checkpoint() -> None:
        document["checkpoint"] = chance.choice((*scene.notes, other["checkpoint"])).decode()

    def since() -> None:
        document["since"] = chance.choice((None, other["since"]))

    def since_note() -> None:
        document["since"]["checkpoint"] = scene.notes[2].decode()

    def stranger() -> None:
        document["checkpoint"] += "— stranger AAAAAAAAAAAA\n"

    def stranger_of_handover() -> None:
        document["handovers"][0] += "— stranger AAAAAAAAAAAA\n"

    def handovers() -> None:
        document["handovers"] = chance.choice(([], document["handovers"] * 2))

    def only_export() -> None:
        document["entries"] = entries[-1:]

    def other_export() -> None:
        entries[-1] = other["entries"][-1]

    other["checkpoint"] = other["checkpoint"].encode()
    how = chance.choice(
        (
            *(drop, swap, swap_texts, add, twice, invent, number, path, checkpoint, since),
            *(since_note, handovers, only_export, other_export, stranger, stranger_of_handover),
        )
    )
    how()
    changed = json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"
    return how.__name__, changed


def of_directory(
    scene: Scene, place: Path, chance: random.Random
) -> tuple[str, Callable[[], None]]:
    """A change to a copy of a log in a directory, and what takes it back."""
    files = sorted(p for p in place.rglob("*") if p.is_file())
    path = chance.choice(files)
    before = path.read_bytes()
    how = chance.choice(("bytes", "bytes", "bytes", "gone", "other", "stray", "bundle", "rollback"))
    if how == "bytes" and before:
        said, changed = of_bytes(before, chance)
        path.write_bytes(changed)
    elif how == "other":
        source = chance.choice([p for p in files if p.read_bytes() != before])
        said = f"{source.relative_to(place)} put in place"
        path.write_bytes(source.read_bytes())
    elif how == "stray":
        names = [name for name in ("999", "stray", "77", "4") if not path.with_name(name).exists()]
        stray = path.with_name(chance.choice(names))
        stray.write_bytes(before[:-1] or b"x")
        return f"{stray.relative_to(place)} added", stray.unlink
    elif how == "bundle":
        bundles = [p for p in files if "entries" in p.parts]
        path = chance.choice(bundles)
        before = path.read_bytes()
        said, changed = _of_bundle(before, chance)
        path.write_bytes(changed)
    elif how == "rollback":
        path = next(p for p in files if p.name == "checkpoint")
        before = path.read_bytes()
        path.write_bytes(chance.choice([note for note in scene.notes if note != before]))
        said = "another checkpoint"
    else:
        path = chance.choice([p for p in files if not _is_past(p)])
        before = path.read_bytes()
        path.unlink()
        said = "taken away"

    def undo() -> None:
        path.write_bytes(before)

    return f"{path.relative_to(place)}: {said}", undo


def _is_past(path: Path) -> bool:
    """Whether it is a tile of an earlier checkpoint, which the log may take away itself."""
    widths = [int(other.name) for other in path.parent.iterdir() if path.parent.suffix == ".p"]
    return bool(widths) and int(path.name) < max(widths)


def _of_bundle(bundle: bytes, chance: random.Random) -> tuple[str, bytes]:
    """A change that leaves it a bundle."""
    entries, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        entries.append(bundle[at:end])
        at = end
    n = chance.randrange(len(entries))
    how = chance.choice(("drop", "twice", "swap", "invent"))
    if how == "drop":
        del entries[n]
    elif how == "twice":
        entries.insert(n, entries[n])
    elif how == "swap" and n:
        entries[n], entries[n - 1] = entries[n - 1], entries[n]
    else:
        entries[n] = entries[n].replace(b"fact", b"hold").replace(b"stillwatch.e", b"stillwatch.f")
    return f"{how} entry {n}", b"".join(entries)


def copied(scene: Scene, place: Path) -> Path:
    """A copy of what its owner has."""
    shutil.copytree(scene.path, place)
    return place
