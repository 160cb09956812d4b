"""Formats are told by content, overruled by name, and added by other packages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stillwatch.errors import FormatError, UsageError
from stillwatch.traffic import detect, named, reader_for, readers, sources

from .conftest import EXCHANGE, Scan
from .test_anthropic import PAIR
from .test_litellm import PAYLOAD, SPEND
from .test_openai import CHAT, RESPONSES
from .test_otlp import event, logs, on_event, on_span, span, spans


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {k: v for k, v in document.items() if k not in names}


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (EXCHANGE, "native"),
        (CHAT, "openai"),
        (RESPONSES, "openai"),
        (without(CHAT, "response"), "openai"),
        (without(RESPONSES, "response"), "openai"),
        ({"custom_id": "task-1", "body": CHAT["request"]}, "openai"),
        (PAIR, "anthropic"),
        (without(PAIR, "response"), "anthropic"),
        (PAYLOAD, "litellm"),
        (SPEND, "litellm"),
        (spans(span(on_span())), "otlp"),
        (logs(event("gen_ai.choice", on_event())), "otlp"),
    ],
)
def test_a_document_tells_its_format(document: dict[str, Any], name: str) -> None:
    reader = detect([document])
    assert reader is not None
    assert reader.name == name


@pytest.mark.parametrize(
    "documents", [[], [{}], [{"prompt": "p"}], [{"time": 1, "account": "a"}], [{"request": 1}]]
)
def test_what_nobody_knows_is_nobodys(documents: list[dict[str, Any]]) -> None:
    assert detect(documents) is None


def test_a_few_strangers_among_them_do_not_hide_the_format() -> None:
    reader = detect([{}, {"level": "info"}, PAYLOAD, PAYLOAD])
    assert reader is not None
    assert reader.name == "litellm"


def test_an_unknown_file_is_named_with_what_was_seen_and_what_is_known(tmp_path: Path) -> None:
    path = tmp_path / "access.jsonl"
    path.write_text('{"verb": "GET", "status": 200}\n')
    with pytest.raises(FormatError) as error:
        reader_for(sources([path])[0])
    for part in (str(path), "status, verb", "anthropic, litellm, native, openai, otlp", "--format"):
        assert part in str(error.value)


def test_a_named_format_overrules_the_content(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("{}")
    assert reader_for(sources([path])[0], "openai") is named("openai")
    with pytest.raises(FormatError, match=r"no format 'opnai'.*openai"):
        named("opnai")


PLUGIN = """
from stillwatch.traffic import Reader

def rows(document):
    yield {"time": document["when"], "account": document["who"], "prompt": document["what"]}

READER = Reader("heronlog", "Heron log 1.0", lambda d: float("what" in d), rows)
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path, as an installed distribution would be."""
    site = tmp_path / "site"
    info = site / "heronlog-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: heronlog\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[stillwatch.readers]\nheronlog = heronlog:READER\n")
    (site / "heronlog.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(__import__("sys").modules, "heronlog", raising=False)
    readers.cache_clear()
    yield site
    readers.cache_clear()


@pytest.mark.usefixtures("plugin")
def test_another_package_adds_a_format(scan: Scan) -> None:
    document = {"when": "2026-03-01T09:30:00Z", "who": "acct-heron", "what": "Hello"}
    (row,) = scan([document]).rows
    assert (row["account"], row["prompt"]) == ("acct-heron", "Hello")


@pytest.mark.parametrize("text", ["READER = 'not one'", "raise RuntimeError('broken')"])
def test_a_reader_that_cannot_be_loaded_is_named(plugin: Path, text: str) -> None:
    (plugin / "heronlog.py").write_text(text)
    with pytest.raises(UsageError, match="heronlog"):
        readers()
