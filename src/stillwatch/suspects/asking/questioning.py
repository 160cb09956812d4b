"""The questions of an asking, put one after another until there are none, or no more may be."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2

from stillwatch.errors import OutputError, UsageError
from stillwatch.plural import plural
from stillwatch.suspects.asking.endpoint import Endpoint
from stillwatch.suspects.asking.judgement import Judgement, judge
from stillwatch.suspects.asking.lines import Asked, Outcome, text_of
from stillwatch.suspects.asking.manifest import Manifest
from stillwatch.suspects.asking.pace import MOST_PATIENCE, Pace, Turns, asked_for
from stillwatch.suspects.asking.prompts import Prompt, Prompts, Question
from stillwatch.suspects.asking.reply import Reply, send
from stillwatch.suspects.asking.spending import Budget
from stillwatch.suspects.asking.transcript import Transcript

ALL_ASKED = "all questions were asked"
TRIES = 3
"""Times that one question may fail in one run."""
PATIENCE = 8
"""Failures in a row after which an endpoint is given up; `PATIENCE_UNHEARD` where nothing ever came
from it.
"""
PATIENCE_UNHEARD = 3
REFUSALS = 5
"""Refusals in a row after which it is given up: the next would be refused as well."""
_CONNECT = 15.0
_BUSY = (429, 503)


class Questioning:
    """One run over the questions that are left. Raises `UsageError` where no client can be made.

    ended: why it ends, once it does; gave_up: whether that is the endpoint's doing; last_failure:
    the last that was wrong with a question that failed too often; trouble: the last that was wrong
    with any.
    """

    def __init__(
        self,
        transcript: Transcript,
        endpoint: Endpoint,
        prompts: Prompts,
        manifest: Manifest,
        budget: Budget,
        pace: Pace,
        told: Callable[[], None],
    ) -> None:
        self.ended: str | None = None
        self.gave_up = False
        self.last_failure: str | None = None
        self.trouble: str | None = None
        self._transcript, self._endpoint, self._prompts = transcript, endpoint, prompts
        self._manifest, self._budget, self._pace, self._told = manifest, budget, pace, told
        done = transcript.spending.answered | transcript.spending.refused
        every = prompts.questions(manifest.samples)
        self._left = deque(question for question in every if question not in done)
        self._turns = Turns(pace.rate)
        self._tries: Counter[Question] = Counter()
        self._refusals = 0
        self._heard = self._well = False
        self._flying = 0
        self._stopped, self._landed = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._client = _client(pace)

    @property
    def lack(self) -> str | None:
        """Why nothing can be asked; None where something can."""
        if not self._left:
            return ALL_ASKED
        return self._transcript.spending.lacks(self._budget)

    async def run(self) -> None:
        """Asks until it ends. Raises `OutputError` where nothing more can be written down."""
        self._task = asyncio.current_task()
        try:
            async with self._client, asyncio.TaskGroup() as group:
                for _ in range(min(self._pace.at_once, len(self._left))):
                    group.create_task(self._ask_on())
        except* OutputError as errors:
            raise errors.exceptions[0] from None
        if self.ended is None:
            self.gave_up = self.last_failure is not None and not self._well
            self.ended = f"nothing was answered: {self.last_failure}" if self.gave_up else ALL_ASKED

    def stop(self, why: str) -> None:
        """Sends nothing more; what is on its way is waited for."""
        if self.ended is None:
            self.ended = why
        self._stopped.set()
        self._land()

    def drop(self) -> None:
        """Waits for nothing more."""
        if self._task is not None:
            self._task.cancel()

    async def _ask_on(self) -> None:
        while (question := await self._next()) is not None:
            await self._ask(question)

    async def _next(self) -> Question | None:
        while not self._stopped.is_set():
            if self._left:
                await self._turns.turn(self._stopped)
                # After a failure one goes ahead alone, to see whether it has passed.
                free = not (self._turns.in_row and self._flying)
                lack = self._transcript.spending.lacks(self._budget)
                if self._stopped.is_set():
                    break
                if self._left and free and lack is None:
                    # Nobody else comes between this and the line that says it was asked.
                    return self._left.popleft()
                if lack is not None and not self._flying:
                    self.stop(lack)
            elif not self._flying:
                break
            # What is on its way may fail and come back, or leave room in the budget.
            if self._flying:
                await self._landed.wait()
        return None

    async def _ask(self, question: Question) -> None:
        request = body(self._endpoint, self._prompts.by_line[question.prompt], self._manifest)
        asked = self._transcript.add(
            Asked(
                prompt=question.prompt,
                sample=question.sample,
                url=self._endpoint.address,
                request=request,
            )
        )
        self._flying += 1
        sent = time.monotonic()
        try:
            data = json.dumps(request, ensure_ascii=False).encode()
            reply = await send(self._client, self._endpoint, data, self._pace.timeout)
            judgement = judge(reply, self._endpoint.api)
            self._write(asked, reply, judgement)
            self._weigh(question, sent, reply, judgement)
        except asyncio.CancelledError:
            why = "dropped: nobody waited for the answer"
            self._write(asked, Reply(), Judgement("failed", why))
            raise
        finally:
            self._flying -= 1
            self._land()

    def _write(self, asked: Asked, reply: Reply, judgement: Judgement) -> None:
        held, encoding = text_of(reply.body)
        counted = judgement.output_tokens
        self._transcript.add(
            Outcome(
                what=judgement.what,
                to=asked.line,
                why=judgement.why,
                status=reply.status,
                headers=reply.headers,
                body=held,
                encoding=encoding,
                cut=reply.status is not None and not reply.whole,
                blotted=reply.blotted,
                peer=reply.peer,
                certificate=reply.certificate,
                seconds=round(reply.seconds, 3),
                output_tokens=self._manifest.max_tokens if counted is None else counted,
            )
        )

    def _weigh(self, question: Question, sent: float, reply: Reply, judgement: Judgement) -> None:
        """What follows from a reply for those to come."""
        self._heard = self._heard or reply.status is not None
        why = judgement.why or ""
        self.trouble = judgement.why or self.trouble
        if judgement.what != "failed":
            self._turns.went_well()
            self._well = True
            self._refusals = self._refusals + 1 if judgement.what == "refused" else 0
            self._told()
            if self._refusals >= REFUSALS:
                self._give_up(f"{plural(REFUSALS, 'question')} in a row were refused: {why}")
            return
        if judgement.hopeless:
            self._give_up(why)
            return
        wanted = asked_for(reply.headers.get("retry-after"))
        if wanted is not None and wanted > MOST_PATIENCE:
            self._give_up(f"it asks to be left alone for {plural(round(wanted), 'second')}: {why}")
            return
        self._turns.failed(sent, wanted)
        in_row = self._turns.in_row
        if in_row >= (PATIENCE if self._heard else PATIENCE_UNHEARD):
            self._give_up(f"it failed {plural(in_row, 'time')} in a row: {why}")
            return
        # That it is busy is not the question's fault.
        self._tries[question] += reply.status not in _BUSY
        if self._tries[question] < TRIES:
            self._left.append(question)
        else:
            self.last_failure = why

    def _give_up(self, why: str) -> None:
        if self.ended is None:
            self.gave_up = True
        self.stop(why)

    def _land(self) -> None:
        self._landed.set()
        self._landed = asyncio.Event()


def body(endpoint: Endpoint, prompt: Prompt, manifest: Manifest) -> dict[str, Any]:
    """The JSON of a request."""
    asked: dict[str, Any]
    if endpoint.api == "completions":
        asked = {"prompt": prompt}
    elif isinstance(prompt, str):
        asked = {"messages": [{"role": "user", "content": prompt}]}
    else:
        asked = {"messages": list(prompt)}
    return {
        "model": endpoint.model,
        **asked,
        "temperature": manifest.temperature,
        "max_tokens": manifest.max_tokens,
    }


def _client(pace: Pace) -> httpx2.AsyncClient:
    try:
        return httpx2.AsyncClient(
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=min(_CONNECT, pace.timeout)),
            limits=httpx2.Limits(max_connections=pace.at_once),
            # An endpoint is not to see that two questions come from the same hand.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )
    except (OSError, ValueError, httpx2.InvalidURL) as error:
        raise UsageError(
            "the proxies or certificates that the environment names (HTTPS_PROXY, SSL_CERT_FILE "
            f"and the like) cannot be used: {error}"
        ) from error
