"""Roots and proofs are those of RFC 9162, by its definitions and by known values."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.evidence import merkle

LEAVES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
"""With these the Certificate Transparency project tests its trees; the roots are theirs, too."""
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
sizes = st.integers(1, 40)


def entries(size: int) -> list[bytes]:
    return [str(n).encode() for n in range(size)]


def nodes(leaves: Sequence[bytes]) -> merkle.Nodes:
    """Complete subtrees out of all leaves."""

    def node(height: int, place: int) -> bytes:
        ours = leaves[place << height : (place + 1) << height]
        assert len(ours) == 1 << height
        return merkle.complete_root(merkle.leaf_hashes(ours))

    return node


def cut(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def mth(leaves: Sequence[bytes]) -> bytes:
    """MTH of section 2.1.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = cut(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1, word by word."""
    if len(leaves) == 1:
        return []
    k = cut(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1, word by word."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = cut(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_that_others_have(size: int) -> None:
    assert merkle.root(nodes(LEAVES), size).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle.root(nodes([]), 0) == mth([])


@given(sizes)
def test_roots_are_those_of_the_definition(size: int) -> None:
    assert merkle.root(nodes(entries(size)), size) == mth(entries(size))


@given(sizes, st.data())
def test_inclusion_is_proved_as_defined_and_for_no_other_entry(
    size: int, data: st.DataObject
) -> None:
    leaves = entries(size)
    m = data.draw(st.integers(0, size - 1))
    found = merkle.inclusion(nodes(leaves), m, size)
    assert found == path(m, leaves)
    root = mth(leaves)
    for other in range(size):
        holds = merkle.included(merkle.leaf_hash(leaves[other]), m, size, found, root)
        assert holds == (other == m)
        holds = merkle.included(merkle.leaf_hash(leaves[m]), other, size, found, root)
        assert holds == (other == m)


@given(sizes, st.data())
def test_consistency_is_proved_as_defined(size: int, data: st.DataObject) -> None:
    leaves = entries(size)
    m = data.draw(st.integers(0, size))
    found = merkle.consistency(nodes(leaves), m, size)
    assert found == (subproof(m, leaves, True) if m else [])
    assert merkle.consistent(m, size, found, mth(leaves[:m]), mth(leaves))


@given(sizes, st.data())
def test_no_other_past_is_consistent(size: int, data: st.DataObject) -> None:
    leaves = entries(size)
    m = data.draw(st.integers(1, size))
    found = merkle.consistency(nodes(leaves), m, size)
    other = list(leaves[:m])
    other[data.draw(st.integers(0, m - 1))] = b"x"
    assert not merkle.consistent(m, size, found, mth(other), mth(leaves))
    assert not merkle.consistent(m, size, found, mth(leaves[:m]), mth([*leaves, b"x"]))


@given(sizes, st.data())
def test_a_proof_that_was_changed_proves_nothing(size: int, data: st.DataObject) -> None:
    leaves = entries(size)
    m = data.draw(st.integers(0, size - 1))
    included, consistent = (
        merkle.inclusion(nodes(leaves), m, size),
        merkle.consistency(nodes(leaves), m, size),
    )
    steps = data.draw(st.sampled_from((included, consistent)))
    before = list(steps)
    how = data.draw(st.sampled_from(("flip", "drop", "add", "swap")))
    at = data.draw(st.integers(0, max(0, len(steps) - 1)))
    if how == "add":
        steps.insert(at, b"x" * 32)
    elif steps and how == "drop":
        del steps[at]
    elif steps and how == "flip":
        steps[at] = bytes([steps[at][0] ^ 1]) + steps[at][1:]
    elif steps:
        steps[at], steps[-1] = steps[-1], steps[at]
    same = steps == before
    root = mth(leaves)
    if steps is included:
        assert merkle.included(merkle.leaf_hash(leaves[m]), m, size, steps, root) == same
    else:
        assert merkle.consistent(m, size, steps, mth(leaves[:m]), root) == same


@pytest.mark.parametrize(
    ("old", "new"), [(0, 0), (0, 3), (3, 3)], ids=["nothing", "from nothing", "no change"]
)
def test_where_there_is_nothing_to_prove_the_roots_still_count(old: int, new: int) -> None:
    before, after = mth(entries(old)), mth(entries(new))
    assert merkle.consistent(old, new, [], before, after)
    assert not merkle.consistent(old, new, [], b"x" * 32, after)
    assert not merkle.consistent(old, new, [after], before, after)


def test_no_proof_of_what_is_not_there_is_made() -> None:
    with pytest.raises(ValueError, match="no leaf 3"):
        merkle.inclusion(nodes(entries(3)), 3, 3)
    with pytest.raises(ValueError, match="4 leaves are not before 3"):
        merkle.consistency(nodes(entries(3)), 4, 3)
    assert not merkle.consistent(4, 3, [b"x" * 32], mth(entries(4)), mth(entries(3)))
    assert not merkle.included(merkle.leaf_hash(b"3"), 3, 3, [], mth(entries(3)))
