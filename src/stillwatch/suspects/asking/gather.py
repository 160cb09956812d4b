"""An asking: from prompts to a sealed transcript."""

from __future__ import annotations

import asyncio
import contextlib
import json
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from stillwatch.errors import EndpointError, UsageError
from stillwatch.progress import Progress, silent
from stillwatch.suspects.asking import manifest as manifests
from stillwatch.suspects.asking import prompts as prompt_files
from stillwatch.suspects.asking.endpoint import Endpoint
from stillwatch.suspects.asking.lines import Begun
from stillwatch.suspects.asking.pace import Pace
from stillwatch.suspects.asking.spending import Budget
from stillwatch.suspects.asking.transcript import Transcript, opened

if TYPE_CHECKING:
    from stillwatch.suspects.asking.questioning import Questioning

GRACE = 5.0
"""Seconds that answers on their way are waited for after an interrupt."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What an asking has, over all its runs.

    questions: prompts times samples; answered, refused: how many of them; requests, output_tokens:
    spent; lines, head: of the transcript, and the SHA-256 of its last line; ended: why this run
    did; last_failure: what was wrong with a question that failed too often in this run; trouble:
    the last failure or refusal of this run, whatever came of it.
    """

    questions: int
    answered: int
    refused: int
    requests: int
    output_tokens: int
    lines: int
    head: str
    ended: str
    last_failure: str | None = None
    trouble: str | None = None

    @property
    def left(self) -> int:
        """Questions without an answer or a refusal."""
        return self.questions - self.answered - self.refused


def ask(
    endpoint: Endpoint,
    prompts: Path,
    out: Path,
    budget: Budget,
    *,
    samples: int = 1,
    temperature: float = 1.0,
    max_tokens: int = 512,
    pace: Pace | None = None,
    progress: Progress = silent,
) -> Gathered:
    """Asks an endpoint what a file of prompts says, and seals what came back.

    Called again with the same endpoint, prompts and settings it goes on, and asks nothing again
    that was answered or refused; the budget is for all runs together. Budget and pace may change.
    Answers are on disk before they count. `progress` is called from another thread.

    Raises
    ------
    UsageError
        Something makes no sense, or the folder is of another asking.
    NoInputError, FormatError
        There are no prompts, or one is none; the transcript was changed since it was written.
    OutputError
        The folder cannot be written, or another process asks there.
    EndpointError
        The endpoint was given up. What it answered is kept and sealed.
    KeyboardInterrupt
        After answers on their way were waited for, a little, and all was sealed.
    """
    try:
        from stillwatch.suspects.asking.questioning import Questioning
    except ImportError as error:
        raise UsageError(
            f"asking: {error.name} is not installed; pip install 'stillwatch[suspects]'"
        ) from error
    read = prompt_files.read(prompts)
    if endpoint.key is not None and any(
        endpoint.key in json.dumps(prompt, ensure_ascii=False) for prompt in read.by_line.values()
    ):
        raise UsageError(f"{prompts}: the key stands in a prompt; it would be written down")
    wanted = manifests.manifest(endpoint, read, samples, temperature, max_tokens)
    if budget.output_tokens is not None and budget.output_tokens < max_tokens:
        raise UsageError(
            f"--output-tokens {budget.output_tokens}: less than one answer may have, {max_tokens}; "
            "name more, or fewer --max-tokens"
        )
    total = len(read.by_line) * samples
    with opened(out, wanted) as transcript:
        spending = transcript.spending

        def told() -> None:
            progress("asking", (len(spending.answered) + len(spending.refused)) / total)

        questioning = Questioning(transcript, endpoint, read, wanted, budget, pace or Pace(), told)
        lack = questioning.lack
        if lack is None or not transcript.sealed:
            transcript.add(
                Begun(
                    software=manifests.SOFTWARE,
                    requests=budget.requests,
                    output_tokens=budget.output_tokens,
                    cut=transcript.cut,
                )
            )
            told()
            _run(questioning, transcript)
        ended = questioning.ended or lack or ""
        trouble = questioning.trouble
        if questioning.gave_up or (trouble is not None and not spending.answered):
            raise EndpointError(
                f"{endpoint.url}: {_with(ended, trouble)}. {len(spending.answered)} of {total} "
                f"questions are answered and kept in {out}; the same command goes on"
            )
        return Gathered(
            questions=total,
            answered=len(spending.answered),
            refused=len(spending.refused),
            requests=spending.requests,
            output_tokens=spending.output_tokens,
            lines=transcript.count,
            head=transcript.head,
            ended=ended,
            last_failure=questioning.last_failure,
            trouble=trouble,
        )


def _with(ended: str, trouble: str | None) -> str:
    return (
        ended if trouble is None or trouble in ended else f"{ended}, and the last said: {trouble}"
    )


def _run(questioning: Questioning, transcript: Transcript) -> None:
    """Runs in a thread of its own: only the main one is interrupted, and not amid a line."""
    loop = asyncio.new_event_loop()
    done: Future[None] = Future()

    def work() -> None:
        try:
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(questioning.run())
            transcript.seal(questioning.ended or "")
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(None)

    thread = Thread(target=work, name="asking", daemon=True)
    thread.start()
    try:
        done.result()
    except KeyboardInterrupt:
        loop.call_soon_threadsafe(questioning.stop, "interrupted")
        try:
            done.result(GRACE)
        except (Late, KeyboardInterrupt):
            loop.call_soon_threadsafe(questioning.drop)
            done.result()
        raise
    finally:
        thread.join()
        loop.close()
