"""Texts give the hashes that the sketch gives them, and bands tell how like two texts are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_lakes import sketched
from stillwatch.errors import NoInputError, UsageError
from stillwatch.hunts import kinds, wording
from stillwatch.hunts.answers import jaccard
from stillwatch.hunts.condition import Equal
from stillwatch.rules.logic import Any
from stillwatch.sketch import neardup
from stillwatch.sketch.template import collapse
from stillwatch.sketch.tokens import tokenize

TEXT = 'Translate "good morning" into French for Anna, 12 years old, in 3 styles.'
WORDS = ("tell", "me", "how", "rivers", "carve", "valleys", "slowly", "while", "rain", "falls")


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    path = tmp_path / "prompt.txt"
    path.write_text(TEXT, "utf-8")
    return path


def values(condition: object) -> dict[str, str | int]:
    assert isinstance(condition, Any)
    return {part.column: part.value for part in condition.parts if isinstance(part, Equal)}


def test_a_file_has_the_hashes_of_its_sketch(prompt: Path) -> None:
    batch = sketched([{"prompt": TEXT, "system": TEXT, "completion": TEXT}])
    (row,) = batch.to_pylist()
    for part in wording.PARTS:
        assert values(wording.templates(f"{part}:{prompt}")) == {part: row[part]}
    whole = {part: row[part] for part in ("system_template", "skeleton")}
    assert values(wording.templates(str(prompt))) == whole
    assert values(wording.near(prompt)) == {f"near_{i}": row[f"near_{i}"] for i in range(4)}


def test_the_variable_parts_of_a_text_do_not_matter(tmp_path: Path, prompt: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(TEXT.replace("good morning", "farewell").replace("12", "1,024"), "utf-8")
    assert wording.templates(str(other)) == wording.templates(str(prompt))


def test_a_hash_is_looked_for_in_every_part_or_in_one() -> None:
    bands = {f"near_{i}" for i in range(4)}
    assert set(values(wording.templates("9c1f0d5be2a84736"))) == {*wording.PARTS, *bands}
    assert set(values(wording.templates("tail:9C1F0D5BE2A84736"))) == {"tail"}


@given(st.integers(-(2**63), 2**63 - 1))
def test_hashes_are_read_back_as_they_are_shown(number: int) -> None:
    assert wording.from_hex(f"{number & 0xFFFF_FFFF_FFFF_FFFF:016x}") == number


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "no words"), (b"  \n ...", "no words"), (b"\xff\xfe", "not UTF-8")],
)
def test_texts_without_a_template_are_told(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=told):
        wording.templates(str(path))


def test_too_short_a_text_is_not_nearly_anything(tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("Say hello to 5 6 7 8", "utf-8")
    with pytest.raises(UsageError, match=r"fewer than 5 words .* ask for template:"):
        wording.near(path)


def test_a_missing_file_is_told_with_what_it_could_be(tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match="16 hexadecimal digits"):
        wording.templates(str(tmp_path / "none.txt"))
    with pytest.raises(NoInputError, match="cannot be read"):
        wording.near(tmp_path)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("hed:9a44ee98559417b9", "no part 'hed'; did you mean 'head'?"),
        ("hed:some.txt", "no part 'hed'; did you mean 'head'?"),
        ("foo:9a44ee98559417b9", "no part 'foo'; there are system_template, skeleton, head"),
    ],
)
def test_a_part_that_there_is_not_is_told(value: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        wording.templates(value)
    assert told in str(error.value)


def test_a_file_may_have_a_colon_in_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("foo:bar").write_text("Rate this answer")
    assert wording.templates("foo:bar")


def shingles(text: str) -> set[bytes]:
    """The masked three-word shingles of a text."""
    tokens = tokenize(pa.array([text]))
    kept, _ = collapse(tokens)
    words = tokens.masked[kept]
    return {words[i : i + 3].tobytes() for i in range(len(words) - 2)}


def common(one: str, other: str) -> int:
    """Bands that two texts have in common."""
    tokens = tokenize(pa.array([one, other]))
    kept, offsets = collapse(tokens)
    return sum(b[0].as_py() == b[1].as_py() for b in neardup.bands(tokens.masked[kept], offsets))


@given(st.lists(st.sampled_from(WORDS), min_size=6, max_size=30))
def test_equal_texts_have_all_bands_in_common_and_strangers_none(words: list[str]) -> None:
    text = " ".join(words)
    assert common(text, text) == 4
    assert common(text, " ".join(f"{word}x" for word in words)) == 0


def test_the_estimate_is_near_the_exact_jaccard_index() -> None:
    """A band is in common with probability s^3: over many pairs the estimate comes out right."""
    rng = np.random.default_rng(11)
    for changed in (1, 3, 8):
        shares, exact = [], []
        for _ in range(400):
            words = [f"w{n}" for n in rng.integers(0, 10**6, 60)]
            words = [word.translate(str.maketrans("0123456789", "abcdefghij")) for word in words]
            other = list(words)
            for place in rng.choice(60, changed, replace=False):
                other[place] = "changed"
            ours, theirs = shingles(" ".join(words)), shingles(" ".join(other))
            exact.append(len(ours & theirs) / len(ours | theirs))
            shares.append(common(" ".join(words), " ".join(other)))
        assert (np.mean(shares) / 4) ** (1 / 3) == pytest.approx(np.mean(exact), abs=0.03)


def test_the_estimate_grows_with_the_bands() -> None:
    assert [jaccard(n) for n in range(5)] == [0.0, 0.63, 0.79, 0.91, 1.0]


def test_a_hash_is_one_indicator_however_it_is_spelled() -> None:
    found = kinds.read(["template:9A44EE98559417B9", "template:9a44ee98559417b9"]).indicators
    assert [one.text for one in found] == ["template:9a44ee98559417b9"]


def test_a_hash_of_a_band_is_found_as_well() -> None:
    (one,) = kinds.read(["template:9a44ee98559417b9"]).indicators
    assert {"head", "system_template", "near_0", "near_3"} <= set(one.columns)
