"""The kinds of indicators: how `kind:value` becomes what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from stillwatch.complaints import meant
from stillwatch.errors import UsageError
from stillwatch.hunts import networks, wording
from stillwatch.hunts.condition import Condition, Equal, Inside
from stillwatch.hunts.indicator import Asked, Indicator
from stillwatch.sketch.keys import key


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: what its value is, and how it is read.

    `read` is given the indicator as it was typed and its value.
    """

    name: str
    value: str
    read: Callable[[str, str], Asked]


def read(texts: Iterable[str]) -> Asked:
    """The indicators of `kind:value` texts, each once, in the order given.

    Raises
    ------
    UsageError
        A text is no indicator; the message says which kinds there are.
    NoInputError, FormatError
        A file that one names is missing, or is not what it should be.
    """
    asked = Asked()
    for text in texts:
        name, colon, value = text.partition(":")
        if not colon or name not in KINDS:
            told = meant(name, KINDS) if colon else f"; there are {', '.join(KINDS)}"
            raise UsageError(f"{text!r} is no indicator: write kind:value{told}")
        if not value.strip():
            raise UsageError(f"{text!r} has no value; after the colon comes {KINDS[name].value}")
        asked.add(KINDS[name].read(text, encodable(text, value)))
    return asked


def encodable(text: str, value: str) -> str:
    """The value. Raises `UsageError` where it is not Unicode, which no column is."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{text!r}: is not UTF-8") from error
    return value


def account(value: str) -> Equal:
    """Exchanges of an account."""
    return Equal("account_key", key(pa.array([value]))[0].as_py())


def address(value: str) -> Condition:
    """Exchanges from an address or range; what cannot be one is the keyed hash of one.

    Raises `ValueError` for what is meant as an address and is none.
    """
    try:
        return Inside(networks.network(value))
    except ValueError:
        if any(c in "./:" for c in value):
            raise
    return Equal("address", value)


def _column(name: str) -> Callable[[str, str], Asked]:
    return lambda text, value: _one(text, Equal(name, value))


def _address(text: str, value: str) -> Asked:
    try:
        asked = address(value)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no address or range: {error}; write 198.51.100.7, 198.51.100.0/24 or "
            "2001:db8::/32"
        ) from error
    named = f"address:{networks.shown(asked.network)}" if isinstance(asked, Inside) else text
    return _one(named, asked)


def _rule(_: str, value: str) -> Asked:
    from stillwatch import rules

    hunts = [
        Indicator(text=f"rule:{one.path}", title=one.rule.title, asked=one.rule)
        for one in rules.load([Path(value)])
        if isinstance(one.rule, rules.HuntRule)
    ]
    if not hunts:
        raise UsageError(f"{value}: holds no rule of type hunt")
    return Asked(hunts)


def _stix(_: str, value: str) -> Asked:
    from stillwatch.hunts.stix.bundle import indicators

    return indicators(Path(value))


def _campaign(text: str, value: str) -> Asked:
    from stillwatch.hunts.campaign import indicators

    path, _, id = value.rpartition("#")
    if not path or not id:
        raise UsageError(f"{text!r} names no campaign; write campaign:out/campaigns.json#ID")
    return indicators(Path(path), id)


def _one(text: str, asked: Condition) -> Asked:
    return Asked([Indicator(text=text, asked=asked)])


KINDS = {
    kind.name: kind
    for kind in (
        Kind("account", "an account", lambda text, value: _one(text, account(value))),
        Kind("organization", "an organisation", _column("organization")),
        Kind("credential", "the id of a key or token", _column("credential")),
        Kind("network", "the name of a network", _column("network")),
        Kind("gateway", "a gateway", _column("gateway")),
        Kind("address", "an address, a range such as 198.51.100.0/24, or a keyed hash", _address),
        Kind("payment", "a payment mark", _column("payment_mark")),
        Kind("agent", "a whole user agent", _column("user_agent")),
        Kind("tls", "a TLS fingerprint", _column("tls_fingerprint")),
        Kind(
            "template",
            "a hash of 16 hexadecimal digits or a text file",
            lambda _, value: _one(f"template:{wording.spelled(value)}", wording.templates(value)),
        ),
        Kind("near", "a text file", lambda text, value: _one(text, wording.near(Path(value)))),
        Kind("rule", "a rule file, or a folder of them", _rule),
        Kind("stix", "a STIX 2.1 bundle", _stix),
        Kind("campaign", "campaigns.json#ID", _campaign),
    )
}
"""Name → kind, in the order in which people are told of them."""
