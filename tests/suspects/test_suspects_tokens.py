"""Text becomes the tokens of the model that marked, and prompts are never among them."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_endpoint import FakeEndpoint, written
from tokenizers import Tokenizer as Found
from tokenizers import models, pre_tokenizers, processors

from stillwatch.errors import FormatError, NoInputError, UsageError
from stillwatch.marks import GreenList, Marker, Master
from stillwatch.marks.texts import texts
from stillwatch.marks.tokenizer import Tokenizer
from stillwatch.suspects import asking
from stillwatch.suspects.asking import Budget, Endpoint, Pace
from stillwatch.suspects.tokens import tokens, transcribed

Cli = Callable[..., Any]
WORDS = [f"w{n}" for n in range(400)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A tokenizer of words that would add, cut and fill up, if it were let."""
    names = ["[UNK]", "[PAD]", "[BOS]", *WORDS, "heard", ":", "What", "is", "?", *"0123456789"]
    numbered = {name: n for n, name in enumerate(names)}
    made = Found(models.WordLevel(numbered, unk_token="[UNK]"))  # noqa: S106
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split("?", "isolated")]
    )
    made.post_processor = processors.TemplateProcessing("[BOS] $A", None, [("[BOS]", 2)])
    made.enable_truncation(4)
    made.enable_padding(length=12, pad_id=1, pad_token="[PAD]")  # noqa: S106
    path = tmp_path / "tokenizer.json"
    made.save(str(path))
    return path


@pytest.fixture
def tokenizer(file: Path) -> Tokenizer:
    return Tokenizer.load(file)


def test_nothing_is_added_cut_off_or_filled_up(tokenizer: Tokenizer) -> None:
    assert tokenizer("w0 w1 w2 w3 w4 w5 w6").tolist() == [3, 4, 5, 6, 7, 8, 9]
    assert tokenizer("w9").tolist() == [12]
    assert tokenizer("").tolist() == []
    assert tokenizer("w1 \ud800").tolist() == [4, 407]


def test_texts_come_in_all_the_ways_they_are_kept(tmp_path: Path, tokenizer: Tokenizer) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"text": "w0 w1"}\n\n{"tokens": [7], "text": "w0"}\n')
    (folder / "b.txt").write_text("w2\nw3\n")
    (folder / "c.txt.gz").write_bytes(gzip.compress(b"w4"))
    pq.write_table(pa.table({"text": ["w5", "w6"], "n": [1, 2]}), folder / "d.parquet")
    rows = {"text": ["w7", None], "tokens": [None, [9, 9]]}
    pq.write_table(pa.table(rows), folder / "e.parquet")
    found = [one.tolist() for one in texts([str(folder)], tokenizer)]
    assert found == [[3, 4], [7], [5, 6], [7], [8], [9], [10], [9, 9]]
    assert all(one.dtype == np.int64 for one in texts([str(folder)], tokenizer))


def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, tokenizer: Tokenizer) -> None:
    def told(name: str, content: bytes, with_it: bool = True) -> str:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FormatError) as error:
            list(texts([str(tmp_path / name)], tokenizer if with_it else None))
        return str(error.value)

    row = b'{"tokens": [1]}\n{"text": "w"}\n'
    assert "a.jsonl:2: is text: name the tokenizer" in told("a.jsonl", row, with_it=False)
    assert "a.txt: is text: name the tokenizer" in told("a.txt", b"w", with_it=False)
    assert "a.txt: no UTF-8 from byte 2 on" in told("a.txt", b"w \xff")
    assert "a.jsonl:2: tokens is no list" in told("a.jsonl", b'{"text": "w"}\n{"text": 1}\n')
    assert "a.jsonl:1: no JSON" in told("a.jsonl", b"[" * 100_000)
    pq.write_table(pa.table({"body": ["a"]}), tmp_path / "t.parquet")
    with pytest.raises(FormatError, match=r"t\.parquet: has no column 'tokens' or 'text'"):
        list(texts([str(tmp_path / "t.parquet")], tokenizer))
    pq.write_table(pa.table({"text": ["a"] * 1100 + [None]}), tmp_path / "t.parquet")
    with pytest.raises(FormatError, match=r"t\.parquet:1101: tokens is no list"):
        list(texts([str(tmp_path / "t.parquet")], tokenizer))


def test_what_is_no_tokenizer_is_told(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NoInputError, match="cannot be read"):
        Tokenizer.load(tmp_path / "none")
    for content in (b"{}", b"\xff", b""):
        (tmp_path / "odd.json").write_bytes(content)
        with pytest.raises(UsageError, match=r"odd\.json: no tokenizer\.json"):
            Tokenizer.load(tmp_path / "odd.json")
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UsageError, match=r"pip install 'stillwatch\[suspects\]'"):
        Tokenizer.load(file)


def test_of_a_transcript_only_answers_are_read(tmp_path: Path, tokenizer: Tokenizer) -> None:
    prompts = written(tmp_path / "prompts.jsonl", 2)
    with FakeEndpoint() as fake:
        asking.ask(
            Endpoint(fake.url, "m"), prompts, tmp_path / "out", Budget(9), pace=Pace(1000, 1)
        )
    spoken = list(transcribed(tmp_path / "out", tokenizer))
    question = tokenizer("What is 0?").tolist()
    assert [one.tolist() for one in spoken[0].asked] == [question]
    assert spoken[0].said.tolist() == tokenizer("heard: What is 0?").tolist()
    (tmp_path / "more.txt").write_text("w5")
    both = [str(tmp_path / "out"), str(tmp_path / "more.txt")]
    found = [one.tolist() for one in tokens(both, tokenizer)]
    assert found == [spoken[0].said.tolist(), spoken[1].said.tolist(), [8]]
    assert question not in found
    with pytest.raises(UsageError, match="a transcript is text"):
        list(tokens(both))


def test_a_mark_is_found_in_text(stillwatch: Cli, tmp_path: Path, file: Path) -> None:
    master = tmp_path / "master.key"
    master.write_text(f"stillwatch.master/1 {'5a' * 32}\n")
    master.chmod(0o600)
    scheme, chance = GreenList(), np.random.default_rng(0)
    marker = Marker(scheme, Master(master).open("mark", ["eu"]).keys["eu"].of(scheme))
    text = [3, 4]
    for _ in range(300):
        logits = np.full(403, -np.inf)
        logits[3:] = 0
        p = np.exp(marker.logits(np.array(text), logits))
        text.append(int(chance.choice(403, p=p / p.sum())))
    said = " ".join(WORDS[token - 3] for token in text)
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps({"text": said}))
    given = ("marks", "detect", path, "--master", master, "--key", "eu", "--key", "us")
    ran = stillwatch(*given, "--tokenizer", file)
    assert "302 tokens, 300 distinct windows" in ran.out
    assert "Marked by 1 key, at a family-wise error rate of 0.001: eu." in ran.out
    without = stillwatch(*given)
    assert without.code == 4
    assert "texts.jsonl:1: is text: name the tokenizer" in without.err
