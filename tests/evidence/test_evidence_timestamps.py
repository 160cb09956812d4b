"""A time stamp says when bytes were there, to whoever trusts the authority, and of no others."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from stillwatch.errors import TamperedError
from stillwatch.evidence.timestamps import read_roots, request, stamped

Cli = Callable[..., Any]
CONFIGURATION = """\
[tsa]
default_tsa = here
[here]
serial = {place}/serial
crypto_device = builtin
signer_cert = {place}/authority.pem
signer_key = {place}/authority.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: str, signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    now = datetime.now(UTC)
    root = name == by
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
    )
    if not root:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(signer, hashes.SHA256())


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of the time, made here."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl answers for the authority")
    place = tmp_path_factory.mktemp("authority")
    root, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    for name, made in (
        ("root.pem", certificate("root", root, "root", root)),
        ("authority.pem", certificate("authority", own, "root", root)),
    ):
        (place / name).write_bytes(made.public_bytes(Encoding.PEM))
    (place / "authority.key").write_bytes(
        own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (place / "serial").write_text("01\n")
    (place / "tsa.cnf").write_text(CONFIGURATION.format(place=place))
    return place


def answered(authority: Path, asked: bytes) -> bytes:
    query, reply = authority / "asked.tsq", authority / "answer.tsr"
    query.write_bytes(asked)
    subprocess.run(  # noqa: S603
        [
            *("openssl", "ts", "-reply", "-queryfile", query, "-out", reply),
            *("-config", authority / "tsa.cnf"),
        ],
        check=True,
        capture_output=True,
    )
    return reply.read_bytes()


def test_an_authority_says_when_a_checkpoint_was_there(authority: Path) -> None:
    answer = answered(authority, request(b"checkpoint"))
    at = stamped(b"checkpoint", answer, read_roots(authority / "root.pem"), "day.tsr")
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)


def test_of_other_bytes_and_to_whom_trusts_others_it_says_nothing(authority: Path) -> None:
    answer = answered(authority, request(b"checkpoint"))
    roots = read_roots(authority / "root.pem")
    with pytest.raises(TamperedError, match=r"day\.tsr: is no time stamp of these bytes"):
        stamped(b"checkpoints", answer, roots, "day.tsr")
    stranger = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(TamperedError, match="is no time stamp"):
        stamped(b"checkpoint", answer, [certificate("root", stranger, "root", stranger)], "it")


def test_an_answer_that_was_changed_tells_no_other_time(authority: Path) -> None:
    answer = answered(authority, request(b"checkpoint"))
    roots = read_roots(authority / "root.pem")
    so = stamped(b"checkpoint", answer, roots, "it")
    chance = random.Random(5)
    refused = 0
    for _ in range(200):
        changed = bytearray(answer)
        changed[chance.randrange(len(changed))] ^= chance.randint(1, 255)
        try:
            # Some bytes of it mean nothing, such as those of certificates that are not needed.
            assert stamped(b"checkpoint", bytes(changed), roots, "it") == so
        except TamperedError:
            refused += 1
    assert refused > 100


def test_the_commands_ask_and_verify(stillwatch: Cli, authority: Path, tmp_path: Path) -> None:
    day, query, reply = (tmp_path / f"day.{end}" for end in ("checkpoint", "tsq", "tsr"))
    day.write_text("checkpoint\n")
    assert stillwatch("evidence", "timestamp", "ask", day, "--out", query).code == 0
    reply.write_bytes(answered(authority, query.read_bytes()))
    root = authority / "root.pem"
    ran = stillwatch("evidence", "timestamp", "verify", day, reply, "--root", root)
    assert (ran.code, ran.out.startswith("It was there on 20")) == (0, True), ran.err
    day.write_text("another\n")
    ran = stillwatch("evidence", "timestamp", "verify", day, reply, "--root", root)
    assert (ran.code, "is no time stamp of these bytes" in ran.err) == (8, True)
    ran = stillwatch("evidence", "timestamp", "verify", day, reply, "--root", day)
    assert (ran.code, "no certificates" in ran.err) == (2, True)
