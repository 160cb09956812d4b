"""Two scans as one that a third follows."""

from __future__ import annotations

from stillwatch.campaigns.document import Campaign, Scan
from stillwatch.campaigns.joined import joined


def _scan(**groups: tuple[Campaign, ...]) -> Scan:
    return Scan.model_construct(
        **{"campaigns": (), "leads": (), "spared": (), "dormant": (), **groups}
    )


def _group(id: str, bits: float) -> Campaign:
    return Campaign.model_construct(id=id, bits=bits)


def test_the_first_knows_best() -> None:
    first = _scan(campaigns=(_group("a", 1),), spared=(_group("b", 2),))
    other = _scan(campaigns=(_group("b", 3), _group("c", 4)), leads=(_group("a", 5),))
    both = joined(first, other)
    assert both is not None
    assert [(g.id, g.bits) for g in both.campaigns] == [("a", 1), ("c", 4)]
    assert [(g.id, g.bits) for g in both.spared] == [("b", 2)]
    assert both.leads == ()


def test_one_of_them_is_enough() -> None:
    one = _scan()
    assert joined(one, None) is one
    assert joined(None, one) is one
    assert joined(None, None) is None
