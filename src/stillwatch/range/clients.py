"""What requests are sent with: user agents, and the TLS fingerprint that comes with a library.

A fingerprint belongs to a library and its version, not to a user, so every one of them is shared
by a crowd of innocents. Names and fingerprints are made up; only the shape of JA4 is kept
(FoxIO, JA4: protocol, version, SNI, counts, ALPN, two truncated SHA-256 values).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stillwatch.range.tables import Texts, choose, pick, texts


@dataclass(frozen=True, slots=True)
class Client:
    """A program that calls the API. `agent` has the slots {v} version and {s} system."""

    agent: str
    weight: float
    versions: tuple[str, ...]
    systems: tuple[str, ...] = ("",)
    library: str = ""


_DESKTOPS = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
)
_SERVERS = ("linux x86_64", "linux aarch64", "darwin arm64", "windows amd64")
_BROWSER = ("131", "132", "133", "134")

CLIENTS: dict[str, tuple[Client, ...]] = {
    "browser": (
        Client("Mozilla/5.0 ({s}) Kestrel/{v}.0.0.0", 6, _BROWSER, _DESKTOPS),
        Client("Mozilla/5.0 ({s}; rv:{v}.0) Tern/{v}.0", 2, _BROWSER, _DESKTOPS),
        Client("Mozilla/5.0 ({s}) Heron/18.{v}", 2, ("1", "2", "3"), _DESKTOPS[1:2]),
    ),
    "mobile": (
        Client("TutorApp/{v} ({s})", 2, ("4.1", "4.2"), ("phone-a 17", "phone-b 14")),
        Client("Mozilla/5.0 ({s}) Kestrel/{v}.0.0.0 Mobile", 4, _BROWSER, ("phone-b 14",)),
        Client("Mozilla/5.0 ({s}) Heron/18.{v} Mobile", 4, ("1", "2", "3"), ("phone-a 17",)),
    ),
    "sdk": (
        Client("aster-python/{v} ({s})", 6, ("2.9.0", "2.11.3", "2.14.1", "2.14.2"), _SERVERS),
        Client("aster-node/{v} ({s})", 3, ("4.2.0", "4.6.1", "5.0.2"), _SERVERS),
        Client("aster-go/{v}", 1, ("1.8.0", "1.9.4")),
        Client("aster-java/{v}", 1, ("3.1.0", "3.2.2")),
    ),
    "raw": (
        Client("python-httpx/{v}", 3, ("0.27.2", "0.28.1"), library="python"),
        Client("python-requests/{v}", 3, ("2.31.0", "2.32.3"), library="python"),
        Client("go-http-client/{v}", 2, ("2.0",), library="go"),
        Client("node-fetch/{v}", 1, ("1.0",), library="node"),
        Client("curl/{v}", 1, ("8.5.0", "8.9.1"), library="curl"),
    ),
    "agent": (
        Client("forge-cli/{v} ({s})", 5, ("0.41.0", "0.42.1", "0.42.3"), _SERVERS, "node"),
        Client("pairwise-ide/{v} ({s})", 4, ("1.93", "1.94", "1.95"), _SERVERS, "node"),
        Client("opencrew/{v} aster-python/2.14.1", 2, ("0.9.1", "0.9.2"), library="python"),
    ),
    "tool": (
        Client("deckchat/{v}", 3, ("3.2.0", "3.3.0"), library="node"),
        Client("flowpipe-automation/{v}", 3, ("1.71", "1.72"), library="node"),
        Client("llm-switchboard/{v}", 2, ("1.55.3", "1.56.0"), library="python"),
        Client("chainlink-kit/{v} aster-python/2.11.3", 3, ("0.3.7", "0.3.9"), library="python"),
    ),
}


def equip(rng: np.random.Generator, mix: Mapping[str, float], n: int) -> tuple[Texts, Texts]:
    """User agents and TLS fingerprints of `n` accounts; `mix` weighs the keys of `CLIENTS`."""
    kinds = pick(rng, mix, n)
    agents, prints = np.full((2, n), None, dtype=object)
    for kind in mix:
        where = np.flatnonzero(kinds == kind)
        stock = CLIENTS[kind]
        chosen = choose(rng, [c.weight for c in stock], len(where)).tolist()
        dice = rng.random((len(where), 2)).tolist()
        made = [_agent(stock[c], *d) for c, d in zip(chosen, dice, strict=True)]
        agents[where] = texts(a for a, _ in made)
        prints[where] = texts(p for _, p in made)
    return agents, prints


def _agent(client: Client, version_die: float, system_die: float) -> tuple[str, str]:
    version = client.versions[int(version_die * len(client.versions))]
    system = client.systems[int(system_die * len(client.systems))]
    name = client.agent.format(v=version, s=system)
    # Libraries change their handshake with a major release or less often; systems bring their own
    # TLS library.
    library = client.library or client.agent.split("/", maxsplit=1)[0] + version.split(".")[0]
    return name, ja4(f"{library} {system}")


def ja4(library: str) -> str:
    """A fingerprint in the shape of JA4, the same for every user of the library."""
    digest = hashlib.sha256(library.encode()).hexdigest()
    ciphers, extensions = 10 + int(digest[0], 16), 8 + int(digest[1], 16) // 2
    return f"t13d{ciphers:02d}{extensions:02d}h2_{digest[2:14]}_{digest[14:26]}"
