"""`stillwatch watch`: follows traffic as it comes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stillwatch.cli_options import Config, Format, Mapping
from stillwatch.moments import duration
from stillwatch.printing import plain

errors = Console(stderr=True, highlight=False, emoji=False)


def watch(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="What to follow: files, folders, globs, URLs of object stores, topics as "
            "kafka://host:9092/calls."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Directory for sketches, results and alarms.")],
    every: Annotated[
        str, typer.Option(help="How often to look at the short window: 15m, 1h.")
    ] = "1h",
    recent: Annotated[
        str, typer.Option(help="Length of the short window, and how often to look at the long one.")
    ] = "1d",
    window: Annotated[str, typer.Option(help="Length of the long window.")] = "30d",
    lateness: Annotated[
        str, typer.Option(help="How much later than others an exchange may arrive.")
    ] = "10m",
    poll: Annotated[str, typer.Option(help="Pause between two looks for something new.")] = "1m",
    once: Annotated[
        bool, typer.Option("--once", help="Take what is new, look if it is time, and end.")
    ] = False,
    metrics: Annotated[
        str | None, typer.Option(help="Serve metrics for Prometheus at this host:port.")
    ] = None,
    kafka: Annotated[
        Path | None, typer.Option(help="TOML file with settings of the Kafka client.")
    ] = None,
    settings: Config = None,
    format: Format = None,
    mapping: Mapping = None,
) -> None:
    """Follow traffic as it comes, and tell of campaigns while they run."""
    from stillwatch import config
    from stillwatch.watch import Plan
    from stillwatch.watch import watch as follow

    follow(
        paths,
        out,
        plan=Plan(
            every=duration("--every", every),
            recent=duration("--recent", recent),
            whole=duration("--window", window),
            lateness=duration("--lateness", lateness),
            poll=duration("--poll", poll),
        ),
        settings=config.load(settings),
        tell=_tell,
        format=format,
        mapping=mapping,
        kafka=kafka,
        metrics=metrics,
        once=once,
    )


def _tell(message: str) -> None:
    errors.print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {plain(message)}", soft_wrap=True)
