"""Writes the reference pages below `docs/reference`, or the directory given."""

from __future__ import annotations

import sys
from pathlib import Path

from stillwatch.docs import write

write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/reference"))
