"""The reference pages, from the code they describe: `python -m stillwatch.docs [DIRECTORY]`."""

from __future__ import annotations

import json
from pathlib import Path

from stillwatch import schemas as json_schemas
from stillwatch.docs import commands, formats, licences, ranges, rules, schemas, signals, terms
from stillwatch.docs.markdown import page


def pages() -> dict[str, str]:
    """Path within the reference → content, for every file that is made from the code."""
    written = {
        "schemas.md": page("Schemas", schemas.paragraphs()),
        "signals.md": page("Signals", signals.paragraphs()),
        "rules.md": page("Rules", rules.paragraphs()),
        "terms.md": page("Terms", terms.paragraphs()),
        "licences.md": page("Licences", licences.paragraphs()),
        "cli.md": page("Command line", commands.paragraphs()),
        "formats.md": page("Log formats", formats.paragraphs()),
        "range.md": page("Range", ranges.paragraphs()),
    }
    for name in json_schemas.NAMES:
        schema = json.dumps(json_schemas.schema(name), indent=2)
        written[f"schemas/{name}.json"] = schema + "\n"
    return written


def write(home: Path) -> None:
    """Write all pages below a directory."""
    for name, text in pages().items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
