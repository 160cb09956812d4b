"""The first tables, and the database's refusal to change what was written once.

A migration stays as it is: it does not follow the models of later releases.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
NAME = sa.String(200)
WORD = sa.String(20)
TIME = sa.DateTime(timezone=True)
TERM = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
RECORDS = (
    *("facts", "inferences", "kinships"),
    *("journal", "decisions", "approvals", "appeals", "rulings"),
)
WRITTEN_ONCE = (*RECORDS, "campaigns", "terms", "touched", "freed", "receipts")


def upgrade() -> None:
    _cover()
    _found()
    _decided()
    _index()
    _outbox()
    sqlite = op.get_bind().dialect.name == "sqlite"
    (_refuse_in_sqlite if sqlite else _refuse_in_postgresql)()


def _cover() -> None:
    _table(
        "cases",
        _key("number"),
        _column("campaign", NAME),
        _column("state", WORD),
        _column("assignee", NAME, nullable=True),
        _column("version"),
        _column("verdict", WORD),
        _column("probability", sa.Double()),
        _column("accounts"),
        _column("exchanges"),
        _column("opened", TIME),
        _column("last_seen", TIME),
    )
    _indexed("cases", "state", "number")
    _indexed("cases", "assignee", "number")
    _table(
        "campaigns",
        _key("campaign", NAME),
        _key("number"),
        _of_case("campaigns"),
    )
    _indexed("campaigns", "number")


def _found() -> None:
    _table(
        "facts",
        _key("number"),
        _key("version"),
        _column("scan", sa.String(64)),
        _column("made", TIME),
        _column("taken", TIME),
        _column("campaign", NAME),
        _column("document", sa.Text()),
        sa.UniqueConstraint("number", "scan", name="uq_facts_number_scan"),
        _of_case("facts"),
    )
    _table(
        "inferences",
        _key("number"),
        _key("version"),
        _column("verdict", WORD),
        _column("probability", sa.Double()),
        _column("bits", sa.Double()),
        _column("document", sa.Text()),
        _refers("inferences", "facts", "number", "version"),
    )
    _table(
        "kinships",
        _key("number"),
        _key("kind", WORD),
        _key("other"),
        _column("scan", sa.String(64)),
        _of_case("kinships"),
        sa.ForeignKeyConstraint(["other"], ["cases.number"], name="fk_kinships_other"),
    )
    _indexed("kinships", "other")


def _decided() -> None:
    _table(
        "journal",
        _key("number"),
        _key("line"),
        _column("kind", WORD),
        _column("text", sa.Text()),
        *_who(),
        _of_case("journal"),
    )
    _table(
        "decisions",
        _key("number"),
        _key("decision"),
        _column("measure", WORD),
        _column("accounts", sa.Text()),
        _column("reason", sa.Text()),
        _column("clause", NAME),
        _column("until", TIME),
        _column("way_back", sa.Text()),
        _column("grounds", sa.Text(), nullable=True),
        _column("version"),
        _column("second", sa.Boolean()),
        *_who(),
        _of_case("decisions"),
    )
    _indexed("decisions", "until")
    _table(
        "approvals",
        _key("number"),
        _key("decision"),
        *_who(),
        _refers("approvals", "decisions", "number", "decision"),
    )
    _table(
        "appeals",
        _key("number"),
        _key("appeal"),
        _column("account", sa.Text()),
        _column("statement", sa.Text()),
        *_who(),
        _of_case("appeals"),
    )
    _table(
        "rulings",
        _key("number"),
        _key("ruling"),
        _column("appeal", nullable=True),
        _column("outcome", WORD),
        _column("reaches", sa.Text()),
        _column("family", NAME, nullable=True),
        _column("reason", sa.Text()),
        *_who(),
        _of_case("rulings"),
        _refers("rulings", "appeals", "number", "appeal"),
    )


def _index() -> None:
    _table("terms", _key("kind", WORD), _key("term", TERM), _key("number"), _of_case("terms"))
    _indexed("terms", "number", "kind", "term")
    _table(
        "touched",
        _key("number"),
        _key("decision"),
        _key("place"),
        _column("account", sa.Text()),
        _refers("touched", "decisions", "number", "decision"),
    )
    _table(
        "freed",
        _key("number"),
        _key("decision"),
        _key("place"),
        _column("at", TIME),
        _refers("freed", "touched", "number", "decision", "place"),
    )


def _outbox() -> None:
    _table(
        "outbox",
        _key("place"),
        _column("topic", WORD),
        _column("entry", sa.String(36)),
        _column("body", sa.Text()),
    )
    _indexed("outbox", "topic", "place")
    _table("receipts", _key("entry", sa.String(36)), _column("position"), _column("at", TIME))


def _refuse_in_sqlite() -> None:
    for table in WRITTEN_ONCE:
        for change in ("update", "delete"):
            op.execute(
                f"create trigger {table}_{change} before {change} on {table} "
                "begin select raise(abort, 'rows of this table are written once'); end"
            )


def _refuse_in_postgresql() -> None:
    op.execute(
        "create function written_once() returns trigger language plpgsql as "
        "$$ begin raise exception 'rows of this table are written once'; end $$"
    )
    for table in WRITTEN_ONCE:
        op.execute(
            f"create trigger {table}_written_once before update or delete or truncate on {table} "
            "for each statement execute function written_once()"
        )


def _table(name: str, *parts: sa.Column[Any] | sa.Constraint) -> None:
    keys = [p.name for p in parts if isinstance(p, sa.Column) and p.info.get("key")]
    if name in RECORDS:
        parts = (
            *parts,
            _column("entry", sa.String(36)),
            _column("salt", sa.String(64)),
            sa.UniqueConstraint("entry", name=f"uq_{name}_entry"),
        )
    op.create_table(name, *parts, sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"))


def _key(name: str, kind: sa.types.TypeEngine[Any] = NUMBER) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, info={"key": True})


def _column(
    name: str, kind: sa.types.TypeEngine[Any] = NUMBER, *, nullable: bool = False
) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _who() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return _column("by", NAME), _column("at", TIME)


def _of_case(table: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(["number"], ["cases.number"], name=f"fk_{table}_number")


def _refers(table: str, other: str, *columns: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        columns, [f"{other}.{column}" for column in columns], name=f"fk_{table}_{'_'.join(columns)}"
    )


def _indexed(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
