"""By what a case is found."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from stillwatch.cases.tables import Term, write_many

LONGEST = 200


def words(text: str) -> set[str]:
    """The words of a text, in one form: letters and digits, case folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return {term(word) for word in re.findall(r"\w+", folded)}


def term(text: str) -> str:
    """A text as an index can hold it: of long ones the digest."""
    plain = text.replace("\0", "\ufffd")
    if len(plain) <= LONGEST:
        return plain
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def index(session: Session, number: int, terms: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Makes a case be found by terms, each a kind and a text; those it was not found by before."""
    wanted = {(kind, term(text)) for kind, text in terms}
    kinds = {kind for kind, _ in wanted}
    known = session.execute(
        select(Term.kind, Term.term).where(Term.number == number, Term.kind.in_(kinds))
    )
    fresh = wanted - {(kind, found) for kind, found in known}
    write_many(
        session,
        Term,
        [{"kind": kind, "term": found, "number": number} for kind, found in sorted(fresh)],
    )
    return fresh
