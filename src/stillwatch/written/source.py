"""A file that people write as plain values, with the line of each of them.

YAML as Sigma writes it, and less: no tags, no anchors, no aliases, each key once. So a file can
neither make objects nor grow, and what it says stands where it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stillwatch.errors import UsageError
from stillwatch.written.problems import Place

_TAG = "tag:yaml.org,2002:"
_SCALARS = frozenset({"str", "int", "float", "bool", "null", "timestamp"})


@dataclass(frozen=True, slots=True)
class Source:
    """The content of one file."""

    path: Path
    content: dict[str, Any]
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of a place, from 1; of something missing, that of what should hold it."""
        while place not in self.lines:
            place = place[:-1]
        return self.lines[place]


def read(path: Path, what: str, first: str) -> Source:
    """The content of a file that holds `what`, such as `rule`, as a map that begins with `first`.

    Raises `UsageError` where it cannot be read or is no YAML of this kind, with file and line.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        _check_aliases(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines: dict[Place, int] = {}
        content = None if node is None else _value(node, (), lines, yaml.SafeLoader(""))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8: byte {error.start} cannot be decoded") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        told = ": ".join(t for t in (error.context, error.problem) if t)
        raise UsageError(f"{where}: not a {what} in YAML: {told}") from error
    except yaml.YAMLError as error:
        told = " ".join(str(error).split())
        raise UsageError(f"{path}: not a {what} in YAML: {told}") from error
    except RecursionError as error:
        raise UsageError(
            f"{path}: nested too deeply; a {what} needs no more than seven levels"
        ) from (error)
    if not isinstance(content, dict):
        raise UsageError(f"{path}: holds no {what}: it must be a map that begins with `{first}:`")
    return Source(path, content, lines)


def _check_aliases(text: str) -> None:
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.AliasToken):
            told = "an alias, which is not taken; write the value out"
            raise yaml.MarkedYAMLError(problem=told, problem_mark=token.start_mark)


def _value(node: yaml.Node, place: Place, lines: dict[Place, int], loader: yaml.SafeLoader) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _map(node, place, lines, loader)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, i), lines, loader) for i, item in enumerate(node.value)]
    return _scalar(node, loader)


def _map(
    node: yaml.MappingNode, place: Place, lines: dict[Place, int], loader: yaml.SafeLoader
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, inner in node.value:
        key = _scalar(name, loader) if isinstance(name, yaml.ScalarNode) else None
        if not isinstance(key, str):
            raise _wrong(name, "a key that is no text; put it in quotes")
        if key in found:
            raise _wrong(name, f"the key {key!r} stands here twice; keep one")
        # The line of the key: the value of a map begins on the next one.
        lines[*place, key] = name.start_mark.line + 1
        found[key] = _value(inner, (*place, key), lines, loader)
    return found


def _scalar(node: yaml.Node, loader: yaml.SafeLoader) -> Any:
    kind = node.tag.removeprefix(_TAG)
    if kind not in _SCALARS:
        raise _wrong(node, f"the tag {kind!r}, which is not taken; leave it out")
    if not _readable(node.value):
        raise _wrong(node, "a character that cannot be shown; leave it out")
    try:
        return loader.construct_object(node, deep=True)
    except (ValueError, OverflowError, ArithmeticError) as error:
        raise _wrong(node, f"not the {kind} it looks like; put it in quotes") from error


def _readable(text: str) -> bool:
    """Whether it is text that any file and any engine takes."""
    return not any("\ud800" <= c <= "\udfff" or (c < " " and c not in "\n\t") for c in text)


def _wrong(node: yaml.Node, told: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=told, problem_mark=node.start_mark)
