"""An examiner gets one key, and nothing else; what was changed or is for others does not open."""

from __future__ import annotations

import base64
import hashlib
import json
import pickle
import shutil
import subprocess
import traceback
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import (
    FormatError,
    NoInputError,
    OutputError,
    StillwatchError,
    TamperedError,
    UsageError,
)
from stillwatch.marks import GreenList, Gumbel, Master, Scheme, Sealed, Tournament
from stillwatch.marks.examiner import create, fingerprint, read_public, read_secret
from stillwatch.marks.schemes import named

OPENSSL = shutil.which("openssl")


@dataclass(frozen=True)
class Scene:
    """A master, an examiner's pair, and a key that was sealed to it."""

    master: Master
    secret: Path
    public: Path
    sealed: Path

    @property
    def examiner(self) -> X25519PrivateKey:
        return read_secret(self.secret)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    place = tmp_path_factory.mktemp("export")
    master = Master.create(place / "master.key")
    for key in ("eu/c/a/e1", "eu/d", "us"):
        Master(master.path, why="leaked").revoke(key)
    public, _ = create(place / "examiner.key")
    sealed = place / "sealed.key"
    sender = Master(master.path, by="R. Heron", why="case 17")
    sender.export("eu/c", GreenList(0.5, width=1), public, sealed)
    return Scene(master, place / "examiner.key", public, sealed)


def test_the_examiner_has_the_key_and_those_below(scene: Scene) -> None:
    names = ["eu/c", "eu/c/a", "eu/c/a%2F7/e1", "eu/c/a/e1"]
    ours = scene.master.open("detect", names)
    theirs = Sealed.load(scene.sealed).open(scene.examiner, names)
    assert theirs.keys == ours.keys
    assert theirs.of(Gumbel()) == ours.of(Gumbel())
    assert theirs.revoked == ours.revoked
    assert set(theirs.revoked) == {"eu/c/a/e1"}


@pytest.mark.parametrize("name", ["eu", "eu/d", "eu/cc", "us", "us/c", "c", "a"])
def test_nothing_beside_or_above_is_opened(scene: Scene, name: str) -> None:
    with pytest.raises(UsageError, match="is not below eu/c"):
        Sealed.load(scene.sealed).open(scene.examiner, ["eu/c", name])


def test_the_file_says_in_the_clear_what_it_is(scene: Scene) -> None:
    first, second = scene.sealed.read_text().splitlines()
    told = json.loads(first)
    assert told["schema"] == "stillwatch.sealed/1"
    assert (told["key"], told["scheme"]) == ("eu/c", "green-list/1 green=0.5 width=1")
    assert (told["as"], told["why"]) == ("R. Heron", "case 17")
    assert told["to"] == fingerprint(read_public(scene.public))
    assert told["at"].endswith("Z")
    assert base64.b64decode(second)
    sealed = Sealed.load(scene.sealed)
    assert sealed.scheme == GreenList(0.5, width=1)
    assert sealed.label.key == "eu/c"


def test_the_log_says_what_was_given_to_whom(scene: Scene) -> None:
    (entry,) = (one for one in scene.master.audited().lines if one.purpose == "export")
    assert entry.to == fingerprint(read_public(scene.public))
    assert entry.sealed == hashlib.sha256(scene.sealed.read_bytes()).hexdigest()
    assert (entry.name, entry.why, entry.count) == ("R. Heron", "case 17", 1)


def test_another_examiner_is_refused_in_words(scene: Scene, tmp_path: Path) -> None:
    create(tmp_path / "other.key")
    other = read_secret(tmp_path / "other.key")
    with pytest.raises(UsageError, match=r"is sealed to the key [0-9a-f]{64}, and this one is"):
        Sealed.load(scene.sealed).open(other, ["eu/c"])
    # Nor does it help to write the other's fingerprint into it.
    whole = scene.sealed.read_text()
    mine = fingerprint(scene.examiner.public_key())
    (tmp_path / "sealed.key").write_text(whole.replace(mine, fingerprint(other.public_key())))
    with pytest.raises(TamperedError, match="does not open: it was changed"):
        Sealed.load(tmp_path / "sealed.key").open(other, ["eu/c"])


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, 1 << 16), by=st.integers(1, 255))
def test_a_flipped_byte_anywhere_is_noticed(scene: Scene, at: int, by: int) -> None:
    whole = bytearray(scene.sealed.read_bytes())
    whole[at % len(whole)] ^= by
    copy = scene.sealed.with_name("copy.key")
    copy.write_bytes(whole)
    with pytest.raises((FormatError, TamperedError, UsageError)):
        Sealed.load(copy).open(scene.examiner, ["eu/c"])


def test_what_the_label_says_cannot_be_changed(scene: Scene, tmp_path: Path) -> None:
    whole = scene.sealed.read_text()
    for old, new in (
        ('"key":"eu/c"', '"key":"eu/d"'),
        ('"as":"R. Heron"', '"as":"A. Egret"'),
        ("green=0.5", "green=0.25"),
        ('{"schema"', '{ "schema"'),
    ):
        assert old in whole
        (tmp_path / "sealed.key").write_text(whole.replace(old, new))
        with pytest.raises(TamperedError):
            Sealed.load(tmp_path / "sealed.key").open(scene.examiner, [])


def test_files_that_are_no_sealed_key(scene: Scene, tmp_path: Path) -> None:
    first, second = scene.sealed.read_text().splitlines()
    path = tmp_path / "sealed.key"
    for wrong, why in (
        ("", "two lines"),
        (f"{first}\n{second}", "two lines"),
        (f"{first}\n{second}\n\n", "two lines"),
        (f"{{}}\n{second}\n", "no sealed key of stillwatch.sealed/1"),
        (f"x\n{second}\n", "no sealed key of stillwatch.sealed/1"),
        (f"{first.replace('sealed/1', 'sealed/2')}\n{second}\n", "no sealed key of"),
        (f"{first}\n*\n", "no base64"),
        (f"{first}\n\n", "no base64"),
    ):
        path.write_text(wrong)
        with pytest.raises(FormatError, match=why):
            Sealed.load(path)
    path.write_text(f"{first}\n{second[:40]}\n")
    with pytest.raises(TamperedError, match="cut off"):
        Sealed.load(path).open(scene.examiner, ["eu/c"])
    with pytest.raises(NoInputError):
        Sealed.load(tmp_path / "none")


def test_a_sealed_key_is_never_replaced_nor_given_without_an_entry(
    scene: Scene, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="is there already"):
        scene.master.export("eu", Gumbel(), scene.public, scene.sealed)
    out = tmp_path / "none" / "sealed.key"
    with pytest.raises(OutputError, match="cannot be written"):
        scene.master.export("eu", Gumbel(), scene.public, out)
    fresh = Master.create(tmp_path / "master.key")
    fresh.log.path.unlink()
    fresh.log.path.symlink_to("/dev/full")
    with pytest.raises(OutputError):
        fresh.export("eu", Gumbel(), scene.public, tmp_path / "sealed.key")
    assert not (tmp_path / "sealed.key").exists()


def test_an_examiners_pair_is_made_once_and_is_for_nobody_else(tmp_path: Path) -> None:
    public, told = create(tmp_path / "examiner.key")
    assert public == tmp_path / "examiner.pub"
    assert fingerprint(read_secret(tmp_path / "examiner.key").public_key()) == told
    assert (tmp_path / "examiner.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(OutputError, match="never replaced"):
        create(tmp_path / "examiner.key")
    (tmp_path / "examiner.pub").unlink()
    with pytest.raises(OutputError, match="never replaced"):
        create(tmp_path / "examiner.key")
    with pytest.raises(UsageError, match="name the secret one otherwise"):
        create(tmp_path / "a.pub")
    (tmp_path / "examiner.key").chmod(0o644)
    with pytest.raises(UsageError, match="others can read it"):
        read_secret(tmp_path / "examiner.key")


def test_keys_of_other_kinds_are_none(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    other = Ed25519PrivateKey.generate().public_key()
    for wrong in (
        b"",
        scene.secret.read_bytes(),
        other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ):
        path.write_bytes(wrong)
        with pytest.raises(UsageError, match="no public X25519 key"):
            read_public(path)
    path.chmod(0o600)
    for wrong in (b"", scene.public.read_bytes()):
        path.write_bytes(wrong)
        with pytest.raises(UsageError, match="no secret X25519 key"):
            read_secret(path)


@pytest.mark.skipif(OPENSSL is None, reason="no openssl here")
def test_a_pair_of_other_tools_does_as_well(tmp_path: Path, master: Master) -> None:
    def ask(*words: str, given: bytes = b"") -> bytes:
        command = [str(OPENSSL), *words]
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout  # noqa: S603

    made = ask("genpkey", "-algorithm", "x25519")
    shown = ask("pkey", "-pubout", given=made)
    (tmp_path / "a.key").write_bytes(made)
    (tmp_path / "a.key").chmod(0o600)
    (tmp_path / "a.pub").write_bytes(shown)
    master.export("eu", Gumbel(), tmp_path / "a.pub", tmp_path / "sealed.key")
    opened = Sealed.load(tmp_path / "sealed.key").open(read_secret(tmp_path / "a.key"), ["eu"])
    assert opened.keys == master.open("detect", ["eu"]).keys


@pytest.mark.parametrize(
    "scheme", [GreenList(), GreenList(0.1, width=3), Gumbel(1), Tournament(depth=7, width=2)]
)
def test_a_scheme_is_known_by_its_name(scheme: Scheme) -> None:
    assert named(scheme.name) == scheme


@pytest.mark.parametrize(
    "name",
    [
        *("", "gumbel/1", "gumbel/1 width=9", "gumbel/2 width=3", "gumbel/1 width=03"),
        *("x/1 width=2", "tournament/1 depth=99 width=3", "green-list/1 green=1e9 width=2"),
        *("green-list/1 green=.25 width=2", "green-list/1 green=- width=2"),
    ],
)
def test_other_names_are_of_no_scheme(name: str) -> None:
    with pytest.raises(UsageError, match="is no scheme of this release"):
        named(name)


def forms(secret: bytes) -> list[bytes]:
    """How a secret may look where it should not be; a piece of it is enough."""
    part = secret[:12]
    return [
        *(part, part.hex().encode(), part.hex().upper().encode()),
        *(base64.b64encode(part), base64.urlsafe_b64encode(part)),
        *(base64.b64encode(bytes(n) + part)[4:-4] for n in (1, 2)),
        repr(part)[2:-1].encode(),
        ", ".join(map(str, part)).encode(),
    ]


def test_no_key_is_in_any_file_text_error_or_dump(scene: Scene, tmp_path: Path) -> None:
    master, names = scene.master, ["eu", "eu/c", "eu/c/a", "eu/c/a/e1"]
    opened = master.open("detect", names)
    schemes = (GreenList(0.5, width=1), GreenList(), Gumbel(), Tournament())
    secrets = [bytes.fromhex(master.path.read_text().split()[1])]
    secrets += [key.secret() for key in opened.keys.values()]
    secrets += [key for scheme in schemes for key in opened.of(scheme).values()]
    seen: list[bytes] = [
        file.read_bytes()
        for file in master.path.parent.iterdir()
        if file not in (master.path, scene.secret)
    ]
    sealed = Sealed.load(scene.sealed)
    theirs = sealed.open(scene.examiner, ["eu/c", "eu/c/a"])
    marking = master.marking("eu")
    shown = (opened, theirs, sealed, master, marking, *opened.keys.values(), master.audited())
    seen += [text.encode() for one in shown for text in (repr(one), str(one), f"{one!s}")]

    (tmp_path / "damaged.key").write_bytes(master.path.read_bytes()[:-3])
    (tmp_path / "damaged.key").chmod(0o600)
    (tmp_path / "open.key").write_bytes(master.path.read_bytes())
    (tmp_path / "open.key").chmod(0o644)

    def wrong() -> list[BaseException]:
        found: list[BaseException] = []
        for ask in (
            lambda: Master(tmp_path / "damaged.key").open("detect", ["eu"]),
            lambda: Master(tmp_path / "open.key").open("detect", ["eu"]),
            lambda: master.open("mark", ["eu/c/a/e1"]),
            lambda: opened.keys["eu/c/a/e1"].child("x"),
            lambda: marking.current("c", "a"),
            lambda: sealed.open(scene.examiner, ["us"]),
            lambda: pickle.dumps(opened),
            lambda: pickle.dumps(marking),
            lambda: json.dumps(opened.keys["eu"]),
            lambda: read_public(tmp_path / "damaged.key"),
            lambda: read_secret(tmp_path / "damaged.key"),
        ):
            with pytest.raises((StillwatchError, TypeError)) as raised:
                ask()
            found.append(raised.value)
        return found

    seen += ["".join(traceback.format_exception(error)).encode() for error in wrong()]
    seen += [pickle.dumps(vars(master.log)), pickle.dumps(sealed)]
    assert sum(map(len, seen)) > 10_000
    for secret in secrets:
        for form in forms(secret):
            assert not any(form in text for text in seen), form
    # The search does find one where there is one.
    assert any(form in master.path.read_bytes() for form in forms(secrets[0]))
