"""One request, and what came back, whatever came back."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2

from stillwatch.suspects.asking.endpoint import Endpoint

LARGEST = 8 << 20
"""Bytes of the longest body that is taken."""
_HEADERS = (
    *("date", "server", "via", "content-type", "content-encoding", "location", "retry-after"),
    *("x-request-id", "request-id", "cf-ray", "openai-processing-ms", "openai-version"),
)
_LONGEST_HEADER = 1000


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. The key is in none of it.

    status: None where nothing came; whole: whether the body did; error: what went wrong on the
    way, in words; untrusted: whether that is the server's certificate; unreached: whether no
    connection came about; certificate: SHA-256; seconds: it took.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False
    error: str | None = None
    untrusted: bool = False
    unreached: bool = False
    blotted: bool = False
    peer: str | None = None
    certificate: str | None = None
    seconds: float = 0.0


async def send(
    client: httpx2.AsyncClient, endpoint: Endpoint, request: bytes, timeout: float
) -> Reply:
    """Sends a request and takes what comes within `timeout` seconds. Never raises for the network.

    Redirects are not followed: the key goes nowhere else.
    """
    begun = time.monotonic()
    got: dict[str, Any] = {}
    body = bytearray()
    # Compressed, a small body may be a huge one.
    headers = {
        **endpoint.headers,
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
    }
    try:
        async with (
            asyncio.timeout(timeout),
            client.stream("POST", endpoint.address, content=request, headers=headers) as response,
        ):
            got |= _head(endpoint, response)
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > LARGEST:
                    got["error"] = f"the answer is longer than {LARGEST >> 20} MiB"
                    break
            else:
                got["whole"] = True
    except (TimeoutError, httpx2.TimeoutException):
        got["error"] = f"no whole answer in {timeout:g} seconds"
    except httpx2.HTTPError as error:
        got |= _failure(endpoint, error)
    clean = endpoint.blotted(bytes(body[:LARGEST]))
    blotted = got.pop("blotted", False) or clean != body[:LARGEST]
    return Reply(**got, body=clean, blotted=blotted, seconds=time.monotonic() - begun)


def _head(endpoint: Endpoint, response: httpx2.Response) -> dict[str, Any]:
    kept = {name: response.headers[name] for name in _HEADERS if name in response.headers}
    headers = {
        name: endpoint.blotted(value.encode()).decode()[:_LONGEST_HEADER]
        for name, value in kept.items()
    }
    found: dict[str, Any] = {"status": response.status_code, "headers": headers}
    found["blotted"] = any(headers[name] != kept[name][:_LONGEST_HEADER] for name in kept)
    stream = response.extensions.get("network_stream")
    if stream is not None:
        # Behind a proxy it is the proxy's.
        address = stream.get_extra_info("server_addr")
        found["peer"] = f"{address[0]} {address[1]}" if address else None
        secured = stream.get_extra_info("ssl_object")
        sent = secured.getpeercert(True) if secured is not None else None
        found["certificate"] = hashlib.sha256(sent).hexdigest() if sent else None
    return found


def _failure(endpoint: Endpoint, error: httpx2.HTTPError) -> dict[str, Any]:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    words = str(cause or error) or type(error).__name__
    told = endpoint.blotted(words.encode("utf-8", "replace")).decode()
    return {
        "error": told,
        "untrusted": cause is not None,
        "unreached": isinstance(error, httpx2.ConnectError | httpx2.ProxyError),
    }
