"""Which requests of a vLLM engine are marked, and how many are not, and why.

A request says whose it is with `SamplingParams(extra_args={"stillwatch": "cohort-7/acct-heron"})`,
over HTTP with `"vllm_xargs": {"stillwatch": "cohort-7/acct-heron"}`.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from stillwatch.errors import RevokedError, StillwatchError, UsageError
from stillwatch.marks.serving.accounts import Accounts, names
from stillwatch.marks.serving.response import Response
from stillwatch.plural import plural

NAME = "stillwatch"
"""Of the argument of a request, and of the settings in `additional_config`."""
_GREEDY = 1e-5
"""Temperatures below are none to vLLM (`_SAMPLING_EPS` of its sampler)."""
_LOG = logging.getLogger("stillwatch.serving")


def check(sampling_params: Any) -> None:
    """Refuses a request whose account cannot be one; the engine answers 400. Raises `ValueError`.

    What was written is not repeated: it would go into logs.
    """
    account = (sampling_params.extra_args or {}).get(NAME)
    if account is None:
        return
    try:
        names(account if isinstance(account, str) else "")
    except UsageError:
        raise ValueError(
            f"{NAME}: names no account; an account is named by its cohort and itself, as "
            "cohort-7/acct-heron, each escaped as in an address of the web"
        ) from None


class Requests:
    """The requests of one engine process, as they come in.

    Raises `UsageError` where the engine is set up so that marks would not be right, and as
    `Accounts.of` does where its keys are not there: an engine that cannot mark does not start.
    """

    def __init__(self, vllm_config: Any) -> None:
        if vllm_config.speculative_config is not None:
            raise UsageError(
                "marks and speculative decoding do not go together: several tokens are drawn at "
                "once, before it is known which stay. Start vLLM without a speculative config"
            )
        settings = dict(vllm_config.additional_config).get(NAME)
        if settings is None:
            raise UsageError(
                f"{NAME}: vLLM was not told where its keys are; start it with --additional-config "
                f'\'{{"{NAME}": {{"sealed": ..., "secret": ..., "register": ...}}}}\''
            )
        self._accounts = Accounts.of(settings)
        self._seed = vllm_config.model_config.seed or 0
        self._came = 0
        self.unmarked: Counter[str] = Counter()
        """How many requests were left unmarked, by why."""

    @property
    def width(self) -> int:
        """Tokens of a text on which a choice hangs."""
        return self._accounts.scheme.width

    def admit(self, params: Any) -> Response | None:
        """How to answer a request, or None where it is left unmarked, and counted.

        An engine that raised an error here would end, with all its requests.
        """
        self._came += 1
        account = (params.extra_args or {}).get(NAME)
        if account is None:
            return self._left("they name no account")
        if params.temperature < _GREEDY:
            return self._left("they are greedy (temperature 0), and there is nothing to choose")
        try:
            marker = self._accounts.marker(account)
        except RevokedError:
            return self._left("their keys are revoked")
        except UsageError:
            return self._left("no epoch has begun for them, or they name no account of a cohort")
        except StillwatchError:
            return self._left("the register is not as it was written, or cannot be read")
        asked = (self._seed, self._came) if params.seed is None else (params.seed % 2**64,)
        return Response(marker, asked)

    def _left(self, why: str) -> Response | None:
        self.unmarked[why] += 1
        if (count := self.unmarked[why]) == 10 ** (len(str(count)) - 1):
            _LOG.warning("%s not marked: %s", plural(count, "request"), why)
        return None
