"""The version of the sketch moves with whatever changes its values."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from stillwatch.sketch import SCHEMA, SKETCH_VERSION

PINNED = {1: "b10bb2f5b13f9bb0"}
"""Digest of the intent model and of the schema, for each version of the sketch."""


def test_a_new_model_or_schema_raises_the_version() -> None:
    digest = hashlib.sha256(files("stillwatch.sketch").joinpath("intents.npz").read_bytes())
    digest.update(str(SCHEMA.remove_metadata()).encode())
    assert PINNED[SKETCH_VERSION] == digest.hexdigest()[:16], (
        "the sketch's values changed: raise SKETCH_VERSION and pin the new digest beside the old"
    )
