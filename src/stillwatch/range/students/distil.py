"""Distils a student: harvests a teacher, marked in part, and says how much of it had moved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field

from stillwatch.durable import replaced
from stillwatch.errors import OutputError, UsageError
from stillwatch.marks import Master, Scheme
from stillwatch.marks.windows import Tokens
from stillwatch.progress import Progress, silent
from stillwatch.range.students.asked import Marking
from stillwatch.range.students.corpus import corpus
from stillwatch.range.students.moved import STEPS, Exam, Quality
from stillwatch.range.students.school import Architecture, School, student
from stillwatch.range.students.transformer import Transformer

MASTER, SERVED, SAID, DOCUMENT = "master.key", "served.parquet", "said.parquet", "distil.json"
STUDENT = "student"
"""Folder of a student's weights, where it is of a kind that others read: a transformer."""
GUILTY, INNOCENT = "range/harvesters", "range/bystanders"
"""Cohorts whose keys are made: what was harvested is marked with the first."""


class Distilled(BaseModel):
    """What a distillation came to. All of it is simulated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int
    student: str
    scheme: str
    exchanges: int
    marked: int = Field(description="Exchanges that were marked, with the key of the harvesters.")
    teacher_surprise: float
    frequency_surprise: float
    quality: tuple[Quality, ...] = Field(description="By exchanges harvested.")


def distil(
    out: Path,
    *,
    exchanges: int,
    marked: float,
    scheme: Scheme,
    architecture: Architecture,
    asked: int,
    seed: int,
    progress: Progress = silent,
) -> Distilled:
    """Teaches a teacher, harvests it, trains a student, and asks it.

    Writes a master key, the marked texts that were served, what the student says to `asked` other
    questions, the weights of a transformer, and the document. marked: share of the exchanges that
    are.

    Raises
    ------
    UsageError
        A share is none, or there is nothing to harvest.
    OutputError
        The directory cannot be written, or was written before.
    """
    if not 0 <= marked <= 1:
        raise UsageError(f"--marked {marked}: a share, from 0 to 1")
    if exchanges < 64 or asked < 1:
        raise UsageError("harvest 64 exchanges at least, and ask something")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror}") from error
    if (out / DOCUMENT).exists():
        raise OutputError(f"{out}: holds a distillation already; choose another --out")
    if (out / MASTER).exists():
        # Of a run that was interrupted.
        master = Master(out / MASTER, why="range distil")
    else:
        master = Master.create(out / MASTER, why="range distil")
    school = School.open(corpus(), seed, _stage(progress, "teacher"))
    key = master.open("mark", [GUILTY]).keys[GUILTY].of(scheme)
    guilty = round(marked * exchanges)
    tokens = school.harvest(guilty, seed, Marking(scheme, [key] * guilty), _stage(progress, "mark"))
    plain = school.harvest(exchanges - guilty, seed + 1, None, _stage(progress, "harvest"))
    harvest = np.random.default_rng(seed).permutation(np.concatenate([tokens, plain]))
    exam = Exam.of(school, harvest, seed + 2)
    quality = []
    for share in STEPS:
        some = list(harvest[: round(share * exchanges)])
        stage = _stage(progress, f"student of {len(some):,}")
        suspect = student(architecture, some, school.corpus.vocabulary, seed + 3, stage)
        quality.append(exam.passed(suspect, len(some)))
    _, said = school.ask(suspect, asked, seed + 4)
    distilled = Distilled(
        seed=seed,
        student=architecture,
        scheme=scheme.name,
        exchanges=exchanges,
        marked=guilty,
        teacher_surprise=exam.best,
        frequency_surprise=exam.worst,
        quality=tuple(quality),
    )
    if isinstance(suspect, Transformer):
        suspect.save(out / STUDENT)
    _write(out, tokens, said, distilled)
    return distilled


def _write(out: Path, served: Tokens, said: Tokens, distilled: Distilled) -> None:
    for name, texts in ((SERVED, served), (SAID, said)):
        rows: Sequence[list[int]] = texts.tolist()
        table = pa.table({"tokens": pa.array(rows, pa.list_(pa.int64()))})
        with replaced(out / name) as fresh:
            pq.write_table(table, fresh, compression="zstd")
    with replaced(out / DOCUMENT) as fresh:
        fresh.write_text(distilled.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _stage(progress: Progress, name: str) -> Progress:
    return lambda _, done: progress(name, done)
