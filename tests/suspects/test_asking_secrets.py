"""The key goes to the endpoint and nowhere else, and who answered is written down."""

from __future__ import annotations

import hashlib
import json
import pickle
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fake_endpoint import KEY, Act, FakeEndpoint, lines, said, written

from stillwatch.errors import EndpointError, UsageError
from stillwatch.suspects import asking
from stillwatch.suspects.asking import Budget, Endpoint, Gathered, Pace, key_from, pace, verify

PACE = Pace(1000, 2, 5)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "FIRST_WAIT", 0.01)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate that nobody signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "heron")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def ask(fake: FakeEndpoint, folder: Path, key: str | None = KEY) -> Gathered:
    endpoint = Endpoint(fake.url, "heron", key=key)
    prompts = written(folder / "prompts.jsonl", 3)
    return asking.ask(endpoint, prompts, folder / "out", Budget(30), pace=PACE)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_an_answer_that_repeats_the_key_is_kept_without_it(tmp_path: Path) -> None:
    acts = [
        Act(body=said(f"your key is {KEY}")),
        Act(500, f"bad key {KEY}".encode(), {"x-request-id": KEY, "Location": f"/?k={KEY}"}),
        Act(body=b"\xff" + KEY.encode()),
        Act(500, said(f"a {KEY}").replace(b"heron", b"\\u0068er\\u006Fn")),
    ]
    with FakeEndpoint(lambda n, _: acts[n - 1] if n <= len(acts) else Act()) as fake:
        ask(fake, tmp_path)
        assert {got.headers["authorization"] for got in fake.got} == {f"Bearer {KEY}"}
    kept = everything(tmp_path)
    assert KEY.encode() not in kept
    assert b"4711" not in kept
    assert b"Bearer" not in kept
    assert sum(line.get("blotted", False) for line in lines(tmp_path / "out")) == 4
    assert next(asking.answers(tmp_path / "out")).said == "your key is [key]"
    assert verify(tmp_path / "out").problems == ()


def test_without_a_key_none_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a client library would take by itself.
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with FakeEndpoint() as fake:
        ask(fake, tmp_path, None)
        assert "authorization" not in fake.got[0].headers
    assert KEY.encode() not in everything(tmp_path)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_key_is_not_sent_to_where_an_endpoint_points(tmp_path: Path, status: int) -> None:
    with FakeEndpoint() as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost") + "/chat/completions"
        with FakeEndpoint(lambda *_: Act(status, b"", {"Location": elsewhere})) as fake:
            with pytest.raises(EndpointError, match="it sends elsewhere, to http://localhost"):
                ask(fake, tmp_path)
            assert len(fake.got) <= 2
        assert not other.got


def test_a_key_goes_over_tls_or_stays_on_this_machine() -> None:
    with pytest.raises(UsageError, match="without TLS") as told:
        Endpoint("http://example.com/v1", "m", key=KEY)
    assert KEY not in str(told.value)
    Endpoint("http://example.com/v1", "m")
    for host in ("127.0.0.1", "[::1]", "localhost"):
        Endpoint(f"http://{host}:8000", "m", key=KEY)


def test_a_key_is_not_shown_and_not_pickled(tmp_path: Path) -> None:
    endpoint = Endpoint("https://example.com/v1", "m", key=KEY)
    assert KEY not in repr(endpoint)
    with pytest.raises(TypeError):
        pickle.dumps(endpoint)
    for url in (f"https://u:{KEY}@host/v1", f"https://host/v1?key={KEY}", f"https://h/{KEY}"):
        with pytest.raises(UsageError) as told:
            Endpoint(url, "m", key=KEY)
        assert KEY not in str(told.value)
    with pytest.raises(UsageError, match="stands in the URL or the model"):
        Endpoint("https://h", KEY, key=KEY)
    prompts = tmp_path / "p.jsonl"
    prompts.write_text(json.dumps({"prompt": f"is {KEY} a key?"}))
    with pytest.raises(UsageError, match="stands in a prompt") as told:
        asking.ask(endpoint, prompts, tmp_path / "out", Budget(1))
    assert KEY not in str(told.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wrong", ["", "two words", "line\nend", "kéy"])
def test_what_is_no_key_is_told_without_it(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUSPECT_KEY", wrong)
    with pytest.raises(UsageError, match="SUSPECT_KEY") as told:
        key_from("SUSPECT_KEY")
    assert not wrong or wrong not in str(told.value)
    # Who names the key instead of its variable must not find it in a log.
    with pytest.raises(UsageError, match="no such environment variable") as told:
        key_from(KEY)
    assert KEY not in str(told.value)
    assert key_from(None) is None


def test_a_certificate_that_nobody_vouches_for_gets_no_question(
    tmp_path: Path, certificate: Path
) -> None:
    with FakeEndpoint(tls=certificate) as fake:
        with pytest.raises(EndpointError, match=r"its certificate is not trusted: .*self-signed"):
            ask(fake, tmp_path)
        assert not fake.got
    # Nothing was reached, so nothing is spent but the tries.
    assert all(line.get("output_tokens", 0) == 0 for line in lines(tmp_path / "out"))


def test_the_certificate_of_who_answered_is_written_down(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with FakeEndpoint(tls=certificate) as fake:
        assert ask(fake, tmp_path).answered == 3
    pem = certificate.read_text()
    der = ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERT") :])
    found = {line.get("certificate") for line in lines(tmp_path / "out")} - {None}
    assert found == {hashlib.sha256(der).hexdigest()}


def test_certificates_that_cannot_be_read_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with FakeEndpoint() as fake, pytest.raises(UsageError, match="SSL_CERT_FILE"):
        ask(fake, tmp_path)
