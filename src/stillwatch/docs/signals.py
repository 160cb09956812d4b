"""The page of signals: what each measures, and what its bins weigh."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from math import log2
from pkgutil import iter_modules
from types import ModuleType

from stillwatch.docs.markdown import table
from stillwatch.signals import catalogue
from stillwatch.signals.model import Link, Signal


def paragraphs() -> Iterator[str]:
    """The page, a paragraph at a time."""
    found = sorted(_packaged(), key=lambda pair: (_sort(pair[1]), pair[1].about.name))
    yield (
        "Every signal that comes with Stillwatch. A **link** names a thing that accounts can "
        "share; an **account** signal measures one account; a **group** signal measures a "
        "candidate group. `m` and `u` are priors: the shares of harvesters and of the innocent "
        "that fall into each bin before any data is seen; bits are `log2(m / u)`. For accounts, "
        "the range and the provider's own traffic move them; what group signals weigh is fitted "
        "on the range, for all of them together. Every account signal also gives a group signal, "
        "`members_` and its name: how the accounts of a group rank by it among all accounts, on "
        "average. See "
        "[how it works](../explanation/how-it-works.md) and "
        "[how to add a signal](../how-to/add-a-signal.md)."
    )
    yield "## Which column feeds which signal"
    columns = dict.fromkeys(name for _, s in found for name in s.about.needs)
    yield table(
        ("column", "signals"),
        (
            (f"`{c}`", ", ".join(f"`{s.about.name}`" for _, s in found if c in s.about.needs))
            for c in sorted(columns)
        ),
    )
    yield "Where none of the traffic has a column, the signals that need it are skipped and listed."
    for sort in ("link", "account", "group"):
        yield f"## {sort.capitalize()} signals" if sort != "link" else "## Links"
        for module, signal in found:
            if _sort(signal) == sort:
                yield from _signal(module, signal)


def _packaged() -> Iterator[tuple[ModuleType, Signal]]:
    for info in iter_modules(catalogue.__path__):
        module = import_module(f"{catalogue.__name__}.{info.name}")
        if hasattr(module, "SIGNAL"):
            yield module, module.SIGNAL


def _sort(signal: Signal) -> str:
    return type(signal).__name__.removesuffix("Signal").lower()


def _signal(module: ModuleType, signal: Signal) -> Iterator[str]:
    about = signal.about
    yield f"### `{about.name}`: {about.title}\n\n{inspect.getdoc(module)}"
    facts = {
        "Group": about.group,
        "Needs": ", ".join(f"`{n}`" for n in about.needs),
        "When innocent": about.innocent,
        "Source": about.source,
        "MITRE ATLAS": ", ".join(about.atlas) or "none",
    }
    yield "\n".join(f"- **{name}**: {text}" for name, text in facts.items())
    if not isinstance(signal, Link):
        scale = signal.scale
        shares = zip(scale.spans(), scale.harvest, scale.ordinary, strict=True)
        yield f"Reads: `{scale.reading}`"
        rows = ((span, f"{m:.2f}", f"{u:.2f}", f"{log2(m / u):+.1f}") for span, m, u in shares)
        yield table(("value", "m", "u", "bits"), rows)
