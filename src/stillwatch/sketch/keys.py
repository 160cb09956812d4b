"""Columns made from identifiers rather than from text: keys to group by, blocks of addresses."""

from __future__ import annotations

import ipaddress
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

IPV4_BLOCK = 24
IPV6_BLOCK = 48


# An IPv4 address as `ipaddress` takes it: no leading zeros.
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"^({_OCTET}\.{_OCTET}\.{_OCTET})\.{_OCTET}$"


def key(names: pa.Array) -> pa.Array:
    """64-bit keys of strings: int64, null where null.

    BLAKE2b cut to 64 bits (RFC 7693): the same on every machine, release and engine, and nobody
    can choose a name that falls on another's key cheaply.
    """
    encoded = names.dictionary_encode()
    texts = encoded.dictionary.cast(pa.large_binary()).to_pylist()
    digests = b"".join([blake2b(text, digest_size=8).digest() for text in texts])
    keys = np.frombuffer(digests, dtype="<i8").astype(np.int64)
    return pc.take(pa.array(keys, pa.int64()), encoded.indices)


def address_block(addresses: pa.Array) -> pa.Array:
    """The block of each address, as `198.51.100.0/24`; null for what is no address."""
    encoded = addresses.dictionary_encode()
    different = encoded.dictionary
    # Most are plain IPv4, and there may be as many as rows: those go by one regular expression.
    plain = pc.match_substring_regex(different, _IPV4)
    blocks = pc.replace_substring_regex(different, _IPV4, rf"\1.0/{IPV4_BLOCK}")
    other = pc.invert(plain)
    slow = [_block(address) for address in different.filter(other).to_pylist()]
    blocks = pc.replace_with_mask(blocks, other, pa.array(slow, blocks.type))
    return pc.take(blocks, encoded.indices)


def _block(address: str) -> str | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    width = IPV4_BLOCK if parsed.version == 4 else IPV6_BLOCK
    return str(ipaddress.ip_network((parsed, width), strict=False))
