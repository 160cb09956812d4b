"""What was taken, as ranges."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from stillwatch.watch.taken import Range, Taken, joined, missing

CUTS = st.lists(st.integers(0, 60), unique=True, min_size=2, max_size=12).map(sorted)


@given(CUTS, st.data())
def test_ranges_and_what_is_missing_between_them_are_all(
    cuts: list[int], data: st.DataObject
) -> None:
    whole = [Range(a, b, b - a) for a, b in itertools.pairwise(cuts)]
    some = data.draw(st.lists(st.sampled_from(whole), unique=True))
    end = data.draw(st.integers(cuts[-1], 80))
    ranges = joined(some)
    gaps = list(missing(ranges, end))
    covered = sorted([(r.start, r.end) for r in ranges] + [(g.start, g.end) for g in gaps])
    assert [b for _, b in covered[:-1]] == [a for a, _ in covered[1:]], "no hole and no overlap"
    assert covered[0][0] == 0
    assert covered[-1][1] == end
    assert sum(r.lines for r in ranges) == sum(r.lines for r in some)
    for gap in gaps:
        assert gap.lines == sum(r.lines for r in some if r.end <= gap.start)


def test_a_stream_that_became_shorter_is_another() -> None:
    taken = Taken(streams={"a": [Range(0, 10, 1)], "a~1": [Range(0, 4, 1)]})
    assert taken.stream("a", 4) == ("a~1", [Range(0, 4, 1)])
    assert taken.stream("a", 40) == ("a~1", [Range(0, 4, 1)])
    assert taken.stream("a", 3) == ("a~2", [])
    assert taken.stream("b", 3) == ("b", [])
