"""Rules as data: signals and hunts that a provider writes as YAML.

A file goes `stillwatch.written` (YAML with its lines) → `load` (checked against `model`) →
`signals`, or `stillwatch.hunts`.
"""

from stillwatch.rules.load import Loaded, load
from stillwatch.rules.model import AccountRule, HuntRule, LinkRule, Rule
from stillwatch.rules.signals import signals

__all__ = [
    "AccountRule",
    "HuntRule",
    "LinkRule",
    "Loaded",
    "Rule",
    "load",
    "signals",
]
