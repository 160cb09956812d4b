"""What serving engines share: whose mark a request gets, and how a token is chosen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from serving_scene import served

from stillwatch.errors import NoInputError, RevokedError, UsageError
from stillwatch.marks import (
    Coded,
    GreenList,
    Gumbel,
    Marker,
    Master,
    Scheme,
    Tournament,
    detect,
)
from stillwatch.marks.serving.accounts import Accounts
from stillwatch.marks.serving.response import Response

SCHEMES = [GreenList(), Gumbel(), Tournament(), Tournament(8, 1)]
each = pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)


def key(n: int) -> bytes:
    return n.to_bytes(16, "big")


@each
def test_a_server_marks_with_the_key_the_master_would(master: Master, scheme: Scheme) -> None:
    scene = served(master, scheme)
    accounts = Accounts.of(scene.settings)
    assert accounts.scheme == scheme
    assert (
        accounts.marker("cohort-7/heron").key
        == scene.keys(scheme, "cohort-7/heron")["cohort-7/heron"]
    )


def test_a_server_can_mark_with_codewords(master: Master) -> None:
    scene = served(master, GreenList())
    scheme = Accounts.of({**scene.settings, "coded": True}).scheme
    deployment = master.open("detect", ["eu-chat"]).keys["eu-chat"]
    assert scheme == Coded.under(deployment, GreenList())


def test_a_revocation_that_is_copied_holds_from_the_next_request_on(master: Master) -> None:
    scene = served(master, GreenList())
    accounts = Accounts.of(scene.settings)
    accounts.marker("cohort-7/heron")
    Master(master.path, why="leaked").revoke("eu-chat/cohort-7/heron")
    scene.copy_register()
    with pytest.raises(RevokedError):
        accounts.marker("cohort-7/heron")
    accounts.marker("cohort-7/egret")


def test_a_server_without_its_keys_does_not_start(master: Master, tmp_path: Path) -> None:
    scene = served(master, GreenList())
    with pytest.raises(UsageError, match=r"stillwatch.register: must be given"):
        Accounts.of({name: scene.settings[name] for name in ("sealed", "secret")})
    with pytest.raises(NoInputError, match=r"gone.jsonl: there is no register"):
        Accounts.of({**scene.settings, "register": str(tmp_path / "gone.jsonl")})
    Master(master.path).export(
        "eu-chat/cohort-7", GreenList(), scene.place / "server.pub", scene.place / "cohort.key"
    )
    with pytest.raises(UsageError, match="marks with that of a deployment"):
        Accounts.of({**scene.settings, "sealed": str(scene.place / "cohort.key")})


@pytest.mark.parametrize("name", ["heron", "cohort-7/heron/2026-11", "cohort-7/", "a/%ff"])
def test_what_is_no_account_gets_no_mark(master: Master, name: str) -> None:
    with pytest.raises(UsageError):
        Accounts.of(served(master, GreenList()).settings).marker(name)


@each
def test_over_all_keys_tokens_are_chosen_as_often_as_they_should_be(scheme: Scheme) -> None:
    """What was cut off is never chosen; the rest as the final distribution says, or as a green
    list tilts it."""
    logits = np.array([2.0, -np.inf, 1.0, 0.0, -np.inf, -1.0])
    p = np.exp(logits) / np.exp(logits).sum()
    text = np.array([3, 4, 5])
    chosen = [
        Response(Marker(scheme, key(n)), (0, n)).choose(text, 3, logits) for n in range(2_000)
    ]
    seen = np.bincount(np.array(chosen, dtype=np.int64), minlength=6) / 2_000
    assert seen[1] == seen[4] == 0.0
    wanted = p
    if isinstance(scheme, GreenList):
        tilted = np.array([Marker(scheme, key(n)).logits(text, logits) for n in range(2_000)])
        each_key = np.exp(tilted) / np.exp(tilted).sum(axis=1, keepdims=True)
        wanted = each_key.mean(axis=0)
    assert np.allclose(seen, wanted, atol=0.04)


@each
def test_who_is_asked_twice_for_a_token_answers_the_same(scheme: Scheme) -> None:
    """Processes that share a model, and one that runs a step again, choose alike."""
    chance = np.random.default_rng(2)
    one, other = (Response(Marker(scheme, key(1)), (7, 3)) for _ in range(2))
    text = [1, 2, 3]
    for _ in range(50):
        logits = chance.normal(0, 2, 40)
        first = one.choose(np.array(text), len(text), logits)
        assert one.choose(np.array(text), len(text), logits) == first
        assert other.choose(np.array(text[-3:]), len(text), logits) == first
        text.append(int(logits.argmax()) if first is None else first)


def test_a_response_that_is_taken_up_again_has_seen_what_it_had_seen() -> None:
    text = np.array([1, 2, 3, 9, 9, 9, 9, 1, 2, 3])
    taken_up = Response(Marker(Gumbel(), key(1)), (1,))
    taken_up.marker.resume(text, 7)
    assert taken_up.choose(text, len(text), np.zeros(20)) is None, "1 2 3 was seen"
    prompt = Response(Marker(Gumbel(), key(1)), (1,))
    prompt.marker.resume(text, 0)
    assert prompt.choose(text, len(text), np.zeros(20)) is not None, "a prompt is not the response"


@each
def test_behind_tokens_that_are_not_known_yet_nothing_is_marked(scheme: Scheme) -> None:
    response = Response(Marker(scheme, key(1)), (1,))
    assert response.choose(np.array([1, 2, -1]), 3, np.zeros(20)) is None


@each
def test_a_mark_survives_a_cut_off_tail(scheme: Scheme) -> None:
    chance = np.random.default_rng(5)
    keys = {str(n): key(n) for n in range(8)}
    response = Response(Marker(scheme, keys["3"]), (1, 1))
    text = [1, 2, 3]
    while len(text) < 303:
        logits = chance.normal(0, 1.5, 400)
        logits[logits < np.sort(logits)[-60]] = -np.inf
        token = response.choose(np.array(text), len(text), logits)
        text.append(int(chance.integers(400)) if token is None else token)
    assert detect([np.array(text)], scheme, keys).named() == ["3"]


@pytest.mark.parametrize("scheme", [Gumbel(), Tournament()], ids=lambda s: s.name)
def test_a_mark_that_is_cut_off_afterwards_is_of_another_distribution(scheme: Scheme) -> None:
    """Why tokens are drawn here: with temperature and top-p behind the mark, a fifth of what is
    drawn, or more, is what top-p should have cut off."""

    def served(logits: np.ndarray) -> np.ndarray:
        p = np.exp((logits - logits.max()) / 0.7)
        order = np.argsort(-p)
        before = np.cumsum(p[order]) - p[order]
        kept = np.where(before < 0.9 * p.sum(), p[order], 0.0)
        made = np.zeros_like(p)
        made[order] = kept / kept.sum()
        return made

    logits = np.random.default_rng(0).normal(0, 2.5, 1000)
    text = np.array([1, 2, 3])
    wanted = served(logits)
    late = np.mean([served(Marker(scheme, key(n)).logits(text, logits)) for n in range(800)], 0)
    with np.errstate(divide="ignore"):
        final = np.log(wanted)
    chosen = [Response(Marker(scheme, key(n)), (n,)).choose(text, 3, final) for n in range(800)]
    assert late[wanted == 0].sum() > 0.2
    assert not (wanted[np.array(chosen, dtype=np.int64)] == 0).any()
