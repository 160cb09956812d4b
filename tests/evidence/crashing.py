"""A process that appends until it is killed, and what must be there afterwards."""

from __future__ import annotations

import multiprocessing
import random
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from stillwatch.evidence import Checkpoint, Entry, Log, Reader, VerifierKey
from stillwatch.evidence.audit import audited

MOST = 150
"""Entries of one append."""


def facts(tag: str, number: int, count: int) -> list[Entry]:
    """What one append of the process with a tag puts into the log."""
    return [Entry("fact", f"{tag}/{number}", {"n": n, "of": count}) for n in range(count)]


def write(path: Path, tag: str, told: Connection) -> None:
    """Appends, signs and changes keys at random, and tells what is done, until it is killed."""
    chance = random.Random(tag)
    with Log.open(path) as log:
        number = 0
        while True:
            count = chance.randint(1, MOST)
            told.send(("append", number, count, log.append(facts(tag, number, count)).start))
            number += 1
            if chance.random() < 0.4:
                told.send(("signed", log.checkpoint().note))
            if chance.random() < 0.05:
                log.rotate()
                told.send(("rotated", str(log.key)))


@dataclass
class Account:
    """What was acknowledged so far. first: the key the log began with; all: index of the first
    entry, tag, number and count of each append; notes: checkpoints."""

    path: Path
    first: VerifierKey
    all: list[tuple[int, str, int, int]] = field(default_factory=list)
    notes: list[bytes] = field(default_factory=list)
    torn: int = 0

    def crash(self, tag: str, after: float) -> None:
        """Lets a process write, kills it after so many seconds, and looks."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["stillwatch.evidence"])
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=write, args=(self.path, tag, there))
        process.start()
        there.close()
        assert here.poll(30)
        process.join(after)
        process.kill()
        process.join()
        acknowledged = self._hear(here, tag)
        self._check(tag, acknowledged)

    def _hear(self, here: Connection, tag: str) -> int:
        """How many appends of a process were acknowledged."""
        number = 0
        try:
            while True:
                message = here.recv()
                if message[0] == "append":
                    self.all.append((message[3], tag, message[1], message[2]))
                    number += 1
                elif message[0] == "signed":
                    self.notes.append(message[1])
        except EOFError:
            here.close()
        return number

    def _check(self, tag: str, acknowledged: int) -> None:
        with Log.open(self.path) as log:
            self.torn += log.recovered is not None
            # The rest was looked at after the crash before.
            start = self.all[-acknowledged][0] if acknowledged else log.size
            entries = dict(log.entries(start))
        for first, name, number, count in self.all[-acknowledged:] if acknowledged else ():
            for index, wanted in enumerate(facts(name, number, count), first):
                found = entries[index]
                assert (found.subject, found.body) == (wanted.subject, wanted.body)
        # What was on its way may be there, and then is there whole.
        more = [e for e in entries.values() if e.subject.startswith(f"{tag}/")]
        on_its_way = [e.body["of"] for e in more if e.subject == f"{tag}/{acknowledged}"]
        assert len(on_its_way) in (0, *on_its_way[:1])
        assert not [e for e in more if int(e.subject.rpartition("/")[2]) > acknowledged]

    def audit(self) -> None:
        """Goes through the whole log, and holds it against all that was signed and acknowledged."""
        public = self.path / "public"
        size = audited(public, self.first).checkpoint.size
        reader = Reader(public, self.first)
        for note in self.notes:
            reader.goes_on_from(Checkpoint.verified(note, reader.keys, "what was signed"))
        subjects = [entry.subject for _, entry in reader.entries()]
        assert size == len(subjects)
        for first, name, number, count in self.all:
            assert set(subjects[first : first + count]) == {f"{name}/{number}"}
