"""What the command line prints: progress while it works, a table when it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from stillwatch import progress as stages
from stillwatch.plural import plural

if TYPE_CHECKING:
    from stillwatch.campaigns.document import Reading, Scan

SHOWN = 12
"""Names of unknown fields that are printed; the document has all that were noted."""


@contextmanager
def progress_bar(console: Console) -> Iterator[stages.Progress]:
    """A bar for each stage, on a terminal; elsewhere one line as each stage begins."""
    if not console.is_terminal:
        begun: set[str] = set()

        def tell(stage: str, _: float) -> None:
            if stage not in begun:
                begun.add(stage)
                console.print(f"{stage} ...")

        yield tell
        return
    columns = (TextColumn("{task.description:<10}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: float) -> None:
            for other, task in tasks.items():
                if other != stage:
                    bars.update(task, total=1.0, completed=1.0)
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=None)
            if done > 0:
                bars.update(tasks[stage], total=1.0, completed=done)

        yield show


def print_document(console: Console, document: Scan, out: Path) -> None:
    """The campaigns as a table, what was set aside, and where the report lies."""
    reading = document.reading
    console.print(
        f"Read {plural(reading.exchanges, 'exchange')} of {plural(reading.accounts, 'account')} "
        f"from {plural(reading.files, 'file')}."
    )
    if document.campaigns:
        them = " of them" if len(document.campaigns) > 1 else ""
        console.print(_table(document))
        console.print(
            f"{len(document.campaigns)} reported at a false discovery rate of {document.fdr:.2g} "
            f"and an account false positive rate of {document.account_fpr:.2g}; "
            f"{document.expected_false:.2g}{them} expected to be false."
        )
    else:
        console.print("No campaign found. That is no proof that there is none.")
    crowded = sum(c.kept_from == ("account_fpr",) for c in document.leads)
    why = f" ({crowded} for the number of accounts alone: account_fpr)" if crowded else ""
    console.print(
        f"Leads: {len(document.leads)}{why}. Groups weighed and spared: "
        f"{len(document.spared)} shown in the report."
    )
    _print_licences(console, document)
    if document.after:
        console.print(f"Since the scan of {document.after:%Y-%m-%d %H:%M} UTC: {_since(document)}.")
    set_aside = sum(reading.rejected.values()) + reading.duplicates
    if set_aside:
        reasons = [f"{reason}: {count:,}" for reason, count in sorted(reading.rejected.items())]
        if reading.duplicates:
            reasons.append(f"duplicate exchange_id: {reading.duplicates:,}")
        console.print(
            f"Set aside {plural(set_aside, 'record')} ({escape('; '.join(reasons))}), "
            f"listed in {escape(str(out / 'rejected.jsonl'))}."
        )
    if reading.shared_ids:
        console.print(
            f"{reading.shared_ids:,} exchanges have an id that another account has, too; each "
            "counts."
        )
    if reading.gone:
        console.print(
            f"Without {plural(reading.gone, 'exchange')} of these files that expired or were "
            "erased."
        )
    _print_unused(console, reading)
    if document.skipped:
        names = ", ".join(s.signal for s in document.skipped)
        console.print(f"Signals skipped for want of columns: {names}.")
    console.print(f"Report: {escape(str(out / 'report.html'))}", soft_wrap=True)


def _print_licences(console: Console, document: Scan) -> None:
    """What licences cover, and where one is used up or exceeded."""
    if not document.licences:
        return
    from stillwatch.licences.wording import flags, warnings

    console.print(
        f"Licensed, and no evidence: {document.reading.licensed:,} of "
        f"{plural(document.reading.exchanges, 'exchange')}."
    )
    for one in document.licences:
        name = f"{one.licence}: {one.customer}" if one.customer else one.licence
        for said in (*flags(one), *warnings(one)):
            console.print(f"Licence {plain(name)}: {plain(said)}.", soft_wrap=True)


def _print_unused(console: Console, reading: Reading) -> None:
    """What of the records was not used, since nobody knew what it means."""
    if reading.unmatched:
        paths = "; ".join(f"{name} at {path}" for name, path in sorted(reading.unmatched.items()))
        console.print(f"The mapping found nothing for {plain(paths)}.")
    if reading.unread:
        names = sorted(reading.unread)
        more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        console.print(f"Fields that mean nothing here: {plain(', '.join(names[:SHOWN]))}{more}.")


def plain(value: object) -> str:
    """A value as text to print: numbers with commas, and names as they are.

    Names may hold what a terminal would obey; that is left out, and nothing is markup.
    """
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return escape("".join(c if c.isprintable() else "�" for c in text))


def span(first: object, last: object) -> str:
    """Two days, or one."""
    return f"{first} to {last}" if first != last else str(first or "no time")


def _table(document: Scan) -> Table:
    table = Table(title="Campaigns", title_justify="left")
    table.add_column("campaign", no_wrap=True)
    for name in ("bits", "q", "accounts", "exchanges"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("first seen", no_wrap=True)
    table.add_column("asks for", overflow="fold")
    for c in document.campaigns:
        asked = [i.name.replace("_", " ") for i in c.intents if i.name != "ordinary"][:2]
        table.add_row(
            c.id,
            f"{c.bits:.1f}",
            f"{c.q_value:.2g}",
            f"{c.account_count:,}",
            f"{c.exchanges:,}",
            f"{c.first_seen:%m-%d %H:%M}",
            ", ".join(asked),
        )
    return table


def _since(document: Scan) -> str:
    """What became of campaigns and leads, by how many of them it is true of."""
    happened = Counter(
        change.replace("_", " ") for c in document.reported if c.past for change in c.past.changes
    )
    counts = [f"{plural(n, 'group')} {change}" for change, n in happened.items()]
    gone = [f"{plural(len(document.dormant), 'group')} not seen"] if document.dormant else []
    return ", ".join([*counts, *gone]) or "nothing new"


def print_signals(console: Console) -> None:
    """The signals that are installed."""
    from stillwatch.signals.registry import signals

    table = Table()
    table.add_column("signal", no_wrap=True)
    for name in ("kind", "group", "needs", "what it measures"):
        table.add_column(name, overflow="fold")
    for s in signals():
        kind = type(s).__name__.removesuffix("Signal").lower()
        needs = ", ".join(s.about.needs)
        table.add_row(s.about.name, kind, s.about.group, needs, s.about.title)
    console.print(table)
