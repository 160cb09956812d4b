"""The endpoint that is asked: where it is, which model, and the key that opens it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, NoReturn
from urllib.parse import urlsplit

from stillwatch.errors import UsageError

Api = Literal["chat", "completions"]
PATHS: dict[Api, str] = {"chat": "/chat/completions", "completions": "/completions"}
BLOTTED = "[key]"
"""What stands where an answer repeated the key."""
_SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible endpoint.

    url: base, without `/chat/completions`; where it has no path, `/v1` is meant. key: never shown,
    written or pickled. Raises `UsageError` for what cannot be asked, or not safely.
    """

    url: str
    model: str
    api: Api = "chat"
    key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", _base(self.url, self.key is not None))
        if not self.model.strip():
            raise UsageError("name the model to ask, as the endpoint calls it")
        if self.key is not None and self.key in f"{self.url} {self.model}":
            raise UsageError("the key stands in the URL or the model's name; leave it out there")

    @property
    def address(self) -> str:
        """Where requests go."""
        return self.url + PATHS[self.api]

    @property
    def headers(self) -> dict[str, str]:
        """The headers that open it: secret."""
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}"}

    def blotted(self, data: bytes) -> bytes:
        """What came back, without the key in it.

        Local servers want a key and take any. One of less than eight characters is no secret, and
        stands in texts by chance.
        """
        if self.key is None or len(self.key) < _SHORTEST:
            return data
        clean = data.replace(self.key.encode(), BLOTTED.encode())
        if b"\\" not in clean:
            return clean
        # JSON can spell any letter by its number.
        try:
            found = json.dumps(json.loads(clean), ensure_ascii=False)
        except (ValueError, RecursionError):
            return clean
        return found.replace(self.key, BLOTTED).encode() if self.key in found else clean

    def __reduce__(self) -> NoReturn:
        """Keys do not go into dumps, caches or other processes."""
        raise TypeError("an endpoint is not pickled: it has a key")


def known(api: str) -> Api:
    """An API by its name. Raises `UsageError` for one there is not."""
    for one in PATHS:
        if one == api:
            return one
    raise UsageError(f"there is no API {api!r}: {' or '.join(PATHS)}")


def key_from(variable: str | None) -> str | None:
    """The key in an environment variable; none where none is named.

    Raises `UsageError`, without the key, where it is empty or cannot be one.
    """
    if variable is None:
        return None
    key = os.environ.get(variable)
    if key is None:
        # Not told by its name: somebody may have put the key itself there.
        raise UsageError("there is no such environment variable; export the key, and name it here")
    if not key:
        raise UsageError(f"the environment variable {variable} is empty; put the key there")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise UsageError(
            f"the environment variable {variable} holds no key: only printable ASCII without "
            "spaces and line ends can be sent"
        )
    return key


def _base(url: str, secret: bool) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"the endpoint is no URL: {error}") from error
    # A URL is written down and printed, so it must not be where a secret could be.
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "the endpoint's URL must have no user, password, query or fragment; give the key in "
            "an environment variable"
        )
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError(f"the endpoint {url!r} is no URL; write it like https://host/v1")
    if secret and parts.scheme == "http" and not _loopback(host):
        raise UsageError(f"{url}: a key is not sent without TLS; write https://")
    for path in sorted(PATHS.values(), key=len, reverse=True):
        if parts.path.rstrip("/").endswith(path):
            raise UsageError(f"{url}: name the base, which ends before {path}")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/') or '/v1'}"


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
