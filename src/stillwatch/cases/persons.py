"""Who did something: a person by name, or a written rule. Nobody checks a name here."""

from __future__ import annotations

import unicodedata

from stillwatch.errors import UsageError

LONGEST = 200
RULE = "rule:"
"""How the name of a rule begins. A person cannot be called so."""
SCAN = RULE + "scan"
"""What brings a case up to a scan."""


def person(name: str, option: str = "--by") -> str:
    """A name in one form. Raises `UsageError` that names the option where it is none."""
    found = " ".join(unicodedata.normalize("NFKC", name).split())
    if not found or len(found) > LONGEST or not found.isprintable():
        raise UsageError(
            f"{option}: a name of 1 to {LONGEST} printable characters is needed: who is it?"
        )
    if found.casefold().startswith(RULE):
        raise UsageError(f"{option}: {found!r} names a rule, and this is for a person to do")
    return found


def decider(name: str) -> str:
    """A person, or a rule as `rule:<its id>`."""
    rule = name.removeprefix(RULE)
    return RULE + person(rule) if rule != name else person(name)


def same(one: str, other: str) -> bool:
    """Whether two names are one person's, however they are written."""
    return one.casefold() == other.casefold()
