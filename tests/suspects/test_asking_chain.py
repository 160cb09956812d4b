"""Whatever is changed in a sealed transcript is found, and told where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_endpoint import FakeEndpoint, lines, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.errors import FormatError, NoInputError
from stillwatch.suspects import asking
from stillwatch.suspects.asking import Budget, Endpoint, Pace, verify

Edit = Callable[[list[bytes]], list[bytes]]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transcript of ten lines, in two runs. Tests change copies of it."""
    base = tmp_path_factory.mktemp("sealed")
    prompts = written(base / "prompts.jsonl", 3)
    with FakeEndpoint() as fake:
        for requests in (1, 3):
            asking.ask(
                Endpoint(fake.url, "m"), prompts, base / "out", Budget(requests), pace=Pace(1000, 1)
            )
    return base / "out"


@pytest.fixture
def folder(sealed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sealed, tmp_path / "copy"))


def changed(whole: list[bytes], line: int, word: bytes) -> list[bytes]:
    assert word in whole[line]
    return [*whole[:line], whole[line].replace(word, b"else"), *whole[line + 1 :]]


def edited(folder: Path, edit: Edit) -> None:
    path = folder / "transcript.jsonl"
    path.write_bytes(b"".join(edit(path.read_bytes().splitlines(keepends=True))))


def url_of(folder: Path) -> str:
    return str(json.loads((folder / "manifest.json").read_text())["url"])


def test_what_is_untouched_is_well(folder: Path) -> None:
    found = verify(folder)
    assert (found.lines, found.answered, found.problems) == (10, 3, ())
    assert json.loads((folder / "seal.json").read_text())["head"] == found.head


def test_a_head_that_was_told_earlier_is_found(folder: Path) -> None:
    first = json.loads((folder / "transcript.jsonl").read_text().splitlines()[4])["previous"]
    found = verify(folder, first.upper())
    assert (found.told, found.problems) == (4, ())
    found = verify(folder, "ab" * 32)
    assert "no line has the hash abab" in found.problems[0]


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (
            lambda x: changed(x, 4, b"still"),
            "line 5 was changed, or line 6",
        ),
        (lambda x: changed(x, 9, b"all"), "line 10 was changed, or the"),
        (lambda x: [*x[:4], b"{}\n", *x[5:]], "line 5 was changed: it is no line"),
        (lambda x: [*x[:4], *x[5:]], "line 5 is missing"),
        (lambda x: [*x[:4], x[5], x[4], *x[6:]], "line 5 is missing, or more"),
        (lambda x: [*x[:4], x[5], x[4], *x[6:]], "line 6 is in the wrong place"),
        (lambda x: [*x[:4], x[3], *x[4:]], "line 5 is in the wrong place, or was put in"),
        (lambda x: x[:8], "the last lines are missing: the seal is of 10, there are 8"),
        (lambda x: x[1:], "line 1 is missing"),
        (lambda x: x[:0], "the last lines are missing"),
        (lambda x: x[::-1], "line 1 is missing"),
        (lambda x: [*x[:9], x[9][:-9]], "line 10 is torn"),
        (lambda x: [*x, x[9][:-9]], "line 11 is torn"),
        (lambda x: [*x, x[9]], "line 11 is in the wrong place"),
    ],
)
def test_what_was_changed_is_named(folder: Path, edit: Edit, why: str) -> None:
    edited(folder, edit)
    assert why in " | ".join(verify(folder).problems)
    with pytest.raises(FormatError, match="copy: "):
        list(asking.answers(folder))


def test_the_manifest_and_the_seal_are_of_the_chain(folder: Path) -> None:
    manifest = folder / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace('"m"', '"n"'))
    assert verify(folder).problems == ("the manifest was changed, or line 1: they do not fit",)
    manifest.write_text("{}")
    with pytest.raises(NoInputError, match="no manifest"):
        verify(folder)
    manifest.write_text(text)
    seal = folder / "seal.json"
    seal.write_text(seal.read_text().replace('"lines": 10', '"lines": 9'))
    assert "line 9 was changed, or the seal" in verify(folder).problems[0]
    seal.write_text("{}")
    assert "the seal was changed" in verify(folder).problems[0]
    seal.unlink()
    assert "there is no seal" in verify(folder).problems[0]
    with pytest.raises(NoInputError, match="holds no transcripts"):
        verify(folder / "none")


def test_a_file_that_was_rewritten_is_told_in_a_few_lines(folder: Path) -> None:
    edited(folder, lambda _: [b"x\n"] * 5000)
    problems = verify(folder).problems
    assert len(problems) == 21
    assert "further things" in problems[-1]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_byte_can_be_changed_dropped_or_added(sealed: Path, data: st.DataObject) -> None:
    path = sealed / "transcript.jsonl"
    whole = path.read_bytes()
    where = data.draw(st.integers(0, len(whole) - 1))
    what = data.draw(st.sampled_from(["change", "drop", "add"]))
    before, there, after = whole[:where], whole[where : where + 1], whole[where + 1 :]
    byte = data.draw(st.binary(min_size=1, max_size=1).filter(lambda b: b != there))
    made = {"change": byte, "drop": b"", "add": byte + there}
    try:
        path.write_bytes(before + made[what] + after)
        assert verify(sealed).problems
    finally:
        path.write_bytes(whole)
    assert not verify(sealed).problems


def test_what_was_changed_is_not_gone_on_with(folder: Path, tmp_path: Path) -> None:
    edited(folder, lambda x: changed(x, 4, b"still"))
    before = (folder / "transcript.jsonl").read_bytes()
    prompts = written(tmp_path / "prompts.jsonl", 3)
    url = url_of(folder)
    with pytest.raises(FormatError, match="keep it as it is"):
        asking.ask(Endpoint(url, "m"), prompts, folder, Budget(9))
    assert (folder / "transcript.jsonl").read_bytes() == before


def test_a_torn_line_is_cut_off_and_what_is_not_sealed_is_sealed(
    folder: Path, tmp_path: Path
) -> None:
    edited(folder, lambda x: [*x[:6], x[6][:-9]])
    (folder / "seal.json").unlink()
    prompts = written(tmp_path / "prompts.jsonl", 3)
    # Nobody listens there any more: where the budget is spent, it is only sealed.
    gathered = asking.ask(Endpoint(url_of(folder), "m"), prompts, folder, Budget(2))
    assert (gathered.requests, gathered.answered) == (2, 1)
    # The answer that was torn may have cost the longest.
    assert gathered.output_tokens == 7 + 512
    assert verify(folder).problems == ()
    assert lines(folder)[6]["what"] == "begun"
    assert lines(folder)[6]["cut"] > 0
