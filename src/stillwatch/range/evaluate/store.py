"""Outcomes on disk, one file a job, so that an evaluation that was cut off goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pydantic import ValidationError

from stillwatch.durable import replaced
from stillwatch.errors import OutputError, UsageError
from stillwatch.range.evaluate.outcome import Outcome
from stillwatch.range.evaluate.plan import Job
from stillwatch.range.evaluate.source import made_by


class Store:
    """The outcomes in one directory, all made by the same code with the same weights."""

    def __init__(self, out: Path) -> None:
        self._jobs = out / "jobs"
        self.scratch = out / ".scratch"
        self._made_by = made_by()
        try:
            self._jobs.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir()
            self._claim(self._jobs / "made_by.json")
        except OSError as error:
            raise OutputError(f"{out}: cannot be written: {error.strerror}") from None

    def _claim(self, mark: Path) -> None:
        if not mark.exists():
            mark.write_text(json.dumps(self._made_by) + "\n", encoding="utf-8")
            return
        found = json.loads(mark.read_text("utf-8"))
        if found != self._made_by:
            raise UsageError(
                f"{self._jobs}: holds outcomes of version {found['version']} ({found['digest']}), "
                f"and this is {self._made_by['version']} ({self._made_by['digest']}): the release, "
                "the weights or the code differ, and figures of two do not mix; remove the "
                "directory or choose another --out"
            )

    def get(self, job: Job) -> Outcome | None:
        """The outcome of a job, or None if it is not done."""
        try:
            return Outcome.model_validate_json(self._path(job).read_text("utf-8"))
        except FileNotFoundError:
            return None
        except ValidationError:
            raise UsageError(f"{self._path(job)}: is no outcome; remove it") from None

    def put(self, job: Job, outcome: Outcome) -> None:
        """Keep an outcome: all of it, or nothing where the process is killed."""
        with replaced(self._path(job)) as fresh:
            fresh.write_text(outcome.model_dump_json() + "\n", encoding="utf-8")

    def close(self) -> None:
        """Remove what is needed only while jobs run."""
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _path(self, job: Job) -> Path:
        return self._jobs / f"{job.key}.json"
