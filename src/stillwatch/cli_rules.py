"""The command line of rules: check them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stillwatch.plural import plural

app = typer.Typer(no_args_is_help=True, help="Signals and hunts of your own, as YAML.")


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="Rule files, and folders of them.")],
) -> None:
    """Check rules, and list them."""
    from stillwatch import rules
    from stillwatch.rules.model import UNUSED
    from stillwatch.rules.signals import needs

    table = Table()
    for name in ("rule", "type", "status", "level", "reads", "what it detects"):
        table.add_column(name, no_wrap=name == "rule", overflow="fold")
    found = rules.load(paths)
    for one in found:
        rule = one.rule
        unused = " (scans leave it out)" if rule.status in UNUSED else ""
        read = ", ".join(needs(rule))
        cells = (rule.name, rule.type, f"{rule.status}{unused}", rule.level, read, rule.title)
        table.add_row(*map(escape, cells))
    console = Console(highlight=False, emoji=False)
    console.print(table)
    console.print(f"{plural(len(found), 'rule')}, nothing wrong.")
