"""Ranges of addresses, against what a sketch keeps: the address as logged, and its block.

Blocks are written in one way only, so ranges of whole blocks are compared as texts that sort as
the blocks do. Addresses are written in many ways: those of a range finer than a block are read
one by one, each different spelling once, from the blocks it lies in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import ibis.expr.types as ir

from stillwatch.sketch.keys import IPV4_BLOCK, IPV6_BLOCK

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_MAPPED = IPv6Network("::ffff:0:0/96")


def network(text: str) -> Network:
    """The range that a text names, `198.51.100.7`, `198.51.100.0/24` or `2001:db8::/32`.

    Bits beyond the range are dropped, and IPv4 within IPv6 (RFC 4291, section 2.5.5.2) is IPv4.
    Raises `ValueError` for what is none.
    """
    found = ip_network(text, strict=False)
    if isinstance(found, IPv6Network) and found.subnet_of(_MAPPED):
        inner = int(found.network_address) & 0xFFFF_FFFF
        return IPv4Network((inner, found.prefixlen - 96))
    return found


def address(text: str) -> Address | None:
    """The address that a text names, as `network` reads it; None for what is none."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def finer(range: Network) -> bool:
    """Whether a range is smaller than a block of the sketch."""
    return range.prefixlen > _width(range)


def block(range: Network) -> str:
    """The block that a finer range lies in, as the sketch writes it."""
    return str(range.supernet(new_prefix=_width(range)))


def shown(range: Network) -> str:
    """The range as people write it: a single address without its /32 or /128."""
    alone = range.prefixlen == range.max_prefixlen
    return str(range.network_address) if alone else str(range)


def key(block: ir.StringValue) -> ir.StringValue:
    """A text that sorts as the blocks do, IPv4 before IPv6; null for null."""
    # Zeros at the end of an IPv6 block are left out; `::` in their place makes three groups.
    six = (block.split("/")[0] + "::").split(":")
    groups = [six[i].lpad(4, "0") for i in range(3)]
    four = (block.split("/")[0] + "..").split(".")
    octets = [four[i].lpad(3, "0") for i in range(3)]
    return block.contains(":").ifelse(
        "6" + groups[0] + groups[1] + groups[2], "4" + octets[0] + octets[1] + octets[2]
    )


def bounds(range: Network) -> tuple[str, str]:
    """`key` of the first and of the last block of a range."""
    return _key(range.network_address), _key(range.broadcast_address)


def _key(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return "4" + "".join(f"{octet:03}" for octet in address.packed[:3])
    return "6" + address.packed[:6].hex()


def _width(range: Network) -> int:
    return IPV4_BLOCK if range.version == 4 else IPV6_BLOCK


class Finer:
    """Ranges finer than a block, ready to say of many addresses which of them they lie in."""

    def __init__(self, ranges: Iterable[Network]) -> None:
        self._by_width: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        for one in ranges:
            drop = one.max_prefixlen - one.prefixlen
            self._by_width[one.version, drop].add(int(one.network_address) >> drop)

    def ranges(self, text: str) -> Iterator[Network]:
        """The ranges that an address lies in; none for a text that is no address."""
        found = address(text)
        if found is None:
            return
        for (version, drop), starts in self._by_width.items():
            start = int(found) >> drop
            if version == found.version and start in starts:
                # Not `ip_network`, to which a small number is IPv4 always.
                kind = IPv4Network if version == 4 else IPv6Network
                yield kind((start << drop, found.max_prefixlen - drop))
