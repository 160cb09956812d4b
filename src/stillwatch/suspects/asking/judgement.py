"""What a reply is: an answer, a refusal, a failure that may pass, or one that will not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stillwatch.suspects.asking.completion import message, text, tokens
from stillwatch.suspects.asking.endpoint import Api
from stillwatch.suspects.asking.reply import Reply

_PASSING = (408, 409, 425, 429)
_HOPELESS = {
    401: "it does not take the key, or wants one: --key-from names the variable that has it",
    402: "it wants to be paid",
    404: "it knows no such model or path",
    405: "it takes no questions there",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """what: as a transcript names it; why: what is wrong; hopeless: nothing else will fare better;
    output_tokens: what it counts, None where nobody said.
    """

    what: Literal["answered", "refused", "failed"]
    why: str | None = None
    hopeless: bool = False
    output_tokens: int | None = None


def judge(reply: Reply, api: Api) -> Judgement:
    """What a reply is."""
    status = reply.status
    if status is None:
        return _silence(reply)
    if status == 200:
        return _answer(reply, api)
    said = message(reply.body)
    why = f"HTTP {status}" + (f": {said}" if said else "")
    if 300 <= status < 400:
        where = reply.headers.get("location", "nowhere")
        why = f"HTTP {status}: it sends elsewhere, to {where}; if that is it, ask there"
        return Judgement("failed", why, True, 0)
    if status in _HOPELESS:
        return Judgement("failed", f"{why} ({_HOPELESS[status]})", True, 0)
    if 400 <= status < 500 and status not in _PASSING:
        return Judgement("refused", why, output_tokens=0)
    return Judgement("failed", why, output_tokens=0)


def _silence(reply: Reply) -> Judgement:
    if reply.untrusted:
        return Judgement("failed", f"its certificate is not trusted: {reply.error}", True, 0)
    # Where nothing was reached, nothing was answered.
    return Judgement("failed", reply.error, output_tokens=0 if reply.unreached else None)


def _answer(reply: Reply, api: Api) -> Judgement:
    if not reply.whole:
        return Judgement("failed", reply.error)
    try:
        text(reply.body, api)
    except ValueError as error:
        return Judgement("failed", f"no answer of an OpenAI-compatible endpoint: {error}")
    return Judgement("answered", output_tokens=tokens(reply.body))
