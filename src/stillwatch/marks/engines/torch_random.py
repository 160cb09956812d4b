"""Random numbers as torch draws them on a CPU, so that lists made there can be made here.

torch seeds a Mersenne Twister with the lower 32 bits of the seed, takes 32-bit numbers modulo a
range, and permutes by Fisher and Yates from the front (aten/src/ATen/native: TensorFactories.cpp,
DistributionTemplates.h). NumPy's twister, seeded the old way, gives the same numbers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def _numbers(seed: int, count: int) -> npt.NDArray[np.uint64]:
    twister = np.random.RandomState(seed & 0xFFFFFFFF)._bit_generator
    return np.asarray(twister.random_raw(count), dtype=np.uint64)


def randint(seed: int, high: int, count: int) -> npt.NDArray[np.int64]:
    """`torch.randint(0, high, (count,))` for a range below 2**32."""
    return (_numbers(seed, count) % np.uint64(high)).astype(np.int64)


def randperm(seed: int, n: int, first: int | None = None) -> npt.NDArray[np.int64]:
    """`torch.randperm(n)`, or the `first` of it."""
    wanted = n if first is None else first
    steps = min(n - 1, wanted)
    ahead = _numbers(seed, steps) % (n - np.arange(steps, dtype=np.uint64))
    order = list(range(n))
    for place, ahead_of in enumerate(ahead.tolist()):
        other = place + ahead_of
        order[place], order[other] = order[other], order[place]
    return np.array(order[:wanted], dtype=np.int64)
