"""Which of overlapping candidate groups stand: a whole, or its parts.

Candidates are wholes and parts of wholes (`graph.communities`), so two that have an account in
common tell of the same people. The likeliest stands and the others fall, but a whole is not given
up for a part that is hardly likelier: pieces of one campaign are one campaign.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

WORTH_DIVIDING = 6.0
"""Bits by which a part must be likelier than the whole to stand in its place."""


def apart(
    groups: npt.NDArray[np.int64],
    member_of: npt.NDArray[np.int64],
    accounts: npt.NDArray[np.int64],
    total: npt.NDArray[np.float64],
) -> npt.NDArray[np.bool_]:
    """Which groups stand; no account is in two of them.

    `groups` (n,) ascending; `member_of` and `accounts` (m,): who is in which group; `total` (n,):
    bits of each group. Returns shape (n,).
    """
    known, columns = np.unique(accounts, return_inverse=True)
    rows = np.searchsorted(groups, member_of)
    held = sparse.csr_matrix(
        (np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=(len(groups), len(known))
    )
    common = (held @ held.T).tocsr()
    sizes = common.diagonal()
    free = np.ones(len(groups), dtype=np.bool_)
    stands = np.zeros(len(groups), dtype=np.bool_)
    for group in np.argsort(-total, kind="stable").tolist():
        if not free[group]:
            continue
        kin = _kin(common, group)
        wholes = kin[free[kin] & (sizes[kin] > sizes[group])]
        wholes = wholes[total[wholes] >= total[group] - WORTH_DIVIDING]
        chosen = int(wholes[np.argmax(sizes[wholes])]) if len(wholes) else group
        stands[chosen] = True
        free[_kin(common, chosen)] = False
    return stands


def _kin(common: sparse.csr_matrix, group: int) -> npt.NDArray[np.int64]:
    """All that have accounts in common with a group, itself among them."""
    kin: npt.NDArray[np.int64] = common.indices[
        common.indptr[group] : common.indptr[group + 1]
    ].astype(np.int64)
    return kin
