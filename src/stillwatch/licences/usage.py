"""How far licences are used by the traffic whose sketches lie in the directory of a scan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from stillwatch import window
from stillwatch.config import Settings
from stillwatch.engine import engine
from stillwatch.errors import InputError, NoInputError
from stillwatch.licences.document import Usage
from stillwatch.licences.licensing import granted
from stillwatch.licences.model import Licence
from stillwatch.sketch.lake import Lake
from stillwatch.sketch.lake import check as check_lake
from stillwatch.version import __version__


def usage(
    licences: Sequence[Licence],
    scan: Path,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    settings: Settings | None = None,
) -> Usage:
    """How far each licence was used in a window, all that is older counted with it.

    Raises `NoInputError` where there are no sketches, `InputError` where none lies in the window.
    """
    window.check(since, until)
    check_lake(scan)
    parts = Lake.open(scan).parts()
    if not parts:
        raise NoInputError(f"{scan}: holds no sketches of this release; scan the logs again")
    settings = settings or Settings()
    with engine(settings.memory, settings.engine, settings.scratch) as opened:
        every = opened.parquet(parts)
        looked = window.within(every, since, until)
        span = looked.aggregate(first=looked.time.min(), last=looked.time.max())
        row = span.to_pyarrow().to_pylist()[0]
        if row["last"] is None:
            raise InputError(
                f"{scan}: no exchange lies in the window; move --since and --until, or leave them "
                "out"
            )
        found = granted(opened, every, looked, licences)
        return Usage(
            version=__version__,
            made=datetime.now(UTC),
            first=row["first"],
            last=row["last"],
            licences=found.uses(row["last"]) if found else (),
        )
