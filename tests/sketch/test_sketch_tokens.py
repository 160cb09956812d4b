"""Claims about words and masks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sketch.hashing import hash_word
from stillwatch.sketch.masks import KINDS
from stillwatch.sketch.tokens import Tokens, tokenize


def words(text: str) -> list[str]:
    tokens = tokenize(pa.array([text]))
    return [tokens.word(i) for i in range(len(tokens.hashes))]


def masked(text: str) -> list[str]:
    tokens = tokenize(pa.array([text]))
    return [KINDS[k] or tokens.word(i) for i, k in enumerate(tokens.kinds)]


def row(tokens: Tokens, i: int) -> tuple[list[int], list[int]]:
    a, b = tokens.offsets[i : i + 2]
    return tokens.hashes[a:b].tolist(), tokens.kinds[a:b].tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write, a POEM!", ["write", "a", "poem"]),
        ("naïve ÉTÉ Привет", ["naïve", "été", "привет"]),
        ("ﬁne Ｆｕｌｌ", ["fine", "full"]),
        ("请用Python写", ["请", "用", "python", "写"]),
        ("한국어 말", ["한", "국", "어", "말"]),
        ("ok😀🎉go", ["ok", "😀", "🎉", "go"]),
        ("a\0b—c…d", ["a", "b", "c", "d"]),
        ("İstanbul", ["istanbul"]),
        ("", []),
        (" \n\0", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("give me 12 or 3.5 or x2", "give me number or number number or number"),
        ("due September 12, 2026 or 12 May", "due number number number or number number"),
        ("you may go", "you may go"),
        ("Ask Alice Smith. Then return JSON", "ask name name then return json"),
        ("for Ивана и Élodie", "for name и name"),
        ("I think I am", "i think i am"),
        ("see https://a.example/b?c=d now", "see" + " address" * 6 + " now"),
        ("to bo.b@mail.example please", "to address address address address please"),
        ("id abcdefab-abcd-efab-abcd-abcdefabcdef end", "id id id id id id end"),
        ('say "hello world" twice', "say quoted quoted twice"),
        ("say “hello world” twice", "say quoted quoted twice"),
        ("sag „hallo welt“ jetzt", "sag quoted quoted jetzt"),
        ("run `x + y` now", "run code code now"),
        ("fix\n```py\nfoo\n```\nplease", "fix code code please"),
        ("fix ```unclosed fence here", "fix unclosed fence here"),
        ('a 5" pipe and "quoted text" here', "a number pipe and quoted quoted here"),
        ('stray " in the middle of "it all" here', "stray in the middle of quoted quoted here"),
    ],
)
def test_variable_parts_are_masked(text: str, expected: str) -> None:
    assert " ".join(masked(text)) == expected


def test_word_hash_covers_every_byte() -> None:
    base = "a" * 1000
    variants = [base[:i] + "b" + base[i + 1 :] for i in range(1000)]
    tokens = tokenize(pa.array([base, *variants, base + "a"]))
    assert len(set(tokens.hashes.tolist())) == 1002


@pytest.mark.parametrize("word", ["a", "eightlet", "ninebytes", "straße", "請", "x" * 100])
def test_hash_of_a_word_can_be_made_alone(word: str) -> None:
    assert tokenize(pa.array([word])).hashes.tolist() == [hash_word(word)]


def test_hashes_are_a_format() -> None:
    # Written down when the format was fixed. If this fails, raise SKETCH_VERSION.
    assert [hash_word(w) for w in ("the", "extraordinarily")] == [
        10011348201963036907,
        14082234579537821610,
    ]


def test_slices_nulls_and_wide_strings_read_alike() -> None:
    texts = ["zero", None, "Write 3 poems", "請 ok", ""]
    whole = pa.array(texts)
    for i in range(len(texts)):
        one = row(tokenize(pa.array([texts[i]], pa.string())), 0)
        assert row(tokenize(whole), i) == one
        assert row(tokenize(whole.slice(i, 1)), 0) == one
        assert row(tokenize(whole.cast(pa.large_string())), i) == one
    assert tokenize(whole).valid.tolist() == [True, False, True, True, True]
    assert tokenize(pa.chunked_array([texts, []], pa.string())).counts.tolist() == [1, 0, 3, 2, 0]


def test_a_huge_prompt_is_read() -> None:
    tokens = tokenize(pa.array(["word " * 2_000_000, "x" * 10_000_000]))
    assert tokens.counts.tolist() == [2_000_000, 1]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))))
def test_any_text_is_read_and_rows_are_independent(texts: list[str | None]) -> None:
    array = pa.array(texts, pa.string())
    tokens = tokenize(array)
    assert np.all(tokens.starts < tokens.ends)
    assert np.all(tokens.starts[1:] >= tokens.ends[:-1])
    for i in range(len(texts)):
        assert row(tokens, i) == row(tokenize(array.slice(i, 1)), 0)
    for i in range(len(tokens.hashes)):
        assert hash_word(tokens.word(i)) == int(tokens.hashes[i])
