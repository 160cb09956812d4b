"""Numbers agree with their nouns."""

from __future__ import annotations

import doctest

from stillwatch import plural


def test_one_of_a_thing_is_one() -> None:
    found = doctest.testmod(plural)
    assert found.attempted
    assert not found.failed
