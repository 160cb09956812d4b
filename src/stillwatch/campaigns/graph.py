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

from collections.abc import Iterator

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
SEED = 20260424

Ints = npt.NDArray[np.int64]


def communities(edges: pa.Table, fewest: int) -> pa.Table:
    """Groups of at least `fewest` accounts, wholes and their parts.

    `edges` has account_key, node (int64), weight (bits, > 0). Returns group (int64, from 0, a
    whole before its parts), account_key (int64). Two groups have no account in common unless one
    is part of the other. The same edges in another order give the same groups.
    """
    edges = edges.sort_by([("account_key", "ascending"), ("node", "ascending")])
    accounts, rows = np.unique(edges["account_key"].to_numpy(), return_inverse=True)
    _, things = np.unique(edges["node"].to_numpy(), return_inverse=True)
    weights = edges["weight"].to_numpy().astype(np.float64)
    matrix = sparse.csr_matrix(
        (weights, (rows, things)), shape=(len(accounts), int(things.max(initial=-1)) + 1)
    )
    found = list(_groups(matrix, np.arange(len(accounts)), fewest, RESOLUTIONS))
    sizes = [len(group) for group in found]
    members = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    return pa.table(
        {
            "group": np.repeat(np.arange(len(found)), sizes),
            "account_key": accounts[members],
        }
    )


def _groups(
    matrix: sparse.csr_matrix,
    chosen: Ints,
    fewest: int,
    resolutions: tuple[float, ...],
    *,
    known: bool = False,
) -> Iterator[Ints]:
    """Groups among some accounts, the rows of a bipartite adjacency matrix, as arrays of rows.

    `known` says that the chosen together are a group that was found already.
    """
    top = len(resolutions) == len(RESOLUTIONS)
    for inside in _connected(matrix, chosen):
        if len(inside) < fewest:
            continue
        small = len(inside) <= LARGEST_WHOLE or not resolutions
        parts = [inside] if small else _divided(matrix, inside, resolutions[0])
        found = known and len(inside) == len(chosen)
        # A component that falls apart is what is left of everybody, not a group.
        if not found and not (top and len(parts) > 1):
            found = True
            yield inside
        if not small:
            for part in parts:
                same = found and len(parts) == 1
                yield from _groups(matrix, part, fewest, resolutions[1:], known=same)


def _connected(matrix: sparse.csr_matrix, chosen: Ints) -> list[Ints]:
    """The connected components of some accounts."""
    part = _part(matrix, chosen)
    joined = sparse.bmat([[None, part], [part.T, None]], format="csr")
    _, labels = connected_components(joined, directed=False)
    return _split(chosen, labels[: len(chosen)])


def _divided(matrix: sparse.csr_matrix, chosen: Ints, resolution: float) -> list[Ints]:
    """Communities of some accounts; only one where there is nothing to divide."""
    part = _part(matrix, chosen)
    louvain = Louvain(resolution=resolution, random_state=SEED)
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
    used, columns = np.unique(rows.indices, return_inverse=True)
    return sparse.csr_matrix((rows.data, columns, rows.indptr), shape=(len(chosen), len(used)))


def _split(chosen: Ints, labels: npt.NDArray[np.integer]) -> list[Ints]:
    """The chosen by label, in the order of their first members."""
    order = np.argsort(labels, kind="stable")
    parts = np.split(chosen[order], np.flatnonzero(np.diff(labels[order])) + 1)
    return sorted(parts, key=lambda part: int(part[0])) if len(chosen) else []
