"""Written files as values with lines: what is no plain YAML is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.errors import UsageError
from stillwatch.written import source


def read(tmp_path: Path, content: bytes | str) -> source.Source:
    path = tmp_path / "r.yml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return source.read(path, "rule", "title")


def test_each_value_has_its_line(tmp_path: Path) -> None:
    found = read(tmp_path, "# a comment\na: 1\nb:\n    c:\n        - x\n        - y\n")
    assert found.content == {"a": 1, "b": {"c": ["x", "y"]}}
    assert [found.line(p) for p in [("a",), ("b",), ("b", "c"), ("b", "c", 1)]] == [2, 3, 4, 6]


def test_what_is_missing_has_the_line_of_what_should_hold_it(tmp_path: Path) -> None:
    found = read(tmp_path, "a: 1\nb:\n    c: 2\n")
    assert found.line(("b", "d")) == 2
    assert found.line(("z", "z", "z")) == 1


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("a: 1\nb: [1, 2\n", 3, "expected"),
        ("a: 1\na: 2\n", 2, "'a' stands here twice"),
        ("a: &x 1\nb: *x\n", 2, "alias"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\nc: !thing 3\n", 3, "'!thing'"),
        ("a: 1\nb: !!binary aGk=\n", 2, "'binary'"),
        ("a: 1\non: 2\n", 2, "a key that is no text"),
        ("a: 1\n? [x]\n: 2\n", 2, "a key that is no text"),
        ("a: 1\nb: 2026-13-45\n", 2, "not the timestamp it looks like"),
        ('a: 1\nb: "\\0"\n', 2, "cannot be shown"),
        ('a: 1\nb: "\\ud800"\n', 2, "cannot be shown"),
        ("a: 1\n---\nb: 2\n", 2, "single document"),
    ],
)
def test_what_is_not_taken_is_told_with_its_line(
    tmp_path: Path, content: str, line: int, told: str
) -> None:
    with pytest.raises(UsageError) as error:
        read(tmp_path, content)
    assert str(error.value).startswith(f"{tmp_path / 'r.yml'}:{line}: ")
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no rule"),
        (b"# nothing\n", "holds no rule"),
        (b"- a\n", "holds no rule"),
        (b"just words", "holds no rule"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a: \x01", "not a rule in YAML"),
        (b"a: " + b"[" * 5000, "nested too deeply"),
    ],
)
def test_what_is_no_rule_at_all_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(UsageError, match=told) as error:
        read(tmp_path, content)
    assert str(tmp_path / "r.yml") in str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.yml: cannot be read: No such file"):
        source.read(tmp_path / "absent.yml", "rule", "title")
