"""Small sources of a lake become one larger one: fewer files, the same rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow.parquet as pq

from stillwatch.durable import replaced
from stillwatch.sketch.lake import Lake, rejected_path
from stillwatch.sketch.manifest import Manifest
from stillwatch.sketch.parts import GROUP_ROWS

SIZE = 16
"""How many times as large a tier's sources are as those of the tier below; so many make one."""
LARGEST = 1 << 22
"""Rows from which a source is large enough."""

Together = Callable[[Sequence[Mapping[str, Any]]], dict[str, Any]]
"""What the `meta` of several manifests is together."""


def tier(rows: int) -> int:
    """Which sources are of one size: the logarithm of their rows."""
    level = 0
    while rows >= SIZE:
        rows //= SIZE
        level += 1
    return level


def mergeable(manifests: Sequence[Manifest]) -> list[Manifest]:
    """The sources to merge next, or none: those of the lowest tier that is full.

    Size-tiered compaction: a row is written anew once for each tier, of which there are six.
    """
    tiers: dict[int, list[Manifest]] = {}
    for manifest in manifests:
        if manifest.rows - manifest.gone < LARGEST:
            tiers.setdefault(tier(manifest.rows - manifest.gone), []).append(manifest)
    return next((there for _, there in sorted(tiers.items()) if len(there) >= SIZE), [])


def merge(lake: Lake, manifests: Sequence[Manifest], together: Together) -> Manifest:
    """Writes the rows of some sources as one, which takes their place all at once."""
    digests = sorted(m.digest for m in manifests)
    digest = hashlib.blake2b("\n".join(digests).encode(), digest_size=16).hexdigest()
    rejected: Counter[str] = Counter()
    for manifest in manifests:
        rejected.update(manifest.rejected)
    if rejected:
        with replaced(rejected_path(lake.directory, digest)) as fresh, fresh.open("wb") as file:
            for manifest in manifests:
                if manifest.rejected:
                    file.write(rejected_path(lake.directory, manifest.digest).read_bytes())
    with lake.source(digest) as source:
        for manifest in manifests:
            for part in manifest.parts:
                with pq.ParquetFile(lake.directory / part.path) as file:
                    for batch in file.iter_batches(GROUP_ROWS):
                        source.add(batch)
            if manifest.examples:
                source.exemplify(pq.read_table(lake.directory / manifest.examples))
        made = source.finish(together([m.meta for m in manifests]), rejected)
    gone = sum(m.gone for m in manifests)
    whole = replace(made, rows=made.rows + gone, gone=gone, replaces=tuple(digests))
    lake.accept(whole)
    return whole
