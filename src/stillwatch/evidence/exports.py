"""Makes a proof. That it was made, for what and of what, is logged before anybody has it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping

from stillwatch.errors import UsageError
from stillwatch.evidence import merkle, proof, proof_document, signing
from stillwatch.evidence.checkpoints import Checkpoint
from stillwatch.evidence.entries import Entry
from stillwatch.evidence.log import Log


def export(
    log: Log, indices: Iterable[int], said: Mapping[str, str], since: bytes | None = None
) -> bytes:
    """A proof of entries, as a file.

    said: what the log is to say of who made it and why; since: a checkpoint of then, of which is to
    be shown that the log goes on from it.

    Raises
    ------
    UsageError
        There is no such entry.
    TamperedError
        The earlier checkpoint is not of this log, or it did not become this one.
    """
    wanted = sorted(set(indices))
    if not wanted:
        raise UsageError("name the entries to prove")
    notes = signing.handovers(log.public)
    keys = signing.published_keys(log.public) or [log.key]
    old = None if since is None else Checkpoint.verified(since, keys, "the earlier checkpoint")
    texts = {index: log.entry(index).data for index in wanted}
    held = [(index, merkle.leaf_hash(texts[index])) for index in wanted]
    made = Entry("export", log.key.name, {**said, **proof.about(held, keys, old)})
    (last,) = log.append([made])
    signed = log.checkpoint()
    texts[last] = made.data
    document = proof_document.Document.model_validate(
        {
            "schema": proof_document.SCHEMA_ID,
            "origin": signed.origin,
            "key": log.key.label,
            "checkpoint": signed.note.decode(),
            "handovers": tuple(note.decode() for note in notes),
            "entries": tuple(
                {
                    "index": index,
                    "entry": text.decode(),
                    "path": _text(log.inclusion(index, signed)),
                }
                for index, text in texts.items()
            ),
            "since": None
            if old is None
            else {
                "checkpoint": old.note.decode(),
                "path": _text(log.consistency(old.size, signed)),
            },
        }
    )
    data = document.written()
    # What does not hold is not handed out.
    proof.verified(data, log.key, str(log.directory))
    return data


def _text(path: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(base64.b64encode(one).decode() for one in path)
