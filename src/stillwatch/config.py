"""The settings of a scan: one typed model with its defaults, printed by `stillwatch config`."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    field_validator,
)
from pydantic_core import ErrorDetails

from stillwatch.complaints import sentence
from stillwatch.errors import UsageError

_ENGINE = re.compile(r"duckdb|(spark|sc)://\S+|local(\[(\d+|\*)\])?")
_MEMORY = re.compile(r"\d+(\.\d+)?\s*(%|[KMGT]i?B)")


class Settings(BaseModel):
    """What a provider may set. Every field has a default that is safe to start with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fdr: float = Field(
        default=0.01,
        gt=0,
        lt=1,
        description="False discovery rate at which groups are reported as campaigns.",
    )
    account_fpr: float = Field(
        default=0.0001,
        gt=0,
        lt=1,
        description="Share of all accounts that may be flagged in the mean though innocent, by "
        "one scan: the more accounts a group has, the more bits it needs.",
    )
    lead_probability: float = Field(
        default=0.02,
        gt=0,
        lt=1,
        description="Posterior probability from which a group that is not reported is a lead.",
    )
    prior_bits: float = Field(
        default=-6.0,
        lt=0,
        allow_inf_nan=False,
        description="log2 of the odds, before any evidence, that a candidate group is a campaign.",
    )
    fewest_accounts: int = Field(
        default=3, ge=2, description="Smallest number of accounts that can be a campaign."
    )
    weights: Path | None = Field(
        default=None, description="Weights file to use in place of the packaged one."
    )
    rules: tuple[Path, ...] = Field(
        default=(), description="Rules to add: YAML files, and folders of them."
    )
    licences: tuple[Path, ...] = Field(
        default=(),
        description="Licences, whose traffic is no evidence: YAML files, and folders of them.",
    )
    engine: str = Field(
        default="duckdb",
        description="Where tables are computed: `duckdb`, or a Spark: `spark://host:7077`, "
        "`sc://host:15002` (Spark Connect), `local[4]` (in this process).",
    )
    scratch: Path | None = Field(
        default=None,
        description="Directory for tables that are kept while a scan runs; of a Spark cluster, one "
        "that all its machines reach.",
    )
    memory: str = Field(
        default="75%",
        description="Memory that DuckDB may use before it spills to disk: `8GB`, `75%`.",
    )
    workers: int = Field(
        default=0, ge=0, description="Processes that read and sketch; 0: one for each core."
    )

    @field_validator("engine")
    @classmethod
    def _engine(cls, name: str) -> str:
        if not _ENGINE.fullmatch(name):
            raise ValueError(
                f"{name!r} is no engine; write duckdb, spark://host:7077, sc://host:15002 (Spark "
                "Connect) or local[4] (Spark in this process)"
            )
        return name

    @field_serializer("engine", when_used="json")
    def _shown(self, name: str) -> str:
        return without_token(name)

    @field_validator("memory")
    @classmethod
    def _amount(cls, memory: str) -> str:
        if not _MEMORY.fullmatch(memory):
            raise ValueError(f"{memory!r} is no amount of memory; write it like 8GB or 75%")
        return memory


def load(path: Path | None) -> Settings:
    """Settings from a TOML file, or the defaults. Raises `UsageError` naming file and key."""
    if path is None:
        return Settings()
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        return Settings.model_validate(found)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        raise UsageError("\n".join(_said(path, e) for e in error.errors())) from error


def _said(path: Path, error: ErrorDetails) -> str:
    where = ".".join(map(str, error["loc"])) or "file"
    return f"{path}: {where}: {sentence(error, Settings)}"


def without_token(engine: str) -> str:
    """The name of an engine as it may be shown; Spark Connect takes secrets behind it.

    >>> without_token("sc://spark.internal:15002/;use_ssl=true;token=secret")
    'sc://spark.internal:15002'
    """
    return engine.partition(";")[0].rstrip("/")


def with_engine(settings: Settings, engine: str) -> Settings:
    """The settings with another engine. Raises `UsageError` for one that there is not."""
    try:
        return Settings.model_validate({**settings.model_dump(), "engine": engine})
    except ValidationError as error:
        raise UsageError(f"--engine: {sentence(error.errors()[0], Settings)}") from error


def with_licences(settings: Settings, licences: Iterable[Path]) -> Settings:
    """The settings with further licences."""
    return settings.model_copy(update={"licences": (*settings.licences, *licences)})


def as_toml(settings: Settings) -> str:
    """The settings as a commented TOML file, ready to edit."""
    lines: list[str] = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        lines.append(f"# {field.description}")
        if value is None:
            lines.append(f'# {name} = "path/to/file"')
        elif isinstance(value, str | Path):
            lines.append(f'{name} = "{value}"')
        elif isinstance(value, tuple):
            lines.append(f"{name} = {json.dumps([str(one) for one in value], ensure_ascii=False)}")
        else:
            lines.append(f"{name} = {value}")
        lines.append("")
    return "\n".join(lines)
