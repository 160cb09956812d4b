"""The process of one job: a task as JSON on its standard input, the outcome on its standard output.

A process for each job: whatever libraries hoard goes with it, and one that dies takes nobody along.
"""

from __future__ import annotations

import sys

from stillwatch.config import Settings
from stillwatch.errors import StillwatchError
from stillwatch.range.evaluate.task import FAILED, Task
from stillwatch.range.evaluate.work import outcome


def main() -> None:
    """Do the task."""
    task = Task.model_validate_json(sys.stdin.read())
    try:
        made = outcome(task.job, task.home, Settings(workers=1, memory=task.memory))
    except StillwatchError as error:
        sys.stderr.write(str(error))
        sys.exit(FAILED)
    sys.stdout.write(made.model_dump_json())


if __name__ == "__main__":
    main()
