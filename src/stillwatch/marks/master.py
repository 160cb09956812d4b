"""The master key: a file, beside it the log of its use, and no way to a key that does not pass it.

A `Master` holds no secret. Each call reads the file, writes down what for, and then hands out the
keys that were asked for, and never the master itself.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from stillwatch.durable import replaced
from stillwatch.errors import OutputError, StillwatchError, TamperedError, UsageError
from stillwatch.marks import custody as logs
from stillwatch.marks import register as registers
from stillwatch.marks.chain import Content, Head, Pen
from stillwatch.marks.custody import Entry, Person, Purpose
from stillwatch.marks.examiner import fingerprint, read_public
from stillwatch.marks.keys import SECRET_BYTES, Key, Names, path_of, written
from stillwatch.marks.marking import Marking
from stillwatch.marks.opened import Opened
from stillwatch.marks.register import Change, Register
from stillwatch.marks.scheme import Scheme
from stillwatch.marks.sealed import sealed
from stillwatch.private import read_private, write_private

SCHEMA_ID = "stillwatch.master/1"
_HANDS_OUT_NOTHING = frozenset({"new", "rotate", "revoke", "audit"})
_WRITTEN = re.compile(rf"{SCHEMA_ID} ([0-9a-f]{{{2 * SECRET_BYTES}}})\n?".encode())


class Master:
    """A master key in its file. by: who uses it, beside the user the system knows; why: what for,
    in words. Both go into the log; neither is checked."""

    def __init__(self, path: Path, *, by: str | None = None, why: str | None = None) -> None:
        # One file has one log, whatever links lead to it.
        self.path = path.resolve()
        self._person = Person.here(by, why)
        self.log = logs.beside(self.path)
        self.register = registers.beside(self.path)

    @classmethod
    def create(cls, path: Path, *, by: str | None = None, why: str | None = None) -> Master:
        """Makes a new secret. Raises `OutputError` where a file is in the way."""
        made = cls(path, by=by, why=why)
        for old in (made.log.path, made.register.path):
            if old.exists() and not made.path.exists():
                raise OutputError(f"{old}: is of another master key; keep it, in another place")
        write_private(made.path, f"{SCHEMA_ID} {secrets.token_hex(SECRET_BYTES)}\n".encode())
        try:
            made._enter("new", made._root(), ())
        except StillwatchError:
            made.path.unlink()
            raise
        return made

    def open(self, purpose: Purpose, keys: Iterable[str]) -> Opened:
        """Hands out keys, by the texts they are written as (`eu-chat/cohort-7`), for one purpose.

        One entry is written for all of them, before. Whoever has a key has those below it, too.

        Raises
        ------
        UsageError
            A text leads to no key, or the file is no master key, or others can read it.
        RevokedError
            A key is revoked, and was to mark.
        NoInputError
            There is no master key.
        OutputError
            The entry cannot be written.
        TamperedError
            The log or the register is not as it was written.
        """
        paths = {text: path_of(text) for text in keys}
        if not paths:
            raise UsageError("name the keys to open")
        root = self._root()
        register = self._enter(purpose, root, paths.values())
        found = {text: register.revoked(path) for text, path in paths.items()}
        return Opened(
            {text: root.below(path) for text, path in paths.items()},
            {text: one for text, one in found.items() if one is not None},
        )

    def epochs(self, key: str) -> tuple[str, ...]:
        """The epochs that began for an account, by its key as it is written. No key is handed out.

        Raises `TamperedError` where the register is not as it was written, and as `open` does.
        """
        return Register(self.register.read(self._root().seal())).epochs(path_of(key))

    def marking(self, key: str) -> Marking:
        """The keys to mark with now, below a key such as a deployment's. Raises as `open` does."""
        return Marking(self.open("mark", [key]).keys[key], self.register.path)

    def rotate(self, key: str, epoch: str | None = None) -> str:
        """Begins an epoch for all accounts of a deployment or cohort, or for one; its name.

        epoch: how to call it; the time, where it is not said.

        Raises
        ------
        UsageError
            The key is an epoch itself, or had one of this name.
        RevokedError
            The key is revoked.
        """
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}" if epoch is None else epoch
        path = path_of(key)
        self._change("rotate", path, name)
        return name

    def revoke(self, key: str) -> None:
        """Lets a key, and all below it, mark nothing more.

        Raises `UsageError` where no reason is given, or it is revoked already.
        """
        if self._person.why is None:
            raise UsageError(f"{key}: say with --why for what reason it is revoked")
        self._change("revoke", path_of(key), None)

    def export(self, key: str, scheme: Scheme, to: Path, out: Path) -> tuple[str, str]:
        """Seals a key to the public key of an examiner; its fingerprint, and the file's SHA-256.

        scheme: how it marked. Raises `OutputError` where a file is in the way, and as `open` does.
        """
        path = path_of(key)
        examiner = read_public(to)
        if out.exists():
            raise OutputError(f"{out}: is there already; a sealed key is never replaced")
        root = self._root()
        register = Register(self.register.read(root.seal()))
        whole = sealed(root.below(path), scheme, examiner, self._person, register)
        receipt = {"to": fingerprint(examiner), "sealed": hashlib.sha256(whole).hexdigest()}
        self._enter("export", root, (path,), receipt)
        try:
            with replaced(out) as fresh:
                fresh.write_bytes(whole)
        except OSError as error:
            raise OutputError(f"{out}: cannot be written: {error.strerror}") from error
        return receipt["to"], receipt["sealed"]

    def audited(self, log: Path | None = None) -> Content[Entry]:
        """The whole log, or a copy of it: chain, seals, and that the register went through each
        state that an entry saw. Raises `TamperedError` where something is not as it was written.
        """
        root = self._root()
        self._enter("audit", root, ())
        return self._checked(root, log)

    def unlogged(self, content: Content[Entry]) -> int:
        """Changes of the register of which a log has no entry: it was cut off, or could not be
        written at that moment."""
        register = self.register.read(self._root().seal())
        told = {one.register_n for one in content.lines if one.purpose in ("rotate", "revoke")}
        return sum(line.n not in told for line in register.lines)

    def uses(self, key: str, log: Path | None = None) -> list[Entry]:
        """The entries of all who had a key, one above it or one below, or may have had: of the
        log, or of a copy. Raises as `audited` does."""
        path = path_of(key)
        root = self._root()
        self._enter("audit", root, (path,))
        name = logs.shown(root, path)
        lines = self._checked(root, log).lines
        handed = (one for one in lines if one.purpose not in _HANDS_OUT_NOTHING)
        return [one for one in handed if logs.covers(one, name)]

    def _checked(self, root: Key, log: Path | None) -> Content[Entry]:
        chain = self.log if log is None else logs.at(log)
        content = chain.read(root.seal())
        # Read afterwards: it only grows.
        register = self.register.read(root.seal())
        for entry in content.lines:
            self._check(entry, register)
        return content

    def _check(self, entry: Entry, register: Content[Change]) -> None:
        if not register.went_through(Head(entry.register_n, entry.register_digest)):
            raise TamperedError(
                f"{self.register.path}: is not the register that entry {entry.n} of the custody "
                f"log saw; lines are gone or others, and keys may be revoked of which it says "
                "nothing. Put it back from a copy"
            )

    def _enter(
        self,
        purpose: Purpose,
        root: Key,
        paths: Collection[Names],
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Register:
        """Writes down a use; the register as it was at that moment."""
        with self.log.held(root.seal()) as pen:
            register = self._seen(pen, root)
            if purpose == "mark":
                for path in paths:
                    register.check_marks(path)
            self._write(pen, purpose, root, paths, register.content.head, more)
        return register

    def _change(self, what: Literal["rotate", "revoke"], path: Names, epoch: str | None) -> None:
        root = self._root()
        # Who holds the log holds the register: nobody else writes to it.
        with self.log.held(root.seal()) as pen:
            register = self._seen(pen, root)
            if epoch is None:
                register.check_revocation(path)
            else:
                register.check_rotation(path, epoch)
            change = {"schema": registers.SCHEMA_ID, "what": what, "key": written(path)}
            with self.register.held(root.seal()) as end:
                head = end.append({**change, "epoch": epoch, **self._person.fields()})
            try:
                self._write(pen, what, root, (path,), head)
            except OutputError as error:
                raise OutputError(
                    f"{written(path)}: the register says {what} now, and that holds. But {error}"
                ) from error

    def _seen(self, pen: Pen[Entry], root: Key) -> Register:
        content = self.register.read(root.seal())
        if pen.last is not None:
            self._check(pen.last, content)
        return Register(content)

    def _write(
        self,
        pen: Pen[Entry],
        purpose: Purpose,
        root: Key,
        paths: Collection[Names],
        register: Head,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        pen.append(
            {
                "schema": logs.SCHEMA_ID,
                "for": purpose,
                **logs.named(root, paths),
                **more,
                **self._person.fields(),
                "register_n": register.n,
                "register_digest": register.digest,
            }
        )

    def _root(self) -> Key:
        found = _WRITTEN.fullmatch(read_private(self.path))
        if found is None:
            raise UsageError(f"{self.path}: holds no master key of {SCHEMA_ID}")
        return Key((), bytes.fromhex(found[1].decode()))
