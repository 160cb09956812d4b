"""Suspects whose weights `transformers` saved; skipped without it, but for what is said then."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from marked_students import WORDS, Teacher, harvest, questions

from stillwatch.errors import NoInputError, StillwatchError, UsageError
from stillwatch.marks import GreenList, Master
from stillwatch.marks.windows import Tokens
from stillwatch.range.students import distil
from stillwatch.range.students.asked import answers
from stillwatch.range.students.corpus import Corpus
from stillwatch.range.students.transformer import Size
from stillwatch.range.students.transformer import Transformer as Student
from stillwatch.suspects.transformers import Transformer as Suspect

Cli = Callable[..., Any]
SCHEME = GreenList(bias=3.0, width=1)
TINY = Size(layers=1, heads=2, width=64, inner=128, epochs=5, batch=16, rate=5e-3)

needs_torch = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "transformers")),
    reason="needs torch and transformers",
)


def written(path: Path, texts: list[Tokens]) -> Path:
    path.write_text("".join(json.dumps({"tokens": text.tolist()}) + "\n" for text in texts))
    return path


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A master key, marked texts, and students of them and of others: weights and what they say."""
    home = tmp_path_factory.mktemp("weights")
    key = Master.create(home / "master.key", why="a test").open("mark", ["eu"]).keys["eu"]
    marked, plain = harvest(400, 1, SCHEME, key.of(SCHEME)), harvest(400, 2)
    written(home / "served.jsonl", marked[:200])
    for name, learned in (("marked", marked), ("clean", plain)):
        student = Student.taught(learned, WORDS, 3, TINY)
        student.save(home / name)
        written(home / f"{name}.jsonl", list(answers(student, questions(300, 9), 60, 9)))
    return home


@needs_torch
@pytest.mark.parametrize("box", ["black", "white"])
@pytest.mark.parametrize(("student", "named"), [("marked", ["eu"]), ("clean", [])])
def test_a_transformer_that_learned_marked_texts_is_named_and_another_is_not(
    stillwatch: Cli, scene: Path, tmp_path: Path, box: str, student: str, named: list[str]
) -> None:
    suspect = ["--weights", scene / student] if box == "white" else [scene / f"{student}.jsonl"]
    told = stillwatch(
        *("suspect", "test", *suspect, "--served", scene / "served.jsonl"),
        *("--master", scene / "master.key", "--key", "eu", "--key", "us"),
        *("--scheme", "green-list:width=1", "--out", tmp_path, "--json"),
    )
    assert told.code == 0, told.err
    document = json.loads(told.out)
    assert document["access"] == ("weights" if box == "white" else "text")
    assert document["named"] == named
    assert (document["verdict"] == "marked") == bool(named)


@needs_torch
def test_weights_are_read_as_they_were_saved(scene: Path) -> None:
    """In pieces no longer than the model can read, whatever the length of a text."""
    suspect = Suspect.load(scene / "marked")
    text = harvest(1, 5)[0]
    likely = suspect.probabilities(text)
    assert likely.shape == (len(text), WORDS)
    assert likely.sum(axis=1) == pytest.approx(1, abs=1e-5)
    long = suspect.probabilities(np.tile(text, 9))
    assert long.shape == (9 * len(text), WORDS)
    assert long[: len(text)] == pytest.approx(likely, abs=1e-5)
    assert suspect.probabilities(text[:0]).shape == (0, WORDS)


@needs_torch
@pytest.mark.parametrize("token", [WORDS, -1])
def test_a_token_that_the_suspect_does_not_know_is_refused(scene: Path, token: int) -> None:
    with pytest.raises(UsageError, match=f"token {token}, and the suspect knows 200"):
        Suspect.load(scene / "marked").probabilities(np.array([1, token]))


@needs_torch
def test_half_precision_is_read_as_numbers(scene: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    text = harvest(1, 5)[0]
    whole = Suspect.load(scene / "marked").probabilities(text)
    for dtype in (torch.bfloat16, torch.float16):
        model = AutoModelForCausalLM.from_pretrained(scene / "marked").to(dtype)
        model.save_pretrained(tmp_path / str(dtype))
        assert Suspect.load(tmp_path / str(dtype)).probabilities(text) == pytest.approx(
            whole, abs=0.05
        )


def unlike(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def cut(folder: Path) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])


def pickled(folder: Path) -> None:
    import torch

    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")


@needs_torch
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: unlike(folder, num_hidden_layers=2), "9 tensors missing"),
        (lambda folder: unlike(folder, hidden_size=32), "of another shape"),
        (lambda folder: unlike(folder, model_type="nobody-knows"), "no model could be read"),
        (lambda folder: unlike(folder, hidden_act="nothing"), "no model could be read"),
        (lambda folder: unlike(folder, num_attention_heads=0), "no model could be read"),
        (lambda folder: (folder / "config.json").unlink(), "no config.json"),
        (cut, "no model could be read"),
        (pickled, "model.safetensors"),
    ],
    ids=["layers", "shape", "kind", "act", "heads", "no config", "cut off", "pickle"],
)
def test_what_is_no_whole_model_is_refused(
    scene: Path, tmp_path: Path, damage: Callable[[Path], None], says: str
) -> None:
    """Weights that are not there would be drawn at random, and show no mark."""
    from transformers import AutoModelForCausalLM

    AutoModelForCausalLM.from_pretrained(scene / "marked").save_pretrained(tmp_path / "w")
    damage(tmp_path / "w")
    with pytest.raises(NoInputError, match=says):
        Suspect.load(tmp_path / "w")


@needs_torch
def test_weights_that_give_no_numbers_are_refused(scene: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(scene / "marked")
    model.model.norm.weight.data[:] = float("nan")
    model.save_pretrained(tmp_path)
    with pytest.raises(NoInputError, match="no numbers"):
        Suspect.load(tmp_path)


@needs_torch
def test_a_model_that_reads_ahead_is_refused(tmp_path: Path) -> None:
    """It would hold likely what it was given to read, and be accused of it."""
    from transformers import BertConfig, BertLMHeadModel

    BertLMHeadModel(
        BertConfig(
            vocab_size=WORDS,
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            initializer_range=0.5,
        )
    ).save_pretrained(tmp_path)
    with pytest.raises(NoInputError, match="comes after a token"):
        Suspect.load(tmp_path)


@needs_torch
def test_a_transformer_is_distilled_and_tested_by_the_commands_that_are_printed(
    stillwatch: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = list(answers(Teacher(), questions(100, 5), 60, 5))
    small = Corpus([f"w{number}" for number in range(WORDS)], documents)
    monkeypatch.setattr(distil, "corpus", lambda: small)
    out = tmp_path / "practice"
    told = stillwatch(
        *("range", "distil", "--out", out, "--exchanges", 64, "--marked", 0.5, "--asked", 64),
        *("--student", "transformer"),
    )
    assert told.code == 0, told.err
    commands = [line for line in told.out.splitlines() if line.startswith("stillwatch suspect")]
    assert len(commands) == 2
    for command in commands:
        ran = stillwatch(*command.split()[1:])
        assert ran.code == 0, ran.err
    document = json.loads((out / "suspect-weights" / "suspect.json").read_text())
    assert document["access"] == "weights"


def test_where_torch_is_not_installed_it_is_said_what_to_install(
    stillwatch: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "stillwatch.range.students.transformer.find_spec",
        lambda name: None if name == "torch" else found(name),
    )
    told = stillwatch("range", "distil", "--out", tmp_path / "out", "--student", "transformer")
    assert told.code == 2
    assert "pip install torch" in told.err
    assert not (tmp_path / "out").exists()
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(StillwatchError, match="pip install torch"):
        Suspect.load(tmp_path)
