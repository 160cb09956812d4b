"""The page can be read: in daylight, at night, by ear and by keyboard."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from example import scan
from reading import Reading

from stillwatch.report import render

PAGE = render(scan())
_LIGHT, _DARK = re.findall(r":root \{(.*?)\}", PAGE, re.DOTALL)[:2]


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [_LIGHT, _DARK], ids=["light", "dark"])
def test_text_meets_aa_and_marks_can_be_told_from_paper(scheme: str) -> None:
    tone = colours(scheme)
    for ground in ("paper", "raised"):
        for ink in ("ink", "soft", "link", "against"):
            assert contrast(tone[ink], tone[ground]) >= 4.5, (ink, ground)
    assert contrast(tone["chip-ink"], tone["chip"]) >= 4.5
    for mark in ("for", "against", "prior", "total" if "total" in tone else "ink"):
        assert contrast(tone[mark], tone["paper"]) >= 3, mark


def test_every_colour_of_the_day_has_one_for_the_night() -> None:
    assert colours(_LIGHT).keys() == colours(_DARK).keys()


def test_every_drawing_is_either_described_or_hidden_from_the_ear() -> None:
    for tag, attributes in Reading(PAGE).elements:
        if tag == "svg":
            assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"


def test_headings_go_down_one_level_at_a_time() -> None:
    levels = [int(tag[1]) for tag, _ in Reading(PAGE).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_every_link_leads_to_a_place_on_the_page() -> None:
    page = Reading(PAGE)
    targets = {f"#{i}" for i in page.attributes("id")}
    inner = [href for href in page.attributes("href") if href.startswith("#")]
    assert inner
    assert set(inner) <= targets
    assert len(page.attributes("id")) == len(targets), "ids are unique"


def test_tables_name_their_columns_and_rows() -> None:
    for tag, attributes in Reading(PAGE).elements:
        if tag == "th":
            assert attributes.get("scope") in {"col", "row"}


def test_depth_opens_without_a_script() -> None:
    assert {"details", "summary"} <= Reading(PAGE).tags
    assert "script" not in Reading(PAGE).tags


def test_every_custom_property_that_is_used_is_set() -> None:
    used = set(re.findall(r"var\(--([a-z-]+)", PAGE))
    assert used <= set(re.findall(r"--([a-z-]+):", PAGE))
