"""Candidate groups: communities of the bipartite graph of accounts and the things they share.

Nothing here is quadratic in accounts: an account is joined to things, never to other accounts.
Connected components (SciPy) come first; a component too large to be one group is divided by
modularity (Louvain on the bipartite graph, scikit-network; Blondel et al. 2008, Barber 2007),
whose null model expects a heavy account or a popular thing to have many edges anyway.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sknetwork.clustering import Louvain

LARGEST_WHOLE = 12
"""Components up to this many accounts stay whole."""
RESOLUTION = 1.0
DEPTH = 3
"""How often a community is divided again while it still falls apart."""
SEED = 20260424

Ints = npt.NDArray[np.int64]


def communities(edges: pa.Table, fewest: int) -> pa.Table:
    """Groups of at least `fewest` accounts.

    `edges` has account_key, node (int64), weight (bits, > 0). Returns group
    (int64, from 0, numbered by first account), account_key (int64). The same edges in another
    order give the same groups.
    """
    edges = edges.sort_by([("account_key", "ascending"), ("node", "ascending")])
    accounts, rows = np.unique(edges["account_key"].to_numpy(), return_inverse=True)
    _, things = np.unique(edges["node"].to_numpy(), return_inverse=True)
    weights = edges["weight"].to_numpy().astype(np.float64)
    matrix = sparse.csr_matrix(
        (weights, (rows, things)), shape=(len(accounts), int(things.max(initial=-1)) + 1)
    )
    labels = _divide(matrix, DEPTH) if len(accounts) else np.zeros(0, dtype=np.int64)
    _, labels, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    kept = sizes[labels] >= fewest
    _, first = np.unique(labels[kept], return_index=True)
    order = np.argsort(np.argsort(first))
    _, dense = np.unique(labels[kept], return_inverse=True)
    return pa.table({"group": order[dense].astype(np.int64), "account_key": accounts[kept]})


def _divide(matrix: sparse.csr_matrix, depth: int) -> Ints:
    """A label for every row (account) of a bipartite adjacency matrix."""
    rows = matrix.shape[0]
    labels = _components(matrix)
    if depth == 0:
        return labels
    following = int(labels.max(initial=-1)) + 1
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(labels[order]) > 0])
    for start, stop in zip(starts, np.r_[starts[1:], rows], strict=True):
        if stop - start <= LARGEST_WHOLE:
            continue
        inside = order[start:stop]
        part = matrix[inside]
        part = part[:, np.unique(part.indices)]
        parts = Louvain(resolution=RESOLUTION, random_state=SEED).fit_predict(
            part, force_bipartite=True
        )
        if parts.max() == 0 or _crumbles(parts):
            continue
        for label in range(int(parts.max()) + 1):
            chosen = inside[parts == label]
            labels[chosen] = following + _divide_inside(matrix, chosen, depth - 1)
            following = int(labels.max()) + 1
    return labels


def _crumbles(parts: Ints) -> bool:
    """Whether a division leaves most accounts alone or in pairs.

    So Louvain ends on accounts that all share the very same things: there is nothing to divide.
    """
    sizes = np.bincount(parts)
    return bool(np.mean(sizes[parts] < 3) > 0.5)


def _divide_inside(matrix: sparse.csr_matrix, chosen: Ints, depth: int) -> Ints:
    """Divides one community again by what only its own accounts share."""
    part = matrix[chosen]
    degrees = np.bincount(part.indices, minlength=part.shape[1])
    shared = np.flatnonzero(degrees >= 2)
    if len(chosen) <= LARGEST_WHOLE or len(shared) == 0 or depth == 0:
        return np.zeros(len(chosen), dtype=np.int64)
    return _components(part[:, shared])


def _components(matrix: sparse.csr_matrix) -> Ints:
    joined = sparse.bmat([[None, matrix], [matrix.T, None]], format="csr")
    _, labels = connected_components(joined, directed=False)
    found: Ints = labels[: matrix.shape[0]].astype(np.int64)
    return found
