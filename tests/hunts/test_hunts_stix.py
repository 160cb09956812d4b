"""STIX bundles become indicators, and whatever cannot be asked is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stillwatch.errors import FormatError, NoInputError
from stillwatch.hunts.condition import Begins, During, Equal, Inside, Like
from stillwatch.hunts.indicator import Asked
from stillwatch.hunts.stix import bundle
from stillwatch.hunts.stix.mapping import UnansweredError
from stillwatch.hunts.stix.pattern import read
from stillwatch.rules import logic
from stillwatch.rules.logic import All, Not
from stillwatch.sketch.keys import key

NOW = datetime(2026, 11, 20, tzinfo=UTC)
AGENT = "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'"
RANGE = Inside(ip_network("198.51.100.0/24"))


def account(name: str) -> Equal:
    return Equal("account_key", key(pa.array([name]))[0].as_py())


@pytest.mark.parametrize(
    ("pattern", "asked"),
    [
        ("[ipv4-addr:value = '198.51.100.7']", Inside(ip_network("198.51.100.7"))),
        ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", RANGE),
        ("[ipv4-addr:value = '198.51.100.0/24']", RANGE),
        ("[ipv6-addr:value = '2001:db8::/32']", Inside(ip_network("2001:db8::/32"))),
        ("[network-traffic:src_ref.value = '198.51.100.0/24']", RANGE),
        ("[user-account:user_id = 'it\\'s \\\\ me']", account("it's \\ me")),
        (f"[{AGENT} = 'curl/8']", Equal("user_agent", "curl/8")),
        ("[x-stillwatch-exchange:payment_mark = 'pm']", Equal("payment_mark", "pm")),
        ("[x-stillwatch-exchange:head = 'ffffffffffffffff']", Equal("head", -1)),
        ("[x-stillwatch-exchange:'gateway' LIKE 'edge-%']", Like("gateway", "edge-%")),
        ("([ipv4-addr:value = '198.51.100.0/24'])", RANGE),
        (
            "[software:name = 'curl']",
            logic.Any((Equal("user_agent", "curl"), Begins("user_agent", "curl/"))),
        ),
        (
            "[autonomous-system:number = 64500]",
            logic.Any(
                (
                    *(Equal("network", name) for name in ("AS64500", "64500")),
                    *(Begins("network", name) for name in ("AS64500 ", "64500 ")),
                )
            ),
        ),
        (
            "[user-account:user_id IN ('a', 'b')]",
            logic.Any((account("a"), account("b"))),
        ),
        (
            "[user-account:user_id = 'a' AND ipv4-addr:value NOT = '198.51.100.0/24']",
            All((account("a"), Not(RANGE))),
        ),
        (
            "[user-account:user_id = 'a' AND ipv4-addr:value != '198.51.100.0/24']",
            All((account("a"), Not(RANGE))),
        ),
        (
            "[user-account:user_id = 'a'] OR [user-account:user_id = 'b']",
            logic.Any((account("a"), account("b"))),
        ),
        (
            "[user-account:user_id = 'a'] START t'2026-10-01T00:00:00Z' "
            "STOP t'2026-10-02T00:00:00.5Z'",
            All(
                (
                    account("a"),
                    During(
                        "time",
                        datetime(2026, 10, 1, tzinfo=UTC),
                        datetime(2026, 10, 2, microsecond=500_000, tzinfo=UTC),
                    ),
                )
            ),
        ),
    ],
)
def test_patterns_ask_what_they_say(pattern: str, asked: object) -> None:
    found = read(pattern)
    assert (found.asked, found.left_out) == (asked, ())


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("[domain-name:value = 'example.org']", "no sketch has domain-name:value"),
        ("[file:hashes.'SHA-256' = 'aa']", "no sketch has file:hashes.'SHA-256'"),
        ("[ipv4-addr:value = '300.1.1.1']", "'300.1.1.1' does not appear to be"),
        ("[ipv4-addr:value = 5]", "5 is no text"),
        ("[autonomous-system:number = 'x']", "no number of an autonomous system"),
        ("[x-stillwatch-exchange:head = 'zz']", "no hash of 16 hexadecimal digits"),
        ("[x-stillwatch-exchange:input_tokens = 5]", "no text and no hash"),
        ("[x-stillwatch-exchange:prompt = 'x']", "no sketch has x-stillwatch-exchange:prompt"),
        ("[user-account:user_id MATCHES 'a.*']", "only =, !=, IN, LIKE and ISSUBSET"),
        ("[ipv4-addr:value ISSUPERSET '198.51.100.0/24']", "only =, !=, IN"),
        ("[user-account:user_id > 'a']", "only =, !=, IN"),
        ("[EXISTS user-account:user_id]", "only =, !=, IN"),
        ("[user-account:user_id ISSUBSET '198.51.100.0/24']", "ISSUBSET is not answered"),
        ("[ipv4-addr:value LIKE '198.%']", "LIKE is not answered"),
        ("[user-account:user_id = true]", "compared with nothing"),
        ("[user-account:user_id = " + "9" * 5000 + "]", "compared with nothing"),
        ("[user-account:user_id != 'a']", "only says what is not"),
        ("[user-account:user_id != 'a' AND ipv4-addr:value != '1.2.3.4']", "only says what is not"),
        ("[user-account:user_id = 'a'] AND [user-account:user_id = 'b']", "several observations"),
        (
            "[user-account:user_id = 'a'] FOLLOWEDBY [user-account:user_id = 'b']",
            "several observations",
        ),
        ("[user-account:user_id = 'a'] REPEATS 5 TIMES", "several observations"),
        ("[user-account:user_id = 'a'] WITHIN 5 SECONDS", "several observations"),
        ("[user-account:user_id = '\ud800']", "not Unicode"),
        ("[user-account:user_id = 'a'", "is no STIX pattern: it breaks off"),
        ("", "is no STIX pattern: it breaks off"),
        ("[user-account:\n user id = 'a']", "'id' cannot stand in line 2, character 7"),
        ("[user-account:user_id = '" + "a" * 99, "cannot stand in line 1, character 25"),
        ("[" + "(" * 5000 + "a:b = 'c'" + ")" * 5000 + "]", "nested too deeply"),
        ("(" * 5000 + "[a:b = 'c']" + ")" * 5000, "nested too deeply"),
        ("x" * 1_000_001, "longer than"),
    ],
)
def test_what_no_sketch_can_answer_is_told(pattern: str, told: str) -> None:
    with pytest.raises(UnansweredError) as error:
        read(pattern)
    assert told in str(error.value)


def test_many_brackets_that_matter_are_too_deep_for_the_engine() -> None:
    pattern = "user-account:user_id = 'a'"
    for _ in range(15):
        pattern = f"{AGENT} = 'b' AND ({AGENT} = 'c' OR ({pattern}))"
    with pytest.raises(UnansweredError, match="nested too deeply"):
        read(f"[{pattern}]")


def test_alternatives_that_cannot_be_asked_are_left_out_and_told() -> None:
    found = read("[domain-name:value = 'x' OR user-account:user_id = 'a' OR url:value = 'y']")
    assert found.asked == account("a")
    assert found.left_out == ("no sketch has domain-name:value", "no sketch has url:value")


def test_long_lists_are_read() -> None:
    names = [f"a{n}" for n in range(3000)]
    chain = " OR ".join(f"user-account:user_id = '{name}'" for name in names)
    assert read(f"[{chain}]").asked == logic.Any(tuple(map(account, names)))
    apart = " OR ".join(f"[user-account:user_id = '{name}']" for name in names)
    assert read(apart).asked == logic.Any(tuple(map(account, names)))


TOKENS = st.sampled_from(
    ["[", "]", "(", ")", "'a'", "a:b", "ipv4-addr:value", "=", "!=", "IN", "AND", "OR", "NOT"]
)


@given(st.text(max_size=60) | st.lists(TOKENS, max_size=20).map(" ".join))
@example("[a:b = h'zz']")
@example("[a:b = t'2026-99-99T00:00:00Z']")
@example("[a:b = 'x'] START t'2026-99-99T00:00:00Z' STOP t'2026-01-01T00:00:00Z'")
@example("[ipv4-addr:value IN ()]")
def test_no_pattern_ends_in_anything_but_a_condition_or_a_sentence(pattern: str) -> None:
    try:
        read(pattern)
    except UnansweredError as error:
        assert str(error)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(NAMES)
def test_texts_of_patterns_are_read_back_as_they_are(name: str) -> None:
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    assert read(f"[x-stillwatch-exchange:gateway = '{escaped}']").asked == Equal("gateway", name)


def indicator(which: str, /, **changes: Any) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid5(NAMESPACE_URL, which)}",
        "created": "2026-09-01T00:00:00.000Z",
        "modified": "2026-09-01T00:00:00.000Z",
        "name": which,
        "pattern": "[user-account:user_id = 'a']",
        "pattern_type": "stix",
        "valid_from": "2026-09-01T00:00:00Z",
    } | changes


Bundle = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Bundle:
    def write(*objects: object, **changes: object) -> Path:
        path = tmp_path / "bundle.json"
        content = {"type": "bundle", "id": f"bundle--{uuid5(NAMESPACE_URL, 'b')}"}
        path.write_text(json.dumps(content | {"objects": objects} | changes), "utf-8")
        return path

    return write


def asked(path: Path) -> Asked:
    return bundle.indicators(path, NOW)


def test_each_indicator_is_asked_under_its_id_and_name(written: Bundle) -> None:
    path = written(indicator("one"), indicator("two", name=None))
    one, two = asked(path).indicators
    assert one.text == f"stix:indicator--{uuid5(NAMESPACE_URL, 'one')}"
    assert (one.title, one.source) == ("one", str(path))
    assert two.title == "[user-account:user_id = 'a']"


def test_revoked_is_set_aside_and_expired_is_marked(written: Bundle) -> None:
    past, future = "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"
    path = written(
        indicator("revoked", revoked=True),
        indicator("expired", valid_until=past),
        indicator("current", valid_until=future),
    )
    found = asked(path)
    assert [(one.title, one.expired) for one in found.indicators] == [
        ("expired", True),
        ("current", False),
    ]
    assert [one.reason for one in found.aside] == ["was revoked by its author"]


def test_of_several_versions_the_newest_counts(written: Bundle) -> None:
    newer = indicator("one", modified="2026-10-01T00:00:00.000Z", revoked=True)
    assert asked(written(newer, indicator("one"))).indicators == []
    assert len(asked(written(indicator("one"), newer)).aside) == 1


def test_what_cannot_be_asked_is_named(written: Bundle) -> None:
    path = written(
        indicator("yara", pattern_type="yara", pattern="rule x {}"),
        indicator("domain", pattern="[domain-name:value = 'x']"),
        indicator("part", pattern="[domain-name:value = 'x' OR user-account:user_id = 'a']"),
        indicator("broken", pattern="[user-account:user_id = "),
        indicator("odd", pattern=5),
        {"type": "indicator"},
        {"type": "identity"},
        {"type": "identity"},
        {"type": "relationship"},
        "text",
        None,
    )
    found = asked(path)
    assert [one.title for one in found.indicators] == ["part"]
    told = [one.reason for one in found.aside]
    assert told[0] == "is no indicator of STIX 2.1: pattern: must be text, not 5"
    assert told[1] == "is no indicator of STIX 2.1: id: must be given"
    assert told[2:] == [
        "its pattern is of type yara, not stix",
        "no sketch has domain-name:value",
        "in part: no sketch has domain-name:value",
        "is no STIX pattern: it breaks off",
        "2 of type identity, which are no indicators",
        "1 of type relationship, which is no indicator",
        "2 of type unknown, which are no indicators",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b"9" * 5000, "not JSON"),
        (b"[]", "no STIX bundle"),
        (b'{"type": "indicator"}', "no STIX bundle"),
        (b'{"type": "bundle", "objects": {}}', "objects are no list"),
        (b'{"type": "bundle"}', "no indicator in it"),
        (b'{"type": "bundle", "objects": [{"type": "identity"}]}', "no indicator in it"),
    ],
)
def test_a_file_that_is_no_bundle_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    with pytest.raises(FormatError) as error:
        asked(path)
    assert told in str(error.value)
    assert str(path) in str(error.value)


def test_a_bundle_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match="cannot be read"):
        asked(tmp_path / "none.json")


def test_names_that_are_not_unicode_are_shown_all_the_same(written: Bundle) -> None:
    (one,) = asked(written(indicator("x", name="bad \ud800 name"))).indicators
    assert one.title == "bad ? name"
