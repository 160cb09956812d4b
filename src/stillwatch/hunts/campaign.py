"""A campaign as indicators: the rare things that its accounts share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stillwatch import results
from stillwatch.campaigns import document
from stillwatch.campaigns.document import Campaign, Link
from stillwatch.errors import UsageError
from stillwatch.hunts import kinds, networks, wording
from stillwatch.hunts.condition import Begins, Condition, During, Equal, Inside
from stillwatch.hunts.indicator import Asked, Indicator, SetAside
from stillwatch.rules.logic import All, Any, Not

BURST = timedelta(seconds=600)
"""Length of the interval that the link `creation` counts in."""


def indicators(path: Path, id: str) -> Asked:
    """What the campaign, lead or spared group `id` shares; `path` is a `campaigns.json`, or the
    directory of a scan.

    Raises
    ------
    UsageError
        The document has no such group, or the group shares nothing that can be looked for.
    NoInputError, FormatError
        There is no document, or it is of another release.
    """
    file = path / results.CAMPAIGNS if path.is_dir() else path
    scan = document.load(file)
    group = scan.group(id)
    if group is None:
        there = ", ".join(g.id for g in scan.reported) or "none"
        raise UsageError(f"{file}: has no campaign {id!r}; there are: {there}")
    asked = Asked()
    for found in _read(group, f"{file}#{id}"):
        asked.add(found)
    return asked


def _read(group: Campaign, source: str) -> Iterator[Asked]:
    crowded = {(link.kind, link.value) for link in group.links if _crowded(link)}
    for link in group.links:
        if _crowded(link):
            told = f"{link.accounts_elsewhere:,} accounts outside of the campaign carry it, "
            told += f"and {link.accounts:,} in it"
            yield _aside(link.kind, link.value, told)
        else:
            yield _shared(link.kind, link.value, link.title, source)
    for template in group.templates:
        if (template.kind, template.template) not in crowded:
            words = template.kind.replace("_", " ")
            yield _shared(template.kind, template.template, words, source)


def _crowded(link: Link) -> bool:
    return link.accounts_elsewhere > link.accounts


def _aside(kind: str, value: str, reason: str) -> Asked:
    return Asked(aside=[SetAside(f"{kind}:{value}", reason)])


def _shared(kind: str, value: str, title: str, source: str) -> Asked:
    """One shared thing, by the kind of the link that found it."""
    if kind not in _LINKS:
        return _aside(kind, value, "no column holds it; write a rule")
    try:
        text, asked = _LINKS[kind](value)
        kinds.encodable(text, value)
    except (ValueError, OverflowError, UsageError) as error:
        return _aside(kind, value, f"cannot be read: {error}")
    return Asked([Indicator(text=text, title=title, source=source, asked=asked)])


def _address(value: str) -> tuple[str, Condition]:
    # The value comes from a log, and may be what no range holds.
    found = networks.address(value)
    asked = Equal("address", value) if found is None else Inside(networks.network(str(found)))
    return f"address:{value}", asked


def _client(value: str) -> tuple[str, Condition]:
    fingerprint, _, agent = value.partition(" ")
    asked: Condition = Equal("user_agent", agent)
    if agent == "-":
        # The link writes it for exchanges without an agent. Every other text begins with nothing.
        asked = Any((asked, Not(Begins("user_agent", ""))))
    return f"client:{value}", All((Equal("tls_fingerprint", fingerprint), asked))


def _creation(value: str) -> tuple[str, Condition]:
    first = datetime.fromtimestamp(int(value) * BURST.total_seconds(), UTC)
    asked = During("account_created", first, first + BURST)
    return f"creation:{first:%Y-%m-%dT%H:%MZ}", asked


def _template(part: str) -> Callable[[str], tuple[str, Condition]]:
    return lambda value: (f"template:{part}:{value}", Equal(part, wording.from_hex(value)))


_LINKS: dict[str, Callable[[str], tuple[str, Condition]]] = {
    "address": _address,
    "address_block": lambda value: (f"address:{value}", Equal("address_block", value)),
    "payment": lambda value: (f"payment:{value}", Equal("payment_mark", value)),
    "client": _client,
    "creation": _creation,
    "near": lambda value: (f"near_0:{value}", Equal("near_0", wording.from_hex(value))),
    **{part: _template(part) for part in wording.PARTS},
}
"""Name of a link of the catalogue → what a value of it asks, and how that is written."""
