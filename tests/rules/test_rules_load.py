"""Loading rules: what is wrong is told by file, line and field; nothing else ever comes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_texts import TYPES, text

from stillwatch import rules, schemas
from stillwatch.errors import StillwatchError, UsageError
from stillwatch.rules.columns import KINDS
from stillwatch.rules.matching import MODIFIERS
from stillwatch.rules.model import AccountRule, HuntRule, LinkRule
from stillwatch.sketch import SCHEMA

Write = Callable[..., Path]


def problem(path: Path) -> str:
    with pytest.raises(UsageError) as error:
        rules.load([path])
    return str(error.value)


def test_each_type_is_read_as_its_own_kind(written: Write) -> None:
    found = rules.load([written(kind, name=kind) for kind in TYPES])
    kinds = {one.rule.name: type(one.rule) for one in found}
    assert kinds == {"account": AccountRule, "link": LinkRule, "hunt": HuntRule}


def test_what_a_rule_says_of_itself_is_kept(rule: Callable[..., Any]) -> None:
    found = rule(
        "account", author="A desk", references="[A paper]", tags="[tlp.clear, atlas.aml.ta0002]"
    )
    assert (found.author, found.references, found.signal) == ("A desk", ("A paper",), "rule_mine")
    assert found.atlas == ("AML.TA0002",)
    assert found.date.isoformat() == "2026-11-20"


@pytest.mark.parametrize(
    ("kind", "changes", "field", "told"),
    [
        ("link", {"title": None}, "title", "is missing; what it detects"),
        ("link", {"title": "''"}, "title", "must be text that is not empty, not ''"),
        ("link", {"titel": "x"}, "titel", "there is no such key; did you mean 'title'?"),
        ("link", {"id": "17"}, "id", "must be a UUID, not 17"),
        ("link", {"name": "My rule"}, "name", "must match the pattern ^[a-z]"),
        ("link", {"status": "stabel"}, "status", "did you mean 'stable'?"),
        ("link", {"level": "extreme"}, "level", "is not one of informational, low"),
        ("link", {"date": "soon"}, "date", "must be a date, not 'soon'"),
        ("link", {"tags": "[ATLAS T1]"}, "tags", "is no tag"),
        ("link", {"tags": "[atlas.t0024]"}, "tags", "write it like atlas.aml.t0024.002"),
        ("link", {"falsepositives": "[]"}, "falsepositives", "must hold at least 1"),
        ("link", {"falsepositives": None}, "falsepositives", "is missing"),
        ("link", {"type": None}, "type", "is missing; it is account, link or hunt"),
        ("link", {"type": "lnk"}, "type", "'lnk' is no type of rule"),
        ("link", {"type": "[link]"}, "type", "is no type of rule"),
        ("link", {"fields": "[payment_mrk]"}, "fields.0", "did you mean 'payment_mark'?"),
        ("link", {"fields": "[account]"}, "fields", "belongs to one account"),
        ("link", {"fields": "[tools]"}, "fields", "cannot be shared"),
        ("link", {"fields": "[head, model]"}, "fields", "stands alone"),
        ("link", {"measure": "{aggregate: count}"}, "measure", "there is no such key"),
        ("account", {"group": "links"}, "group", "is not one of text, tempo"),
        ("account", {"detection": None}, None, "add a detection"),
        ("account", {"fewest_exchanges": "0"}, "fewest_exchanges", "must be at least 1, not 0"),
        ("account", {"measure": "{aggregate: avg, of: turn}"}, "measure.aggregate", "not one of"),
        ("account", {"measure": "{aggregat: share}"}, "measure.aggregat", "mean 'aggregate'?"),
        ("account", {"measure": "{aggregate: mean}"}, "measure", "add `of`"),
        ("account", {"measure": "{aggregate: mean, of: plan}"}, "measure", "needs a number"),
        (
            "account",
            {"measure": "{aggregate: mean, of: tokens}"},
            "measure.of",
            "no column 'tokens'",
        ),
        ("account", {"measure": "{aggregate: count, of: turn}"}, "measure", "drop `of`"),
        ("account", {"measure": "{aggregate: max, of: turn, per: plan}"}, "measure", "drop it"),
        ("account", {"measure": "{aggregate: distinct, of: tools}"}, "measure", "lists"),
        ("hunt", {"detection": None}, "detection", "is missing"),
        (
            "hunt",
            {"detection": "{s: {staus: ok}, condition: s}"},
            "detection.s.staus",
            "did you mean 'status'?",
        ),
        (
            "hunt",
            {
                "then": "{detection: {s: {status: ok}, condition: s}, same: [account], "
                "differs: [tools], timespan: soon}"
            },
            "then.timespan",
            "write it like 30s",
        ),
    ],
)
def test_a_problem_is_told_with_line_field_and_what_to_do(
    written: Write, kind: str, changes: dict[str, str | None], field: str | None, told: str
) -> None:
    path = written(kind, **changes)
    found = problem(path)
    assert told in found
    if field:
        top = field.split(".")[0]
        lines = path.read_text().splitlines()
        line = next((i for i, row in enumerate(lines, 1) if row.startswith(f"{top}:")), 1)
        assert f"{path}:{line}: {field}: " in found


@pytest.mark.parametrize(
    ("scale", "told"),
    [
        ("{edges: [2, 1], harvest: [1], ordinary: [1], reading: x}", "edges must ascend"),
        ("{edges: [1], harvest: [1], ordinary: [1], reading: x}", "2 positive shares"),
        ("{edges: [1], harvest: [0.5, 0.4], ordinary: [0.5, 0.5], reading: x}", "sum to 1"),
        ("{edges: [1], harvest: [1, 0], ordinary: [0.5, 0.5], reading: x}", "positive"),
        ("{edges: [.inf], harvest: [0.5, 0.5], ordinary: [0.5, 0.5], reading: x}", "finite"),
        ("{edges: [1], harvest: [.nan, 1], ordinary: [0.5, 0.5], reading: x}", "finite"),
        ("{edges: [1], harvest: [.5, .5], ordinary: [.5, .5], reading: '{value.real}'}", "written"),
        (
            "{edges: [1], harvest: [.5, .5], ordinary: [.5, .5], reading: '{value:9999f}'}",
            "written",
        ),
        ("{edges: [1], harvest: [.5, .5], ordinary: [.5, .5], reading: '{0}'}", "written"),
        ("{edges: [1], harvest: [.5, .5], ordinary: [.5, .5], reading: '{value'}", "braces"),
    ],
)
def test_a_scale_that_does_not_fit_is_told(written: Write, scale: str, told: str) -> None:
    assert told in problem(written("account", scale=scale))


def test_a_misspelled_key_is_one_problem(written: Write) -> None:
    told = problem(written("account", measure="{aggregat: share}"))
    assert len(told.splitlines()) == 1
    assert "did you mean 'aggregate'?" in told


def test_problems_come_with_the_lines_where_they_stand(written: Write) -> None:
    path = written(
        "account",
        level="lou",
        detection="\n    selection:\n        status: ok\n        hed: x\n    condition: selection",
    )
    lines = path.read_text().splitlines()
    told = problem(path).splitlines()
    assert [t.split(": ")[1] for t in told] == ["level", "detection.selection.hed"]
    assert [int(t.split(":")[1]) for t in told] == [
        next(i for i, row in enumerate(lines, 1) if word in row) for word in ("level:", "hed:")
    ]


def test_folders_are_searched_and_every_bad_file_is_told(written: Write, tmp_path: Path) -> None:
    written("link", name="good")
    bad = [written("link", name=name, level="no") for name in ("one", "two")]
    (tmp_path / "notes.txt").write_text("no rule")
    told = problem(tmp_path).splitlines()
    assert [line.split(":")[0] for line in told] == [str(path) for path in bad]
    for path in bad:
        path.unlink()
    found = rules.load([tmp_path, tmp_path / "good.yml"])
    assert [one.path.name for one in found] == ["good.yml"]


@pytest.mark.parametrize("fields", ["[payment_mark]", "[user_agent, tls_fingerprint]", "[tail]"])
def test_a_link_that_is_there_already_is_told(written: Write, fields: str) -> None:
    assert "is by these already" in problem(written("link", fields=fields))
    narrower = written("link", fields=fields, detection="{s: {status: ok}, condition: s}")
    assert len(rules.load([narrower])) == 1


def test_a_folder_without_rules_is_told(tmp_path: Path) -> None:
    assert "holds no rule" in problem(tmp_path)


def test_names_and_ids_stand_once(written: Write, tmp_path: Path) -> None:
    written("link")
    (tmp_path / "other.yml").write_text(text("link"))
    told = problem(tmp_path)
    assert "name: 'mine' is taken by" in told
    assert "id: " in told
    assert len(told.splitlines()) == 2


words = st.sampled_from(
    [*KINDS, *MODIFIERS, "ok", "selection", "condition", "1 of them", "<<", "y"]
)
scalars = st.one_of(
    words,
    st.text(max_size=12),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.datetimes(),
    st.dates(),
    st.binary(max_size=4),
)
keys = st.one_of(
    words, st.tuples(st.sampled_from(list(KINDS)), st.sampled_from(MODIFIERS)).map("|".join)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=10,
)
SECTIONS = sorted(
    {key for branch in schemas.schema("rule")["$defs"].values() for key in branch["properties"]}
)


def answered(path: Path) -> None:
    """Either a rule that makes SQL, or an error of ours."""
    table = ibis.table(ibis.Schema.from_pyarrow(SCHEMA), name="sketches")
    try:
        found = rules.load([path])
    except StillwatchError as error:
        assert str(path) in str(error)
        str(error).encode()
        return
    for one in found:
        if one.rule.detection is not None:
            ibis.to_sql(table.filter(one.rule.detection.matches(table)), dialect="duckdb")


FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZ
@given(
    kind=st.sampled_from(list(TYPES)),
    changes=st.dictionaries(st.sampled_from(SECTIONS), values, max_size=3),
)
def test_any_values_in_a_rule_give_a_rule_or_an_error(
    kind: str, changes: dict[str, Any], tmp_path: Path
) -> None:
    whole = yaml.safe_load(text(kind)) | changes
    path = tmp_path / "fuzz.yml"
    path.write_bytes(yaml.safe_dump(whole, allow_unicode=True, encoding="utf-8"))
    answered(path)


selections = st.dictionaries(
    keys, st.one_of(scalars, st.lists(scalars, max_size=3)), min_size=1, max_size=2
)


@FUZZ
@given(
    kind=st.sampled_from(["account", "hunt"]),
    selection=selections,
    condition=st.sampled_from(["s", "not s", "1 of s*"]),
)
def test_any_selection_gives_a_rule_or_an_error(
    kind: str, selection: dict[str, Any], condition: str, tmp_path: Path
) -> None:
    detection = {"s": selection, "condition": condition}
    whole = yaml.safe_load(text(kind)) | {"detection": detection}
    path = tmp_path / "fuzz.yml"
    path.write_bytes(yaml.safe_dump(whole, allow_unicode=True, encoding="utf-8"))
    answered(path)


@FUZZ
@given(data=st.data())
def test_any_edit_of_a_file_gives_a_rule_or_an_error(data: st.DataObject, tmp_path: Path) -> None:
    content = text(data.draw(st.sampled_from(list(TYPES)))).encode()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 30)))
    path = tmp_path / "fuzz.yml"
    path.write_bytes(content[:start] + data.draw(st.binary(max_size=12)) + content[end:])
    answered(path)


@FUZZ
@given(content=st.binary(max_size=200))
def test_any_bytes_give_a_rule_or_an_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "fuzz.yml"
    path.write_bytes(content)
    answered(path)
