"""The pseudorandom function of all marks: AES-128 of a window under a key of its own.

Windows are distinct blocks, and a block cipher with a secret key cannot be told from independent
uniform values on distinct inputs (the PRP/PRF switching lemma: n windows are off by less than
n²/2**129). Nothing is hashed, so a thousand keys cost a thousand runs of a cipher that processors
have in hardware, over blocks that are made once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from stillwatch.marks.windows import Blocks

KEY_BYTES = 16


def values(key: bytes, found: Blocks) -> npt.NDArray[np.uint64]:
    """Two uniform 64-bit numbers for each window; shape (n, 2)."""
    # ECB on distinct blocks is the cipher itself, which is what is wanted: no message is hidden.
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    made = np.empty(16 * len(found) + 15, dtype=np.uint8)
    encryptor.update_into(np.ascontiguousarray(found).reshape(-1).view(np.uint8).data, made.data)
    return made[: 16 * len(found)].view("<u8").reshape(-1, 2)


def uniform(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """64-bit numbers as the middle of one of 2**52 intervals of (0, 1)."""
    return (np.asarray(numbers >> np.uint64(12), dtype=np.float64) + 0.5) * 2.0**-52
