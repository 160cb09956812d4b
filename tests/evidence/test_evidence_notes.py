"""Notes and checkpoints are those of C2SP, and hold only as they were signed."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.errors import TamperedError, UsageError
from stillwatch.evidence import Checkpoint, VerifierKey
from stillwatch.evidence.merkle import EMPTY
from stillwatch.evidence.notes import Signer, check_name, opened, signed

KEY = VerifierKey.parsed("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONn"
    "cAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
"""The example of c2sp.org/signed-note."""


def signer(name: str = "log.example") -> Signer:
    return Signer(name, Ed25519PrivateKey.generate())


def test_the_example_of_the_specification_holds() -> None:
    read = opened(NOTE, [KEY], "note")
    assert (read.text, read.by, read.known) == (b"This is an example message.\n", {KEY}, NOTE)
    assert KEY.label == "example.com/foo+530d903a"


def test_signatures_of_strangers_are_no_reason_to_refuse() -> None:
    ours, other = signer(), signer("witness.example")
    note = signed(b"text\n", other, ours)
    read = opened(note, [ours.key], "note")
    assert (read.text, read.by) == (b"text\n", {ours.key})
    # Nothing says of theirs that it is as it was.
    assert read.known == signed(b"text\n", ours)
    assert opened(note + ours.line(b"text\n"), [ours.key], "note").known == read.known


def test_the_last_empty_line_ends_the_text() -> None:
    ours = signer()
    assert opened(signed(b"a\n\nb\n", ours), [ours.key], "note").text == b"a\n\nb\n"


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (b"", "no signed note"),
        (b"text\n", "no signed note"),
        (b"text\n\n", "no signed note"),
        (NOTE[:-1], "no signed note"),
        (NOTE.replace(b"an", b"no"), r"signature of example.com/foo\+530d903a does not hold"),
        (NOTE.replace(b"foo U", b"bar U"), r"not signed by example.com/foo\+530d903a"),
        (NOTE.replace(b"QM=", b"QN="), "signature line is damaged"),
        (NOTE.replace(b"QM=", b"Q"), "signature line is damaged"),
        (NOTE.replace(b"\xe2\x80\x94", b"--"), "signature line is damaged"),
        (NOTE.replace(b"This", b"Th\xffs"), "not UTF-8"),
        (NOTE.replace(b"This", b"Th\ts"), "what none can hold"),
    ],
)
def test_what_is_no_note_of_a_key_is_refused_with_the_reason(note: bytes, why: str) -> None:
    with pytest.raises(TamperedError, match=why):
        opened(note, [KEY], "note")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        str(KEY).replace("530d903a", "530d903b"),
        str(KEY)[:-1],
        str(KEY).replace("foo", "f oo"),
        "x+00000000+" + base64.b64encode(b"\x04" + bytes(32)).decode(),
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        VerifierKey.parsed(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "x" * 300])
def test_a_log_has_no_name_that_cannot_stand_in_a_note(name: str) -> None:
    with pytest.raises(UsageError, match="--origin"):
        check_name(name)


def test_a_checkpoint_says_what_was_signed() -> None:
    ours = signer()
    made = Checkpoint.signed("log.example", 0, EMPTY, ours)
    assert made.note.decode().split("\n")[:3] == [
        "log.example",
        "0",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ]
    assert Checkpoint.verified(made.note, [ours.key], "it") == made


@pytest.mark.parametrize(
    "text",
    [
        "log.example\n",
        "log.example\n01\n{root}\n",
        "log.example\n-1\n{root}\n",
        "log.example\n1\n{root}\nmore\n",
        "log.example\n1\n{short}\n",
        "other.example\n1\n{root}\n",
        "\n1\n{root}\n",
    ],
)
def test_what_was_signed_and_is_no_checkpoint_of_the_log_is_refused(text: str) -> None:
    ours = signer()
    root, short = (base64.b64encode(bytes(n)).decode() for n in (32, 31))
    note = signed(text.format(root=root, short=short).encode(), ours)
    with pytest.raises(TamperedError, match="it: "):
        Checkpoint.verified(note, [ours.key], "it")
