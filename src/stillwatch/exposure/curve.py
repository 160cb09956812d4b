"""How much capability moves with how many exchanges, as `range distil` measured it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import ValidationError

from stillwatch.complaints import sentence
from stillwatch.errors import FormatError, NoInputError
from stillwatch.exposure.document import Point
from stillwatch.range.students.distil import Distilled


def moved(path: Path, exchanges: int) -> Point:
    """Where a harvest lies on the curve of a file, by the logarithm of its size.

    It is read no further than it was measured, at either end.

    Raises
    ------
    NoInputError, FormatError
        There is no such file; it is none that `range distil` wrote.
    """
    try:
        found = Distilled.model_validate_json(path.read_bytes())
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "file"
        raise FormatError(
            f"{path}: not what `stillwatch range distil` writes: {place}: "
            f"{sentence(first, Distilled)}"
        ) from error
    steps = sorted(found.quality, key=lambda one: one.exchanges)
    sizes = np.log([one.exchanges for one in steps])
    share = np.interp(np.log(max(exchanges, 1)), sizes, [one.moved for one in steps])
    return Point(
        exchanges=exchanges,
        moved=float(share),
        student=found.student,
        measured_to=steps[-1].exchanges,
    )
