"""Where requests come from: countries, networks and addresses, all made up.

Addresses are drawn from 240.0.0.0/4 (reserved, RFC 1112 section 4) and 3fff::/20 (documentation,
RFC 9637), and network numbers from the private range of RFC 6996, so that no simulated campaign
ever points at somebody real.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np

from stillwatch.range.tables import Floats, Texts, choose, texts

REGIONS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "americas": (
        ("US", -5, 30),
        ("US", -8, 16),
        ("CA", -5, 6),
        ("BR", -3, 9),
        ("MX", -6, 5),
        ("AR", -3, 3),
        ("CO", -5, 2),
    ),
    "europe": (
        ("GB", 0, 9),
        ("DE", 1, 9),
        ("FR", 1, 8),
        ("ES", 1, 5),
        ("IT", 1, 4),
        ("NL", 1, 4),
        ("PL", 1, 4),
        ("SE", 1, 2),
        ("TR", 3, 3),
        ("ZA", 2, 1),
        ("NG", 1, 2),
        ("EG", 2, 1),
    ),
    "asia": (
        ("IN", 5.5, 16),
        ("JP", 9, 8),
        ("KR", 9, 6),
        ("SG", 8, 3),
        ("ID", 7, 4),
        ("VN", 7, 3),
        ("TW", 8, 3),
        ("AU", 10, 4),
        ("AE", 4, 1),
        ("PH", 8, 2),
    ),
}
"""Country, its offset from UTC in hours (winter) and its weight among customers of the region."""

WORLD = {"americas": 0.5, "europe": 0.28, "asia": 0.22}

KINDS: dict[str, int] = {"home": 4, "mobile": 2, "office": 4, "campus": 2}
"""Networks of a country by what is behind them, and how many of each."""

SPAN = {"mobile": 400, "vpn": 24, "paas": 16, "campus": 60}
"""Addresses a network shows to the outside, where they are fewer than its users: carrier-grade
NAT, VPN exits, shared egress of application platforms. So innocents share addresses as well."""

_WORDS = ("Alder", "Brook", "Cinder", "Delta", "Ember", "Fjord", "Grove", "Harbor", "Iris", "Juno")
_SUFFIX = {"home": "Broadband", "mobile": "Mobile", "office": "Business", "campus": "Campus Net"}
_CLOUDS = ("Cumulus", "Stratus", "Nimbus", "Cirrus", "Altus")
_CLOUD_PLACES = (("US", 1.0), ("US", 0.8), ("DE", 0.5), ("NL", 0.5), ("SG", 0.4), ("JP", 0.3))


@dataclass(frozen=True, slots=True)
class Network:
    """An autonomous system (or one region of it) with its own block of addresses, a /16."""

    name: str
    country: str
    prefix: int


class Places:
    """All networks of one world; the same in every world, so that marks keep their meaning."""

    def __init__(self) -> None:
        numbers = count(1)

        def network(label: str, country: str) -> Network:
            number = next(numbers)
            return Network(f"AS{4_200_000_000 + number} {label}", country, number)

        self._pools: dict[tuple[str, str | None], list[Network]] = {}
        for country in sorted({c for region in REGIONS.values() for c, _, _ in region}):
            for kind, how_many in KINDS.items():
                self._pools[country, kind] = [
                    network(f"{_WORDS[(i * 3 + len(self._pools)) % 10]} {_SUFFIX[kind]}", country)
                    for i in range(how_many)
                ]
        self._pools["cloud", None] = [
            network(f"{cloud} Cloud", country) for cloud in _CLOUDS for country, _ in _CLOUD_PLACES
        ]
        self._cloud_weights = [w for _ in _CLOUDS for _, w in _CLOUD_PLACES]
        for kind, label, where in (
            ("vpn", "Veil VPN", ("NL", "US", "SE", "SG")),
            ("paas", "Launchpad Apps", ("US", "US", "DE", "SG")),
        ):
            self._pools[kind, None] = [network(label, country) for country in where]

    def draw(
        self, rng: np.random.Generator, kind: str, countries: Texts
    ) -> tuple[Texts, Texts, Texts]:
        """One address for each country given: addresses, network names, countries.

        Clouds, VPNs and platforms pay no heed to the customer's country.
        """
        n = len(countries)
        networks = self._networks(rng, kind, countries)
        hosts = rng.integers(1, SPAN.get(kind, 65_534) + 1, n).tolist()
        tails = rng.integers(0, 1 << 62, n).tolist()
        # A quarter of homes speak IPv6.
        six = rng.random(n) < (0.25 if kind == "home" else 0.0)
        addresses = texts(
            ipv6(w.prefix, host, tail) if v6 else ipv4(w.prefix, host)
            for w, host, tail, v6 in zip(networks, hosts, tails, six.tolist(), strict=True)
        )
        return addresses, texts(w.name for w in networks), texts(w.country for w in networks)

    def _networks(self, rng: np.random.Generator, kind: str, countries: Texts) -> list[Network]:
        n = len(countries)
        if kind in KINDS:
            # Market shares within a country are uneven: the first network has half of it.
            rank = np.minimum(rng.geometric(0.5, n) - 1, KINDS[kind] - 1).tolist()
            return [self._pools[c, kind][r] for c, r in zip(countries, rank, strict=True)]
        pool = self._pools[kind, None]
        weights = self._cloud_weights if kind == "cloud" else [1.0] * len(pool)
        return [pool[i] for i in choose(rng, weights, n).tolist()]


def ipv4(prefix: int, host: int) -> str:
    """An address of 240.0.0.0/4: the prefix numbers its 4,096 blocks of 65,536."""
    return f"{240 + (prefix >> 8)}.{prefix & 255}.{host >> 8}.{host & 255}"


def ipv6(prefix: int, host: int, tail: int) -> str:
    """An address of 3fff::/20: one /64 for each home, and a random interface in it."""
    return f"3fff:{prefix:x}:{host:x}::{tail >> 48 & 0xFFFF:x}:{tail & 0xFFFF:x}"


def customers(
    rng: np.random.Generator, regions: Mapping[str, float], n: int
) -> tuple[Texts, Floats]:
    """Countries of `n` customers, and their offsets from UTC in hours."""
    rows = [(c, o, w, r) for r in regions for c, o, w in REGIONS[r]]
    total = {r: sum(w for _, _, w in REGIONS[r]) for r in regions}
    index = choose(rng, [w * regions[r] / total[r] for _, _, w, r in rows], n).tolist()
    offsets = np.array([rows[i][1] for i in index], dtype=np.float64)
    return texts(rows[i][0] for i in index), offsets
