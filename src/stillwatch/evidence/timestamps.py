"""Time stamps (RFC 3161): an authority says that some bytes, such as a checkpoint, were there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stillwatch.errors import NoInputError, TamperedError, UsageError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

WANTED = "time stamps need rfc3161-client: pip install 'stillwatch[timestamps]'"


def request(data: bytes) -> bytes:
    """What to send to an authority (section 2.4.1). It learns a SHA-512, and nothing else.

    Raises `UsageError` where the library is not there.
    """
    try:
        from rfc3161_client import TimestampRequestBuilder
    except ModuleNotFoundError as error:
        raise UsageError(WANTED) from error
    return TimestampRequestBuilder().data(data).build().as_bytes()


def stamped(data: bytes, answer: bytes, roots: list[Certificate], what: str) -> datetime:
    """When the bytes were there, by an authority below one of the roots (section 2.4.2).

    Certificates must have been good at that time, not now. what: how to call the answer.

    Raises
    ------
    UsageError
        The library is not there.
    TamperedError
        The answer is none, is for other bytes, or not of such an authority.
    """
    try:
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response
    except ModuleNotFoundError as error:
        raise UsageError(WANTED) from error
    try:
        response = decode_timestamp_response(answer)
        VerifierBuilder(roots=list(roots)).build().verify_message(response, data)
    except (VerificationError, ValueError) as error:
        raise TamperedError(f"{what}: is no time stamp of these bytes: {error}") from None
    return response.tst_info.gen_time


def read_roots(path: Path) -> list[Certificate]:
    """Certificates in PEM. Raises `NoInputError` where there are none, `UsageError` where they are
    none."""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError:
        raise UsageError(f"{path}: holds no certificates in PEM") from None
