"""English to teach a teacher with: the documentation that Python carries with itself."""

from __future__ import annotations

import ast
import re
import sysconfig
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np

from stillwatch.marks.windows import Tokens

START, RARE = 0, 1
"""Token ids before a text begins, and in place of a word that is not in the vocabulary."""
_SPECIAL = ("<start>", "<rare>")
_WORD = re.compile(r"[a-z]+|[^\w\s]")
_APART = {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3"}
_SHORTEST = 80


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents as token ids, and the word of each id."""

    words: Sequence[str]
    documents: Sequence[Tokens]

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        return len(self.words)

    def part(self, part: int, of: int) -> list[Tokens]:
        """Each `of`-th document: parts with different numbers share none."""
        return list(self.documents[part::of])


def corpus(vocabulary: int = 1024) -> Corpus:
    """Docstrings of the standard library, and the topics of its help, in an order of their own.

    What is in it hangs on the release of Python.
    """
    documents = [_WORD.findall(text.lower()) for text in _documents()]
    counts = Counter(word for words in documents for word in words)
    frequent = [word for word, _ in counts.most_common(vocabulary - len(_SPECIAL))]
    words = (*_SPECIAL, *frequent)
    ids = {word: number for number, word in enumerate(words)}
    told = [
        np.array([ids.get(word, RARE) for word in words], dtype=np.int64) for words in documents
    ]
    order = np.random.default_rng(0).permutation(len(told))
    return Corpus(words, [told[place] for place in order])


def _documents() -> Iterator[str]:
    library = Path(sysconfig.get_path("stdlib"))
    for path in sorted(library.rglob("*.py")):
        if not _APART.isdisjoint(path.relative_to(library).parts):
            continue
        try:
            with warnings.catch_warnings(action="ignore"):
                tree = ast.parse(path.read_text("utf-8"))
        except (OSError, SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node)
                if text is not None and len(text) >= _SHORTEST:
                    yield text
    yield from topics.values()
