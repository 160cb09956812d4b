"""Which columns of a sketch answer what a STIX pattern asks.

Object types and properties are those of STIX 2.1, chapters 6 and 7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stillwatch.hunts import kinds
from stillwatch.hunts.condition import Begins, Condition, Equal, Like
from stillwatch.hunts.wording import from_hex
from stillwatch.rules.columns import KINDS
from stillwatch.rules.logic import Any

EXCHANGE = "x-stillwatch-exchange"
"""Our own object: its properties are the columns of the sketch."""

AGENT = "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'"


class UnansweredError(ValueError):
    """A part of a pattern that no sketch can answer; the message is a clause in words."""


Value = str | int | float | bool


def equal(path: str, value: Value) -> Condition:
    """That the property at `path` has a value. Raises `UnansweredError`."""
    return _reader(path)(value)


def like(path: str, pattern: str) -> Condition:
    """That the property is like a pattern (STIX 2.1, section 9.6.1). Raises `UnansweredError`."""
    column = _TEXTS.get(path) or _own(path)
    if column is None or KINDS[column] != "text":
        raise UnansweredError(f"LIKE is not answered for {path}")
    return Like(column, pattern)


def inside(path: str, value: Value) -> Condition:
    """That the address at `path` lies in a range. Raises `UnansweredError`."""
    if path not in _ADDRESSES:
        raise UnansweredError(f"ISSUBSET is not answered for {path}")
    return _address(value)


def _reader(path: str) -> Callable[[Value], Condition]:
    if path in _READERS:
        return _READERS[path]
    column = _own(path)
    if column is None:
        raise UnansweredError(f"no sketch has {path}")
    if KINDS[column] == "text":
        return lambda value: Equal(column, _text(value))
    if KINDS[column] == "hash":
        return lambda value: Equal(column, _hash(value))
    raise UnansweredError(f"{path} is no text and no hash; write a rule")


def _own(path: str) -> str | None:
    kind, _, column = path.partition(":")
    return column if kind == EXCHANGE and column in KINDS else None


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise UnansweredError(f"{value!r} is no text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UnansweredError(f"{value!r} is not Unicode") from error
    return value


def _hash(value: Value) -> int:
    try:
        return from_hex(_text(value))
    except ValueError as error:
        raise UnansweredError(str(error)) from error


def _address(value: Value) -> Condition:
    try:
        return kinds.address(_text(value))
    except ValueError as error:
        raise UnansweredError(str(error)) from error


def _product(value: Value) -> Condition:
    """A product of a user agent with or without its version (RFC 9110, section 10.1.5)."""
    name = _text(value)
    return Any((Equal("user_agent", name), Begins("user_agent", f"{name}/")))


def _system(value: Value) -> Condition:
    """A network that is logged by its number, with or without `AS` and its name."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnansweredError(f"{value!r} is no number of an autonomous system")
    names = (f"AS{value}", str(value))
    alone = (Equal("network", name) for name in names)
    return Any((*alone, *(Begins("network", f"{name} ") for name in names)))


_ADDRESSES = ("ipv4-addr:value", "ipv6-addr:value", "network-traffic:src_ref.value")
_ACCOUNTS = ("user-account:user_id", "user-account:account_login")
_TEXTS = {AGENT: "user_agent", "software:name": "user_agent", **dict.fromkeys(_ACCOUNTS, "account")}

_READERS: Mapping[str, Callable[[Value], Condition]] = {
    **dict.fromkeys(_ADDRESSES, _address),
    **dict.fromkeys(_ACCOUNTS, lambda value: kinds.account(_text(value))),
    "software:name": _product,
    AGENT: lambda value: Equal("user_agent", _text(value)),
    "autonomous-system:number": _system,
}
"""Path of a property → what a value of it asks."""
