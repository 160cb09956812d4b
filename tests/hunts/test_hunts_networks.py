"""Ranges of addresses hold what the standard library says they hold, however it is written."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import ibis
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stillwatch.hunts import networks
from stillwatch.hunts.networks import Finer
from stillwatch.sketch.keys import address_block

V4 = st.integers(0, 2**32 - 1)
V6 = st.integers(0, 2**128 - 1) | st.integers(0x20010DB8 << 96, (0x20010DB9 << 96) - 1)
# Groups of zeros make the spellings of IPv6 hard.
SPARSE = st.lists(st.sampled_from([0, 0, 1, 0xA0, 0xFFFF]), min_size=8, max_size=8).map(
    lambda groups: int.from_bytes(b"".join(g.to_bytes(2, "big") for g in groups), "big")
)
ADDRESSES = st.one_of(
    V4.map(lambda n: str(ip_address(n))),
    (V6 | SPARSE).map(lambda n: str(IPv6Address(n))),
    (V6 | SPARSE).map(lambda n: IPv6Address(n).exploded.upper()),
    V4.map(lambda n: f"::ffff:{ip_address(n)}"),
    st.sampled_from(["", "kh_8c1f", "198.51.100", "10.0.0.1:443", "::", "0.0.0.1"]),
)


def held(network: networks.Network, text: str) -> bool:
    """Whether the standard library says that an address lies in a network."""
    try:
        found = ip_address(text)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found in network


@st.composite
def cases(draw: st.DrawFn, finer: bool) -> tuple[networks.Network, list[str]]:
    """A network, and addresses of which some are near it."""
    texts = draw(st.lists(ADDRESSES, min_size=1, max_size=30))
    parsed = [a for a in map(networks.address, texts) if a is not None]
    inside = draw(st.sampled_from(parsed)) if parsed else ip_address("192.0.2.1")
    width = 24 if inside.version == 4 else 48
    low, high = (width + 1, inside.max_prefixlen) if finer else (0, width)
    return ip_network((inside, draw(st.integers(low, high))), strict=False), texts


@settings(max_examples=60, deadline=None)
@given(cases(finer=False))
@example((ip_network("0.0.0.0/0"), ["::", "0.0.0.1", "255.255.255.255"]))
@example((ip_network("::/0"), ["::", "1.2.3.4", "::ffff:1.2.3.4", "ffff::"]))
@example((ip_network("9.0.0.0/8"), ["9.255.0.1", "10.0.0.0", "8.255.255.255", "99.0.0.0"]))
def test_a_range_of_blocks_holds_what_it_should(case: tuple[networks.Network, list[str]]) -> None:
    network, texts = case
    table = ibis.memtable(pa.table({"text": texts, "block": address_block(pa.array(texts))}))
    first, last = networks.bounds(network)
    inside = networks.key(table.block).between(first, last).fill_null(False)
    found = table.mutate(inside=inside).to_pyarrow().to_pydict()
    # A range over all of IPv6 holds IPv4 as it is mapped there; here IPv4 is always IPv4.
    assert dict(zip(found["text"], found["inside"], strict=True)) == {
        text: held(network, text) for text in texts
    }


@given(cases(finer=True))
def test_a_range_finer_than_a_block_holds_what_it_should(
    case: tuple[networks.Network, list[str]],
) -> None:
    network, texts = case
    other = ip_network("203.0.113.4/31")
    ranges = Finer([network, other])
    for text in texts:
        assert set(ranges.ranges(text)) == {n for n in (network, other) if held(n, text)}
        if held(network, text):
            assert address_block(pa.array([text]))[0].as_py() == networks.block(network)


@given(st.one_of(V4.map(ip_address), (V6 | SPARSE).map(IPv6Address)), st.data())
def test_a_range_is_read_back_as_it_is_shown(
    address: networks.Address, data: st.DataObject
) -> None:
    width = data.draw(st.integers(0, address.max_prefixlen))
    network = networks.network(f"{address}/{width}")
    assert networks.network(networks.shown(network)) == network


def test_ipv4_within_ipv6_is_ipv4() -> None:
    assert networks.network("::ffff:198.51.100.0/120") == IPv4Network("198.51.100.0/24")
    assert networks.network("::ffff:0:0/95") == IPv6Network("::fffe:0:0/95")


def test_small_numbers_stay_ipv6() -> None:
    assert list(Finer([IPv6Network("::1/128")]).ranges("::1")) == [IPv6Network("::1/128")]


@pytest.mark.parametrize("text", ["", "198.51.100.0/33", "2001:db8::/129", "1.2.3", "x"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        networks.network(text)
