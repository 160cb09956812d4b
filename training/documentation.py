"""Real prose and code to learn innocence from: the documentation of installed packages.

The template families know a few thousand words. People's prompts are full of others, and a model
that never met them takes chance for evidence. So it also reads what every machine that trains it
has on disk: docstrings and sources of the standard library (PSF licence), NumPy, SciPy and
scikit-learn (BSD). None of it is copied into the repository; another release of these packages
makes slightly other weights.
"""

from __future__ import annotations

import ast
import sysconfig
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

PACKAGES = ("numpy/lib", "numpy/random", "scipy/optimize", "scipy/stats", "sklearn")


def documentation(split: str) -> list[str]:
    """Paragraphs and pieces of code, in a fixed order. Files go whole into a split."""
    return [
        piece
        for path, name in _files()
        if ("tune" if zlib.crc32(name.encode()) % 5 == 0 else "train") == split
        for piece in _pieces(path)
    ]


def passages(pieces: list[str], count: int, rng: np.random.Generator) -> list[str]:
    """`count` texts of one to six pieces in a row, as somebody might paste them."""
    starts = rng.integers(len(pieces), size=count)
    sizes = rng.integers(1, 7, size=count)
    return ["\n\n".join(pieces[a : a + n]) for a, n in zip(starts, sizes, strict=True)]


def _files() -> Iterator[tuple[Path, str]]:
    library = Path(sysconfig.get_path("stdlib"))
    site = Path(np.__file__).parents[1]
    folders = [(library, library), *((site / p, site) for p in PACKAGES)]
    for folder, root in folders:
        # Of the standard library the top level only: below it are tests and generated tables.
        found = folder.glob("*.py") if folder == library else folder.rglob("*.py")
        for path in sorted(found):
            if "tests" not in path.parts:
                yield path, path.relative_to(root).as_posix()
    topics = library / "pydoc_data/topics.py"
    yield topics, "pydoc_data/topics.py"


def _pieces(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8", errors="replace")
    tree = ast.parse(source)
    strings = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    for text in strings:
        for paragraph in text.split("\n\n"):
            words = paragraph.split()
            if len(words) >= 8:
                yield " ".join(words[:200])
    lines = source.splitlines()
    for i in range(0, len(lines), 60):
        yield "\n".join(lines[i : i + 15])
