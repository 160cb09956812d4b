"""A report shows the words of an attacker to the person who hunts them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from example import scan
from hypothesis import given
from hypothesis import strategies as st
from reading import Reading

from stillwatch.campaigns.document import Scan
from stillwatch.report import render
from stillwatch.report.text import chips, visible

HOSTILE = (
    '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "'\" onmouseover=alert(1) style=x:expression(1)",
    "{{ 7 * 7 }}{% raw %}",
    "</style></svg></title><a href=javascript:alert(1)>x</a><!--",
    "pay\u202egpj.exe\u2066\u200b\u00ad\ufeff\x00\x1b[31m\x7f",
    "\u2028\u2029\u0085\U000e0041",
    "a" + "\u0301" * 60,
    "W" * 9_000,
    "",
)


def poisoned(value: Any, poison: str) -> Any:
    """The document `value` with every free text, and every free key, replaced."""
    if isinstance(value, dict):
        fixed = {"schema", "schema_id", "verdict", "was", "changes", "kept_from"}
        fixed |= (
            {"kind", "of", "per", "uncovered"} if "licence" in value or "per" in value else set()
        )
        free = bool(value) and all(isinstance(v, int | float) for v in value.values())
        return {
            (f"{poison}{i}" if free else key): (item if key in fixed else poisoned(item, poison))
            for i, (key, item) in enumerate(value.items())
        }
    if isinstance(value, list | tuple):
        return [poisoned(item, poison) for item in value]
    return poison if isinstance(value, str) else value


def attack(poison: str) -> str:
    document = scan().model_dump(by_alias=True)
    document["config"] = {poison: poison, "nested": {"a": [poison]}}
    return render(Scan.model_validate(poisoned(document, poison)))


@pytest.mark.parametrize("poison", HOSTILE)
def test_hostile_text_is_escaped_everywhere(poison: str) -> None:
    page = Reading(attack(poison))
    assert page.tags == Reading(render(scan())).tags, "no element that we did not write"
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
    assert all(href.startswith("#") or href.startswith("data:image/svg+xml,")
               for href in page.attributes("href"))  # fmt: skip


@pytest.mark.parametrize("poison", HOSTILE)
def test_no_character_that_hides_or_reorders_reaches_the_page(poison: str) -> None:
    page = attack(poison)
    hidden = {c for c in page if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}
    assert hidden <= {"\n"}


def test_a_hidden_character_is_shown_by_its_number() -> None:
    assert "pay⟦U+202E⟧gpj.exe" in attack(HOSTILE[4])


def test_a_tower_of_combining_marks_is_taken_down() -> None:
    assert not re.search("\u0301{3}", attack(HOSTILE[6]))


def test_a_long_text_is_cut_and_the_cut_is_counted() -> None:
    page = attack("W" * 9_000)
    assert "W" * 2_001 not in page
    assert re.search(r"W… \([\d,]+ more characters\)", page)
    assert len(page) < 1_500_000


def test_arguments_for_a_template_engine_are_only_text() -> None:
    assert "{{ 7 * 7 }}" in attack("{{ 7 * 7 }}")


def test_anchors_are_made_from_ranks_not_from_ids() -> None:
    assert all(
        re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", i) for i in Reading(attack("x y")).attributes("id")
    )


def test_nothing_external_is_referenced_and_the_policy_forbids_it() -> None:
    page = render(scan())
    sources = re.findall(r"(?:src|href|action|poster|data|srcset)=[\"']?([^\"'\s>]+)", page)
    assert all(source.startswith(("#", "data:")) for source in sources)
    assert not re.search(r"url\(|@import|<script|<iframe|<object|<embed", page)
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert policy in Reading(page).attributes("content")[0]


@given(st.text(max_size=300))
def test_any_text_can_be_written_and_nothing_in_it_is_markup(text: str) -> None:
    assert "<" not in str(chips(text)).replace('<span class="chip">', "").replace("</span>", "")
    visible(text).encode("utf-8")
