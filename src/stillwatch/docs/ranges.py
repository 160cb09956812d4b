"""The page of the range, from its scenarios, knobs and crowds."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stillwatch.docs.markdown import table
from stillwatch.plural import plural
from stillwatch.range import LAYOUTS, LEVELS, LOOKALIKES, SCENARIOS, load_scenario
from stillwatch.range.campaign import Campaign, Infrastructure
from stillwatch.range.evasion import KNOBS, Evasion
from stillwatch.range.populations import POPULATIONS
from stillwatch.range.scenario import Lookalike, Population, Scenario

_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("", Scenario),
    ("[[population]]", Population),
    ("[[lookalike]]", Lookalike),
    ("[[campaign]]", Campaign),
    ("infrastructure, in [[campaign]]", Infrastructure),
    ("evasion, in [[campaign]]", Evasion),
)


def paragraphs() -> Iterator[str]:
    """The page, a paragraph at a time."""
    yield (
        "What the simulated traffic is made of. [What attackers do](../explanation/tactics.md) "
        "says which of it stands for which tactic."
    )
    yield "## Scenarios\n\nThey come with the package: `stillwatch range make --scenario NAME`."
    yield table(
        ("name", "what", "days", "campaigns"),
        ((f"`{n}`", s.title, f"{s.days:g}", _campaigns(s)) for n, s in _scenarios()),
    )
    yield "## Evasion ladder\n\nKnobs by level; what each turns is said [below](#keys)."
    yield table(
        ("knob", *LEVELS),
        ((f"`{knob}`", *(f"{getattr(e, knob):g}" for e in LEVELS.values())) for knob in KNOBS),
    )
    yield (
        "`stillwatch.range.lay_out` makes the campaign that gathers a given number of exchanges "
        "at a level, with as many accounts as it needs:"
    )
    yield table(
        ("level", "harvesting exchanges of an account a day", "days"),
        ((name, f"{usual.per_day:g}", f"{usual.days:g}") for name, usual in LAYOUTS.items()),
    )
    yield "## Lookalikes\n\nInnocent groups that fire the indicators of a harvest."
    yield table(
        ("kind", "who", "fires", "accounts"),
        ((f"`{k.name}`", k.title, k.fires, f"{k.accounts}") for k in LOOKALIKES.values()),
    )
    yield f"## Populations\n\nEveryday customers: {', '.join(f'`{k}`' for k in POPULATIONS)}."
    yield "## Keys\n\nOf a scenario file, which is TOML."
    for head, model in _TABLES:
        if head:
            yield f"### `{head}`"
        yield table(
            ("key", "default", "meaning"),
            (
                (f"`{name}`", _default(info), info.description or "")
                for name, info in model.model_fields.items()
            ),
        )


def _scenarios() -> Iterator[tuple[str, Scenario]]:
    for name in SCENARIOS:
        yield name, load_scenario(name)


def _campaigns(scenario: Scenario) -> str:
    told = ((c.id, plural(c.accounts, "account"), c.level) for c in scenario.campaign)
    return ", ".join(f"{name} ({accounts}, {level})" for name, accounts, level in told)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "needed"
    if info.default in (None, (), "") or isinstance(info.default, BaseModel):
        return ""
    return str(info.default) if not isinstance(info.default, tuple) else ", ".join(info.default)
