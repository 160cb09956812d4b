"""Candidate groups: communities of the bipartite graph of accounts and the things they share.

Nothing here is quadratic in accounts: an account is joined to things, never to other accounts.
Connected components (SciPy) come first; a component too large to be one group is divided by
modularity (Louvain on the bipartite graph, scikit-network; Blondel et al. 2008, Barber 2007),
whose null model expects a heavy account or a popular thing to have many edges anyway. Modularity
cannot see groups much smaller than the graph they lie in (Fortunato and Barthélemy 2007), and
campaigns come in all sizes, so what it finds is divided again by itself, more finely each time.
Wholes and parts are all candidates; which of them is a campaign is judged later, on evidence.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sknetwork.clustering import Louvain

LARGEST_WHOLE = 12
"""Groups up to this many accounts stay whole."""
RESOLUTIONS = (0.3, 1.0)
"""Of the division of the whole graph, and of that of each part of it."""
TOLERANCE = 0.01
"""Gain of modularity below which a division is done: a tenth of it finds no more, in twice the
time."""
SEED = 20260424

Ints = npt.NDArray[np.int64]


def communities(edges: pa.Table, fewest: int, most: int) -> pa.Table:
    """Groups of `fewest` to `most` accounts, wholes and their parts.

    `edges` has account_key, node (int64), weight (bits, > 0). Returns group (int64, from 0, a
    whole before its parts), account_key (int64). Two groups have no account in common unless one
    is part of the other. The same edges in another order give the same groups.
    """
    accounts, rows = _numbered(edges["account_key"])
    nodes, things = _numbered(edges["node"])
    weights = edges["weight"].to_numpy().astype(np.float64)
    # Whatever the order of the edges: rows, columns and the numbers in them are sorted here.
    matrix = sparse.csr_matrix((weights, (rows, things)), shape=(len(accounts), len(nodes)))
    found = [group for group in _groups(matrix, fewest) if len(group) <= most]
    sizes = [len(group) for group in found]
    members = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    return pa.table(
        {
            "group": np.repeat(np.arange(len(found)), sizes),
            "account_key": accounts[members],
        }
    )


def _groups(matrix: sparse.csr_matrix, fewest: int) -> list[Ints]:
    """Groups of accounts, the rows of a bipartite adjacency matrix, as arrays of rows."""
    found: list[Ints] = []
    new, known = _connected(matrix, [np.arange(matrix.shape[0])], fewest), list[Ints]()
    for level, resolution in enumerate(RESOLUTIONS):
        whole, parts = [], []
        for group, is_new in [*((g, False) for g in known), *((g, True) for g in new)]:
            divided = [group]
            if len(group) > LARGEST_WHOLE:
                divided = _divided(matrix, group, resolution)
            # A component that falls apart is what is left of everybody, not a group.
            if is_new and (len(divided) == 1 or level > 0):
                found.append(group)
            if len(divided) == 1:
                whole.append(group)
            else:
                parts += divided
        new, known = _connected(matrix, parts, fewest), whole
    return found + new


def _connected(matrix: sparse.csr_matrix, groups: list[Ints], fewest: int) -> list[Ints]:
    """The connected components of each group, those of at least `fewest` accounts.

    All groups at once: each has the things that its accounts carry to itself.
    """
    if not groups:
        return []
    rows = np.concatenate(groups)
    owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    part = matrix[rows]
    things = np.repeat(owner, np.diff(part.indptr)) * matrix.shape[1] + part.indices
    used, columns = _numbered(pa.array(things))
    # Things come after accounts, and nothing leaves from a thing: weakly connected is connected.
    nodes = len(rows) + len(used)
    ends = np.concatenate([part.indptr, np.full(len(used), part.indptr[-1])])
    joined = sparse.csr_matrix((part.data, columns + len(rows), ends), shape=(nodes, nodes))
    _, labels = connected_components(joined, connection="weak")
    return [c for c in _split(rows, labels[: len(rows)]) if len(c) >= fewest]


def _divided(matrix: sparse.csr_matrix, chosen: Ints, resolution: float) -> list[Ints]:
    """Communities of some accounts; only one where there is nothing to divide."""
    part = _part(matrix, chosen)
    louvain = Louvain(
        resolution=resolution,
        random_state=SEED,
        tol_optimization=TOLERANCE,
        tol_aggregation=TOLERANCE,
        return_probs=False,
        return_aggregate=False,
    )
    parts = _split(chosen, louvain.fit_predict(part, force_bipartite=True))
    return [chosen] if _crumbles(parts) else parts


def _crumbles(parts: list[Ints]) -> bool:
    """Whether a division leaves most accounts alone or in pairs.

    So Louvain ends on accounts that all share the very same things: there is nothing to divide.
    """
    sizes = np.array([len(part) for part in parts])
    return bool(sizes[sizes < 3].sum() > 0.5 * sizes.sum())


def _part(matrix: sparse.csr_matrix, chosen: Ints) -> sparse.csr_matrix:
    """Some rows, and of the columns those that they use."""
    rows = matrix[chosen]
    used, columns = _numbered(pa.array(rows.indices))
    return sparse.csr_matrix((rows.data, columns, rows.indptr), shape=(len(chosen), len(used)))


def _numbered(values: pa.Array | pa.ChunkedArray) -> tuple[Ints, Ints]:
    """The distinct values, ascending, and the place of each value among them.

    As `numpy.unique`, which sorts all of them; here only the distinct ones are sorted.
    """
    encoded = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    encoded = encoded.dictionary_encode()
    known = encoded.dictionary.to_numpy()
    order = np.argsort(known)
    place = np.empty(len(known), dtype=np.int64)
    place[order] = np.arange(len(known))
    return known[order].astype(np.int64), place[encoded.indices.to_numpy()]


def _split(chosen: Ints, labels: npt.NDArray[np.integer]) -> list[Ints]:
    """The chosen by label, in the order of their first members."""
    order = np.argsort(labels, kind="stable")
    parts = np.split(chosen[order], np.flatnonzero(np.diff(labels[order])) + 1)
    return sorted(parts, key=lambda part: int(part[0])) if len(chosen) else []
