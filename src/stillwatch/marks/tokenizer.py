"""From text to the token ids of the model that marks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stillwatch.errors import NoInputError, UsageError
from stillwatch.marks.windows import Tokens

if TYPE_CHECKING:
    import tokenizers


class Tokenizer:
    """A tokenizer as Hugging Face writes it: `tokenizer.json`.

    Nothing is added to a text, cut off it or filled up, whatever the file says: a mark is looked
    for in the tokens that were written.
    """

    def __init__(self, found: tokenizers.Tokenizer) -> None:
        found.no_truncation()
        found.no_padding()
        self._found = found

    @classmethod
    def load(cls, path: Path) -> Tokenizer:
        """Reads a tokenizer from a file.

        Raises
        ------
        NoInputError
            There is no file.
        UsageError
            It is no tokenizer, or what reads one is not installed.
        """
        try:
            from tokenizers import Tokenizer as Found
        except ImportError as error:
            raise UsageError(
                f"{path}: {error.name} is not installed; pip install 'stillwatch[suspects]'"
            ) from error
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise UsageError(f"{path}: no tokenizer.json of Hugging Face: no UTF-8") from error
        try:
            return cls(Found.from_str(text))
        # The library raises nothing more exact.
        except Exception as error:
            raise UsageError(f"{path}: no tokenizer.json of Hugging Face: {error}") from error

    def __call__(self, text: str) -> Tokens:
        """The token ids of a text, without those that mark its beginning and end."""
        # JSON can hold half a surrogate pair, which is no character.
        whole = text.encode("utf-8", "replace").decode()
        # The fast way takes batches only; it leaves out where each token stood.
        (made,) = self._found.encode_batch_fast([whole], add_special_tokens=False)
        return np.array(made.ids, dtype=np.int64)
