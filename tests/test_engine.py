"""The engine says nothing by itself."""

from __future__ import annotations

import subprocess
import sys

ASKED = """
from stillwatch.engine import engine
with engine("1GB") as opened:
    found = opened._backend.con.execute("select current_setting('enable_progress_bar')")
    print(found.fetchall())
"""


def test_no_bar_is_drawn_on_standard_output_where_python_looks_interactive() -> None:
    # As in a notebook, the main module of `python -c` has no file.
    told = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", ASKED], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[(False,)]"
