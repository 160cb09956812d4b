"""Merkle trees of RFC 9162 (section 2.1), which are those of RFC 6962: roots and proofs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

DIGEST = 32
"""Bytes of a hash, which is SHA-256 throughout."""
_PAIR = 2 * DIGEST
EMPTY = hashlib.sha256().digest()
"""Root of a tree without leaves (section 2.1.1)."""
Nodes = Callable[[int, int], bytes]
"""Root of the complete subtree of 2**height leaves, by height and by its place among its likes."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry (section 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees (section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_hashes(entries: Iterable[bytes]) -> bytes:
    """Hashes of entries, one after another."""
    sha256 = hashlib.sha256
    return b"".join([sha256(b"\x00" + entry).digest() for entry in entries])


def complete_root(row: bytes) -> bytes:
    """Root of a complete subtree, from its hashes one after another; as many as a power of two."""
    sha256 = hashlib.sha256
    while len(row) > DIGEST:
        row = b"".join(
            [sha256(b"\x01" + row[at : at + _PAIR]).digest() for at in range(0, len(row), _PAIR)]
        )
    return row


def root(nodes: Nodes, size: int) -> bytes:
    """Root of the first `size` leaves."""
    return _range_root(nodes, 0, size) if size else EMPTY


def inclusion(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Proof that a leaf is in the tree of the first `size` leaves (section 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(nodes, middle, end))
            end = middle
        else:
            path.append(_range_root(nodes, start, middle))
            start = middle
    return path[::-1]


def consistency(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """Proof that the first `old` leaves are those of an earlier tree (section 2.1.4.1).

    Empty where the earlier tree is empty, or of the same size.
    """
    if not 0 <= old <= new:
        raise ValueError(f"{old} leaves are not before {new}")
    if old in (0, new):
        return []
    path, start, end, whole = [], 0, new, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_root(nodes, middle, end))
            end = middle
        else:
            path.append(_range_root(nodes, start, middle))
            start, whole = middle, False
    # The earlier root is known to whoever verifies; what is only a part of it is not.
    if not whole:
        path.append(_range_root(nodes, start, end))
    return path[::-1]


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether an inclusion proof holds (section 2.1.3.2)."""
    if not 0 <= index < size or len(leaf) != DIGEST:
        return False
    left, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if left & 1 or left == last:
            found = node_hash(step, found)
            while left and not left & 1:
                left, last = left >> 1, last >> 1
        else:
            found = node_hash(found, step)
        left, last = left >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether a consistency proof holds (section 2.1.4.2).

    Every tree is consistent with the empty one.
    """
    if old == 0 and old_root != EMPTY:
        return False
    if old in (0, new):
        return not path and (old == 0 < new or old_root == new_root)
    if not (0 < old < new and path):
        return False
    steps = list(path) if old & (old - 1) else [old_root, *path]
    left, last = old - 1, new - 1
    while left & 1:
        left, last = left >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if left & 1 or left == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while left and not left & 1:
                left, last = left >> 1, last >> 1
        else:
            after = node_hash(after, step)
        left, last = left >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(size: int) -> int:
    """The largest power of two below `size` (section 2.1.1)."""
    return 1 << (size - 1).bit_length() - 1


def _range_root(nodes: Nodes, start: int, end: int) -> bytes:
    """Root of the leaves from `start` to `end`, as they are cut by the tree."""
    size = end - start
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return nodes(height, start >> height)
    middle = start + _split(size)
    return node_hash(_range_root(nodes, start, middle), _range_root(nodes, middle, end))
