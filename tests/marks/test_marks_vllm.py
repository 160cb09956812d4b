"""Marks in vLLM, against its own classes, and with a whole engine; skipped without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from serving_scene import Served, served
from vllm_engine import ACCOUNTS

from stillwatch.errors import UsageError
from stillwatch.marks import GreenList, Gumbel, Master, Scheme, Tournament, detect

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    # What vLLM and torch warn of when they are loaded is theirs to mend.
    warnings.simplefilter("ignore")
    vllm = pytest.importorskip("vllm", reason="vLLM is not installed")
    from vllm import SamplingParams
    from vllm.exceptions import VLLMValidationError
    from vllm.triton_utils import HAS_TRITON
    from vllm.v1.sample.logits_processor import (
        LOGITSPROCS_GROUP,
        LogitsProcessors,
        MoveDirectionality,
    )
    from vllm.v1.sample.logits_processor.state import BatchUpdateBuilder
    from vllm.v1.sample.metadata import SamplingMetadata
    from vllm.v1.sample.sampler import Sampler
    from vllm.v1.worker.gpu.sample.logits_processor import (
        LogitsContext,
        LogitsProcRequestState,
        build_custom_logits_processors_params_validator,
    )

    from stillwatch.marks.serving import vllm as v1
    from stillwatch.marks.serving import vllm_v2 as v2

pytestmark = pytest.mark.filterwarnings("default")
SCHEMES = [GreenList(), Gumbel(), Tournament()]
each = pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
VOCABULARY = 400
BIRDS = ("heron", "egret", "stork", "ibis", "crane")


def config(scene: Served, **more: Any) -> SimpleNamespace:
    return SimpleNamespace(
        speculative_config=None,
        additional_config={"stillwatch": scene.settings},
        model_config=SimpleNamespace(seed=0),
        **more,
    )


def asked(account: str | None, **more: Any) -> SamplingParams:
    extra = None if account is None else {"stillwatch": f"cohort-7/{account}"}
    return SamplingParams(**{"temperature": 0.8, "top_p": 0.9, **more}, extra_args=extra)


def metadata(processor: Any, params: list[SamplingParams]) -> SamplingMetadata:
    n = len(params)
    return SamplingMetadata(
        temperature=torch.tensor([p.temperature for p in params]),
        all_greedy=all(p.temperature == 0 for p in params),
        all_random=all(p.temperature > 0 for p in params),
        top_p=torch.tensor([p.top_p for p in params]),
        top_k=torch.tensor([p.top_k if p.top_k > 0 else VOCABULARY for p in params]),
        generators={},
        max_num_logprobs=None,
        no_penalties=True,
        prompt_token_ids=None,
        frequency_penalties=torch.zeros(n),
        presence_penalties=torch.zeros(n),
        repetition_penalties=torch.ones(n),
        output_token_ids=[[] for _ in params],
        allowed_token_ids_mask=None,
        bad_words_token_ids={},
        logitsprocs=LogitsProcessors([processor]),
    )


class Batch:
    """The rows of an engine's batch, through its own builder of updates and its own sampler."""

    def __init__(self, processor: Any) -> None:
        self.processor = processor
        self.builder = BatchUpdateBuilder()
        self.rows: dict[int, tuple[SamplingParams, list[int], list[int]]] = {}
        self.sampler = Sampler()

    def add(
        self, row: int, params: SamplingParams, prompt: list[int], output: list[int]
    ) -> list[int]:
        self.rows[row] = (params, prompt, output)
        self.builder.added.append((row, params, prompt, output))
        return output

    def remove(self, row: int) -> None:
        del self.rows[row]
        self.builder.removed_append(row)

    def move(self, a: int, b: int, how: MoveDirectionality) -> None:
        one, other = self.rows.pop(a), self.rows.pop(b, None)
        self.rows[b] = one
        if other is not None:
            self.rows[a] = other
        self.builder.moved.append((a, b, how))

    def steps(self, count: int, chance: np.random.Generator) -> None:
        for _ in range(count):
            n = len(self.rows)
            assert sorted(self.rows) == list(range(n))
            self.processor.update_state(self.builder.get_and_reset(n))
            logits = torch.tensor(chance.normal(0, 1.5, (n, VOCABULARY)), dtype=torch.float32)
            params = [self.rows[row][0] for row in range(n)]
            made = self.sampler(logits, metadata(self.processor, params))
            for row, (token,) in enumerate(made.sampled_token_ids.tolist()):
                self.rows[row][2].append(token)


@each
def test_each_request_keeps_its_key_whatever_row_it_is_in(master: Master, scheme: Scheme) -> None:
    scene = served(master, scheme)
    processor = v1.MarkingLogitsProcessor(config(scene), torch.device("cpu"), False)
    torch.manual_seed(1)
    chance = np.random.default_rng(1)
    batch = Batch(processor)
    texts: dict[str, list[int]] = {}
    for row, bird in enumerate(BIRDS[:3]):
        texts[bird] = batch.add(row, asked(bird), [1, 2, 3 + row], [])
    texts["none"] = batch.add(3, asked(None), [1, 2, 9], [])
    batch.steps(60, chance)
    batch.move(0, 2, MoveDirectionality.SWAP)
    batch.steps(60, chance)
    batch.remove(1)  # egret; its row is filled by the last
    batch.move(3, 1, MoveDirectionality.UNIDIRECTIONAL)
    batch.steps(60, chance)
    texts["ibis"] = batch.add(3, asked("ibis"), [4, 4, 4], [])
    batch.move(1, 3, MoveDirectionality.SWAP)
    batch.steps(60, chance)
    batch.remove(3)  # unmarked; and egret is taken up again
    batch.add(3, asked("egret"), [1, 2, 4], texts["egret"])
    batch.steps(120, chance)

    keys = scene.keys(scheme, *[f"cohort-7/{bird}" for bird in BIRDS])
    found = {name: detect([np.array(t)], scheme, keys).named() for name, t in texts.items()}
    assert found == {
        **{bird: [f"cohort-7/{bird}"] for bird in BIRDS[:4]},
        "none": [],
    }
    assert processor.requests.unmarked == {"they name no account": 1}


@pytest.mark.parametrize("scheme", [Gumbel(), Tournament()], ids=lambda s: s.name)
@pytest.mark.parametrize("runner", ["V1", "V2"])
def test_over_all_keys_vllm_draws_what_it_would_have_drawn(
    master: Master, scheme: Scheme, runner: str
) -> None:
    """After temperature, min-p, top-k and top-p; what these cut off is never drawn."""
    scene = served(master, scheme)
    n, few = 2_000, 12
    base = torch.tensor(np.random.default_rng(4).normal(0, 2, few), dtype=torch.float32)
    logits = torch.full((n, VOCABULARY), -torch.inf)
    logits[:, :few] = base
    params = [asked(f"a{i}", temperature=0.7, top_p=0.8, top_k=6) for i in range(n)]
    if runner == "V1":
        processor = v1.MarkingLogitsProcessor(config(scene), torch.device("cpu"), False)
        batch = Batch(processor)
        for i, one in enumerate(params):
            batch.add(i, one, [1, 2, 3], [])
        processor.update_state(batch.builder.get_and_reset(n))
        made = Sampler()(logits.clone(), metadata(processor, params)).sampled_token_ids[:, 0]
    else:
        made, _ = _second(scene, params, [[1, 2, 3]] * n, logits.clone())
        made = made.argmax(dim=1)
    seen = np.bincount(made.numpy(), minlength=few) / n

    p = torch.softmax(base / 0.7, dim=0).double().numpy()
    order = np.argsort(-p)[:6]
    kept = p[order] / p[order].sum()
    wanted = np.zeros(few)
    inside = np.cumsum(kept) - kept < 0.8
    wanted[order[inside]] = kept[inside] / kept[inside].sum()
    assert seen[wanted == 0].sum() == 0
    assert np.abs(seen - wanted).max() < 0.04


def _second(
    scene: Served, params: list[SamplingParams], texts: list[list[int]], logits: Any
) -> tuple[Any, Any]:
    """One step of Model Runner V2, whose slots are not its rows."""
    n = len(params)
    slots = np.random.default_rng(0).permutation(n)
    every = torch.full((n, max(map(len, texts)) + 1), -7, dtype=torch.int32)
    lengths = torch.zeros(n, dtype=torch.int32)
    for row, slot in enumerate(slots):
        every[slot, : len(texts[row])] = torch.tensor(texts[row], dtype=torch.int32)
        lengths[slot] = len(texts[row])
    state = LogitsProcRequestState(
        device=torch.device("cpu"),
        max_num_reqs=n,
        vocab_size=logits.shape[1],
        all_token_ids=SimpleNamespace(gpu=every),
        prompt_len=SimpleNamespace(np=np.full(n, 3)),
        prefill_len=SimpleNamespace(np=np.full(n, 3)),
        total_len=SimpleNamespace(gpu=lengths),
    )
    processor = v2.MarkingLogitsProcessor(config(scene), state)
    for row, slot in enumerate(slots):
        processor.add_request(int(slot), params[row])
    rows = torch.tensor(slots)
    context = LogitsContext(
        expanded_idx_mapping=rows,
        idx_mapping=rows,
        idx_mapping_np=slots,
        expanded_local_pos=torch.zeros(n),
        input_ids=rows,
        pos=rows,
        seq_lens_upper_bound_np=slots,
    )
    return processor.apply(logits, context), processor


@each
def test_in_model_runner_v2_each_request_has_its_key(master: Master, scheme: Scheme) -> None:
    scene = served(master, scheme)
    chance = np.random.default_rng(8)
    params = [asked(bird) for bird in BIRDS[:3]] + [asked(None), asked("ibis", temperature=0.0)]
    texts = [[1, 2, 3 + n] for n in range(5)]
    torch.manual_seed(3)
    for _ in range(250):
        logits = torch.tensor(chance.normal(0, 1.5, (5, VOCABULARY)), dtype=torch.float32)
        made, processor = _second(scene, params, texts, logits.clone())
        assert torch.equal(made[3:], logits[3:]), "unmarked rows are vLLM's"
        drawn = torch.multinomial(torch.softmax(made, dim=1), 1)[:, 0]
        for text, token in zip(texts, drawn.tolist(), strict=True):
            text.append(token)
    assert sorted(processor.requests.unmarked.values()) == [1, 1]
    keys = scene.keys(scheme, *[f"cohort-7/{bird}" for bird in BIRDS])
    found = [detect([np.array(t[3:])], scheme, keys).named() for t in texts]
    assert found == [[f"cohort-7/{bird}"] for bird in BIRDS[:3]] + [[], []]


def test_vllm_refuses_what_is_no_account() -> None:
    name = "stillwatch.marks.serving.vllm_v2:MarkingLogitsProcessor"
    check = build_custom_logits_processors_params_validator([name])
    check(SamplingParams())
    check(asked("heron"))
    for wrong in ("heron", 7, "a/b/c", ""):
        params = SamplingParams(extra_args={"stillwatch": wrong})
        with pytest.raises(VLLMValidationError, match="names no account"):
            check(params)
        with pytest.raises(ValueError, match="names no account"):
            v1.MarkingLogitsProcessor.validate_params(params)


def test_an_engine_that_cannot_mark_rightly_does_not_start(master: Master) -> None:
    scene = served(master, GreenList())
    guessing = config(scene)
    guessing.speculative_config = SimpleNamespace()
    with pytest.raises(UsageError, match="speculative"):
        v1.MarkingLogitsProcessor(guessing, torch.device("cpu"), False)
    untold = config(scene)
    untold.additional_config = {}
    with pytest.raises(UsageError, match="--additional-config"):
        v2.MarkingLogitsProcessor(untold, None)


def test_who_is_revoked_is_served_unmarked_and_counted(
    master: Master, caplog: pytest.LogCaptureFixture
) -> None:
    scene = served(master, GreenList())
    processor = v1.MarkingLogitsProcessor(config(scene), torch.device("cpu"), False)
    Master(master.path, why="leaked").revoke("eu-chat/cohort-7/heron")
    scene.copy_register()
    batch = Batch(processor)
    for row in range(12):
        batch.add(row, asked("heron"), [1, 2, 3], [])
    batch.steps(1, np.random.default_rng(1))
    assert processor.requests.unmarked == {"their keys are revoked": 12}
    told = [record.getMessage() for record in caplog.records]
    assert told == [f"{n} not marked: their keys are revoked" for n in ("1 request", "10 requests")]


def test_installing_stillwatch_changes_no_vllm() -> None:
    """vLLM loads every entry point of its group in every engine, asked for or not."""
    from importlib.metadata import entry_points

    assert not [e for e in entry_points(group=LOGITSPROCS_GROUP) if "stillwatch" in e.value]


@each
@pytest.mark.parametrize("runner", ["vllm", "vllm_v2"])
def test_a_whole_engine_marks_each_request(master: Master, scheme: Scheme, runner: str) -> None:
    if runner == "vllm_v2" and not HAS_TRITON:
        pytest.skip("Model Runner V2 needs Triton")
    scene = served(master, scheme)
    Master(master.path, why="leaked").revoke("eu-chat/cohort-7/revoked")
    scene.copy_register()
    name = f"stillwatch.marks.serving.{runner}:MarkingLogitsProcessor"
    out = scene.place / "answers.json"
    done = subprocess.run(  # noqa: S603
        [
            sys.executable,
            Path(__file__).with_name("vllm_engine.py"),
            name,
            json.dumps(scene.settings),
            out,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=400,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "VLLM_USE_V2_MODEL_RUNNER": str(int(runner == "vllm_v2")),
            "VLLM_CPU_KVCACHE_SPACE": "1",
        },
    )
    told = json.loads(out.read_text("utf-8"))
    keys = scene.keys(scheme, "cohort-7/heron", "cohort-7/egret", "cohort-7/revoked", "cohort-7/x")
    found = [detect([np.array(text)], scheme, keys).named() for text in told["texts"]]
    assert found == [
        [account] if account in {"cohort-7/heron", "cohort-7/egret"} else [] for account in ACCOUNTS
    ]
    assert "names no account" in told["refused"]
    assert "request not marked: their keys are revoked" in done.stderr
    assert "cohort-7" not in done.stdout + done.stderr, "no account is in what it logs"
