"""Whether the error rates hold: wrong keys, unmarked students, and the innocent beside the guilty.

    python benchmarks/suspects_null.py [--students 50] [--runs 20]

Of a neural teacher of a thousand words, `trigram` students (they take a second each):

- **null**: students of unmarked exchanges, each of 4,369 drawn from 17,476; each is tested with 200
  wrong keys (10,000 in all). By the side of it a quarter of them with each window counted as often
  as it came.
- **true**: students of unmarked exchanges, beside a harvest that they did not read, marked with a
  key of its own; each is tested with that key, behind the contexts of that harvest, by what it said
  and by its weights.
- **cohorts**: 64 keys, 4 of which marked a tenth of what the student learned each.
- **accounts**: 24,000 codewords, 4 of them guilty with a tenth each; what the trace costs, beside
  as many keys of their own.

All is simulated on this machine. Writes .bench/suspects/null.json.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from scipy import stats

from stillwatch.marks import Coded, Contexts, GreenList, Gumbel, Scheme, Tournament
from stillwatch.marks.detection import holm
from stillwatch.marks.scheme import score
from stillwatch.marks.windows import windows
from stillwatch.range.rate import rate
from stillwatch.range.students.asked import Marking
from stillwatch.range.students.corpus import corpus
from stillwatch.range.students.school import QUESTION, School, Weights, student
from stillwatch.suspects.evidence import Evidence
from stillwatch.suspects.listening import listen
from stillwatch.suspects.reading import read
from stillwatch.suspects.tracing import trace

OUT = Path(".bench/suspects/null.json")
EXCHANGES, ASKED, WRONG = 8_738, 2_184, 200
SERVED = 546
SCHEMES: list[Scheme] = [GreenList(bias=3.0), Gumbel(width=2), Tournament(width=2)]
COHORTS, ACCOUNTS, GUILTY, SHARE = 64, 24_000, 4, 0.1
WITHIN = GreenList(bias=3.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=50)
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    school = School.open(corpus(), 50)
    found: dict[str, object] = {"null": null(school, options.students)}
    print(json.dumps(found), flush=True)
    found["true"] = true(school, options.students)
    print(json.dumps(found["true"]), flush=True)
    plain = school.harvest(round((1 - GUILTY * SHARE) * EXCHANGES), 7000)
    found["cohorts"] = [guilty(school, plain, run, coded=False) for run in range(options.runs)]
    print(json.dumps(found["cohorts"]), flush=True)
    found["accounts"] = [guilty(school, plain, run, coded=True) for run in range(options.runs)]
    print(json.dumps(found["accounts"]), flush=True)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n")


def null(school: School, students: int) -> list[dict[str, object]]:
    """For each scheme: uniformity and error rates of wrong keys."""
    once: dict[str, list[float]] = {scheme.name: [] for scheme in SCHEMES}
    again: dict[str, list[float]] = {scheme.name: [] for scheme in SCHEMES}
    pool = school.harvest(2 * EXCHANGES, 1000)
    for number in range(students):
        drawn = np.random.default_rng(1000 + number).choice(
            len(pool), EXCHANGES // 2, replace=False
        )
        suspect = student("trigram", list(pool[drawn]), school.corpus.vocabulary, 0)
        asked, said = school.ask(suspect, ASKED, 2000 + number)
        chance = np.random.default_rng(3000 + number)
        wrong = [chance.bytes(16) for _ in range(WRONG)]
        for scheme in SCHEMES:
            heard = listen(list(said), scheme, asked=list(asked))
            each = np.concatenate([windows(text, scheme.width) for text in said])
            once[scheme.name] += [heard.score(key).p for key in wrong]
            again[scheme.name] += [score(scheme, key, each).p for key in wrong[::4]]
        print(f"student {number + 1} of {students}", flush=True)
    return [
        {
            "scheme": name,
            "keys": len(once[name]),
            "uniform_p": stats.kstest(once[name], "uniform").pvalue,
            "at_0.001": below(once[name], 1e-3),
            "at_0.01": below(once[name], 1e-2),
            "each_time_at_0.001": below(again[name], 1e-3),
        }
        for name in once
    ]


def true(school: School, students: int) -> list[dict[str, object]]:
    """For each scheme: the key of a harvest against students that did not read it."""
    said_p: dict[str, list[float]] = {scheme.name: [] for scheme in SCHEMES}
    held_p: dict[str, list[float]] = {scheme.name: [] for scheme in SCHEMES}
    for number in range(students):
        plain = school.harvest(EXCHANGES // 4, 11_000 + number)
        suspect = student("trigram", list(plain), school.corpus.vocabulary, 0)
        asked, said = school.ask(suspect, ASKED, 12_000 + number)
        key = np.random.default_rng(13_000 + number).bytes(16)
        for scheme in SCHEMES:
            marking = Marking(scheme, [key] * SERVED)
            marked = school.harvest(SERVED, 14_000 + number, marking)
            served = Contexts.of([text[QUESTION - scheme.width :] for text in marked], scheme.width)
            heard = listen(list(said), scheme, served=served, asked=list(asked))
            seen = read(Weights(suspect), list(marked), scheme, served=served)
            said_p[scheme.name].append(heard.score(key).p)
            held_p[scheme.name].append(seen.score(key).p)
        print(f"student {number + 1} of {students}, true key", flush=True)
    return [
        {
            "scheme": scheme.name,
            "said_uniform_p": stats.kstest(said_p[scheme.name], "uniform").pvalue,
            # A bound may be too large, and must not be too small.
            "held_too_small_p": stats.kstest(
                held_p[scheme.name], "uniform", alternative="greater"
            ).pvalue,
            "said_at_0.01": below(said_p[scheme.name], 1e-2),
            "held_at_0.01": below(held_p[scheme.name], 1e-2),
            "said": said_p[scheme.name],
        }
        for scheme in SCHEMES
    ]


def below(found: list[float], alpha: float) -> dict[str, object]:
    """Share of p-values of at most alpha, and its interval."""
    return rate(sum(p <= alpha for p in found), len(found)).model_dump()


def guilty(school: School, plain: np.ndarray, run: int, *, coded: bool) -> dict[str, object]:
    """One run with 4 guilty of a tenth each: who is named at 0.001, and at what cost."""
    chance = np.random.default_rng(5000 + run)
    many = ACCOUNTS if coded else COHORTS
    keys = {f"a{number}": chance.bytes(16) for number in range(many)}
    bad = sorted(chance.choice(list(keys), GUILTY, replace=False).tolist())
    scheme = Coded(WITHIN, chance.bytes(16)) if coded else WITHIN
    each = round(SHARE * EXCHANGES)
    using = [keys[name] for name in bad for _ in range(each)]
    marked = school.harvest(len(using), 6000 + run, Marking(scheme, using))
    suspect = student("trigram", list(np.concatenate([marked, plain])), school.corpus.vocabulary, 0)
    asked, said = school.ask(suspect, ASKED, 8000 + run)
    served = Contexts.of([text[QUESTION - WITHIN.width :] for text in marked], WITHIN.width)
    evidence = listen(list(said), WITHIN, served=served, asked=list(asked))
    begun = time.perf_counter()
    if isinstance(scheme, Coded):
        traced = trace(evidence, scheme, keys)
        named, log_p = list(traced.named(1e-3)), dict(traced.log_p)
    else:
        log_p = {name: evidence.score(key).log_p for name, key in keys.items()}
        named = [name for name, p in holm(log_p).items() if p <= 1e-3]
    took = time.perf_counter() - begun
    row: dict[str, object] = {
        "windows": len(evidence.windows),
        "named": len(set(named) & set(bad)),
        "innocent": len(set(named) - set(bad)),
        "guilty_log10_p": sorted(log_p[name] / np.log(10) for name in bad),
        "seconds": took,
    }
    if coded:
        row["own_keys_seconds"] = own(evidence, keys)
    print(row, flush=True)
    return row


def own(evidence: Evidence, keys: dict[str, bytes], tried: int = 500) -> float:
    """Seconds that as many keys of their own would take, from some of them."""
    begun = time.perf_counter()
    for key in list(keys.values())[:tried]:
        evidence.score(key)
    return (time.perf_counter() - begun) / tried * len(keys)


if __name__ == "__main__":
    main()
