from __future__ import annotations

import sys
from pathlib import Path

# Training is scripts that import their neighbours, as Python has it when one is run.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "training"))
