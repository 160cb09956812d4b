"""Indicators as people type them: what they ask, and what is told of those that ask nothing."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import NoInputError, StillwatchError, UsageError
from stillwatch.hunts import KINDS, kinds
from stillwatch.hunts.condition import Equal, Inside
from stillwatch.rules.model import HuntRule
from stillwatch.sketch.keys import key

RULE = """\
title: Denied
id: 6b0a1a52-8a0e-4a4e-9f0c-5f4f5d7f3b11
name: {name}
status: test
description: Denied.
date: 2026-11-20
falsepositives: ['Typing errors.']
level: low
type: {kind}
{fields}
"""


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("organization:Acme: Labs", Equal("organization", "Acme: Labs")),
        ("credential:key-1", Equal("credential", "key-1")),
        ("network:AS64500", Equal("network", "AS64500")),
        ("gateway:edge", Equal("gateway", "edge")),
        ("payment:pm-1", Equal("payment_mark", "pm-1")),
        ("agent:curl/8.5.0 (x; y)", Equal("user_agent", "curl/8.5.0 (x; y)")),
        ("tls:t13d1516h2", Equal("tls_fingerprint", "t13d1516h2")),
        ("address:198.51.100.7", Inside(ip_network("198.51.100.7/32"))),
        ("address:2001:DB8::/32", Inside(ip_network("2001:db8::/32"))),
        ("address:kh_8c1f", Equal("address", "kh_8c1f")),
        ("account:a", Equal("account_key", key(pa.array(["a"]))[0].as_py())),
    ],
)
def test_kinds_ask_their_column(text: str, asked: object) -> None:
    (one,) = kinds.read([text]).indicators
    assert one.asked == asked


def test_one_thing_in_two_spellings_is_asked_once() -> None:
    asked = kinds.read(["address:198.51.100.9/24", "address:198.51.100.0/24", "payment:a"])
    assert [one.text for one in asked.indicators] == ["address:198.51.100.0/24", "payment:a"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nothing", f"there are {', '.join(KINDS)}"),
        ("", "write kind:value"),
        ("paymnet:x", "did you mean 'payment'"),
        ("ja4:x", f"there are {', '.join(KINDS)}"),
        ("payment:", "has no value; after the colon comes a payment mark"),
        ("payment: ", "has no value"),
        ("address:198.51.100.0/33", "no address or range"),
        ("address:10.0.0.1:443", "no address or range"),
        ("address:example.org", "no address or range"),
        ("campaign:out/campaigns.json", "names no campaign; write campaign:out/campaigns.json#ID"),
        ("campaign:#c-1", "names no campaign"),
        ("payment:\udcff", "not UTF-8"),
    ],
)
def test_what_is_no_indicator_is_told(text: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        kinds.read([text])
    assert told in str(error.value)


# Rules are left out: a text may be a folder, and the whole disk is one.
@given(st.text(max_size=40), st.sampled_from(["", *(f"{k}:" for k in KINDS if k != "rule")]))
def test_no_text_ends_in_anything_but_indicators_or_a_sentence(text: str, kind: str) -> None:
    try:
        asked = kinds.read([kind + text])
    except StillwatchError as error:
        assert str(error)
    else:
        assert len(asked.indicators) == 1


@pytest.mark.parametrize("kind", ["near", "template", "stix", "campaign"])
def test_a_missing_file_is_told(kind: str, tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match=r"none\.txt"):
        kinds.read([f"{kind}:{tmp_path / 'none.txt'}{'#c-1' * (kind == 'campaign')}"])


def test_a_folder_of_rules_is_asked_for_its_hunts(tmp_path: Path) -> None:
    detection = "detection: {s: {status: denied}, condition: s}"
    (tmp_path / "a.yml").write_text(RULE.format(name="a", kind="hunt", fields=detection))
    link = RULE.format(name="b", kind="link", fields="fields: [gateway]")
    (tmp_path / "b.yml").write_text(link.replace("6b0a", "6b0b"))
    (one,) = kinds.read([f"rule:{tmp_path}"]).indicators
    assert (one.text, one.title) == (f"rule:{tmp_path / 'a.yml'}", "Denied")
    assert isinstance(one.asked, HuntRule)
    with pytest.raises(UsageError, match="holds no rule of type hunt"):
        kinds.read([f"rule:{tmp_path / 'b.yml'}"])


def test_the_help_names_every_kind() -> None:
    from stillwatch import cli_hunt

    told = cli_hunt.hunt.__annotations__["indicators"]
    assert all(name in told for name in KINDS)
