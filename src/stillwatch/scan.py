"""The main job, from logs to campaigns."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from stillwatch import ingest, window
from stillwatch.campaigns.earlier import earlier
from stillwatch.config import Settings
from stillwatch.find import Result, Witness, find, knowledge
from stillwatch.progress import Progress, silent
from stillwatch.sketch.lake import Lake


def scan(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str] | None = None,
    *,
    settings: Settings | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | os.PathLike[str] | None = None,
    format: str | None = None,
    mapping: str | os.PathLike[str] | None = None,
    progress: Progress = silent,
    witness: Witness | None = None,
) -> Result:
    """Finds harvesting campaigns in API logs.

    Parameters
    ----------
    paths
        Files, folders, globs or object-store URLs of logs, in any format with a reader; tables of
        databases, as `postgres://reader@db.internal/gateway#public.calls`.
    out
        Directory for the sketches and the results; nothing is kept without one.
    since, until
        The window, since <= time < until; all of the traffic without them. With a zone.
    after
        Directory of the results of an earlier scan, whose campaigns keep their ids in this one.
        Without it the results that lie in `out` are followed, if there are any.
    format
        Name of the reader, where detection from content should be overruled.
    mapping
        TOML file that maps the columns of any other tabular log.
    witness
        Called with the evidence, with that of the groups that stand, with their judgement and with
        the weights it rests on. The document names the groups that came closest; a measurement
        needs all of them.

    Raises
    ------
    stillwatch.errors.StillwatchError
        With what was wrong, where, and what to do about it.
    """
    settings = settings or Settings()
    window.check(since, until)
    ingest.check(format, mapping)
    known = knowledge(settings)
    # Before anything is made in `out`: where there is nothing to read, nothing is left behind.
    asked = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    there = ingest.found(asked, format, mapping, since, until)
    with ExitStack() as stack:
        home = Path(out) if out else Path(stack.enter_context(TemporaryDirectory()))
        lake = stack.enter_context(Lake.open(home, write=True))
        before = earlier(home, Path(after) if after else None)
        taken = ingest.ingest(lake, there, format, mapping, settings.workers, progress)
        found = find(taken, known, since, until, before, progress, witness)
        if out:
            progress("report", 0.0)
            found.publish(home)
            progress("report", 1.0)
    return found.result
