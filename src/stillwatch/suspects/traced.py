"""`trace.json`: which accounts a suspect learned from, as one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import log
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stillwatch.marks import Coded, Key
from stillwatch.plural import plural
from stillwatch.progress import Progress, silent
from stillwatch.suspects.evidence import Evidence
from stillwatch.suspects.tracing import trace
from stillwatch.version import __version__


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Account(_Part):
    """What one account's codeword finds."""

    account: str
    log10_p: float = Field(description="Logarithm to base 10 of a bound of its p-value.")
    corrected_p: float = Field(description="For all accounts of this trace (Holm 1979).")
    revoked: datetime | None = Field(description="Since when its key is.")


class Trace(_Part):
    """One trace of one suspect."""

    schema_id: Literal["stillwatch.trace/1"] = Field(alias="schema", description="This schema.")
    made: datetime = Field(description="When it was traced, in UTC.")
    version: str = Field(description="The release of Stillwatch that traced.")
    source: tuple[str, ...] = Field(description="What was read, as it was named.")
    scheme: str = Field(description="The code, and the scheme within.")
    tokens: int = Field(description="Read in all.")
    windows: int = Field(description="Distinct ones that were scored.")
    copied: int = Field(description="Left out, since the suspect was given them to read.")
    alpha: float = Field(description="Family-wise error rate: of naming anybody wrongly.")
    named: tuple[str, ...] = Field(description="The surest first.")
    words: tuple[str, ...] = Field(description="The finding in words.")
    accounts: tuple[Account, ...] = Field(description="The surest first.")


def json_schema() -> dict[str, Any]:
    """JSON Schema of `trace.json`."""
    return Trace.model_json_schema(by_alias=True)


def traced(
    evidence: Evidence,
    deployment: Key,
    accounts: Mapping[str, Key],
    *,
    source: Sequence[str],
    alpha: float,
    revoked: Mapping[str, datetime] | None = None,
    progress: Progress = silent,
) -> Trace:
    """Traces a suspect to accounts, by name, of one deployment."""
    coded = Coded.under(deployment, evidence.scheme)
    keys = {name: key.of(coded) for name, key in accounts.items()}
    found = trace(evidence, coded, keys, progress)
    named = found.named(alpha)
    return Trace(
        schema="stillwatch.trace/1",
        made=datetime.now(UTC),
        version=__version__,
        source=tuple(source),
        scheme=coded.name,
        tokens=evidence.tokens,
        windows=len(evidence.windows),
        copied=evidence.copied,
        alpha=alpha,
        named=tuple(named),
        words=_words(named, len(keys), alpha, len(evidence.windows)),
        accounts=tuple(
            Account(
                account=name,
                log10_p=log_p / log(10),
                corrected_p=found.corrected[name],
                revoked=(revoked or {}).get(name),
            )
            for name, log_p in sorted(found.log_p.items(), key=lambda item: (item[1], item[0]))
        ),
    )


def _words(named: Sequence[str], accounts: int, alpha: float, windows: int) -> tuple[str, ...]:
    looked = f"Of {plural(accounts, 'account')}, by {plural(windows, 'distinct window')}"
    if not named:
        return (
            f"{looked}, none is named at a family-wise error rate of {alpha:g}. An account whose "
            "answers were a small part of what the suspect learned does not show.",
        )
    return (
        f"{looked}, {plural(len(named), 'account')} "
        f"{'is' if len(named) == 1 else 'are'} named: their answers were in what the suspect "
        f"learned. Of a thousand such traces, at most {alpha * 1000:g} name anybody wrongly, "
        "whoever else is guilty.",
        "It does not say who sent them: an account can be taken over, and its answers be passed "
        "on or published.",
    )
