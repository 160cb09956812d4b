"""Options that several commands have, each in one wording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None, typer.Option("--config", help="Settings, as `stillwatch config` prints them.")
]
Format = Annotated[
    str | None, typer.Option(help="Name of the log format, instead of detecting it.")
]
Mapping = Annotated[
    Path | None, typer.Option(help="TOML file that maps the columns of another tabular log.")
]
Licences = Annotated[
    list[Path] | None,
    typer.Option(
        help="Licences beside those of the settings: YAML files, and folders of them; give it for "
        "each."
    ),
]
TokenizerFile = Annotated[
    Path | None,
    typer.Option(
        "--tokenizer", help="tokenizer.json of the model that marked, for texts without tokens."
    ),
]
Since = Annotated[str | None, typer.Option(help="Start, ISO 8601; UTC without a zone.")]
Until = Annotated[str | None, typer.Option(help="End, exclusive.")]
