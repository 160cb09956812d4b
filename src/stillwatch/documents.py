"""Writes a document, and its page, into a directory, each file as a whole."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from stillwatch import results
from stillwatch.durable import replaced
from stillwatch.errors import OutputError


def write(out: Path, name: str, document: BaseModel, page: str | None = None) -> None:
    """Writes the page, where there is one, and at last the document, `name` with `.json`.

    Raises `OutputError` where it cannot, or where a scan is in the way, which has a report, too.
    """
    results.check_free(out, name)
    files = {} if page is None else {results.REPORT: page}
    files[f"{name}.json"] = document.model_dump_json(by_alias=True, indent=2) + "\n"
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            with replaced(out / file) as fresh:
                fresh.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror or error}") from error
