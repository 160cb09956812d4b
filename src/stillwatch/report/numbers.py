"""Numbers as people read them: no false digits, no bare exponents."""

from __future__ import annotations

_SCALE = (
    (10**12, "trillion"),
    (10**9, "billion"),
    (10**6, "million"),
)


def count(n: int) -> str:
    """
    >>> count(13_400_000)
    '13,400,000'
    """
    return f"{n:,}"


def bits(x: float) -> str:
    """Bits with one decimal, or none from 100 on: never more than three significant digits.

    >>> bits(12.345), bits(-3.0), bits(123.4), bits(-0.01)
    ('12.3', '−3.0', '123', '0.0')
    """
    size = f"{abs(x):.1f}" if abs(x) < 99.95 else f"{float(f'{abs(x):.3g}'):,.0f}"
    return size if x >= 0 or float(size.replace(",", "")) == 0 else f"−{size}"


def signed(x: float) -> str:
    """
    >>> signed(3.14), signed(-1.0), signed(0.0)
    ('+3.1', '−1.0', '0.0')
    """
    size = bits(x)
    return f"+{size}" if x > 0 and size != "0.0" else size


def rate(x: float) -> str:
    """A q-value or another rate: two significant digits, and no claim below a ten-thousandth.

    >>> rate(0.00423), rate(0.0), rate(0.05)
    ('0.0042', '<0.0001', '0.05')
    """
    if x < 0.0001:
        return "<0.0001"
    return f"{float(f'{x:.2g}'):f}".rstrip("0").rstrip(".")


def tiny(x: float) -> str:
    """A rate of accounts, of which a provider may have millions, as one in so many.

    >>> tiny(0.0001), tiny(0.0000042), tiny(0.0), tiny(0.3)
    ('1 in 10,000', '1 in 240,000', 'below 1 in a million', '1 in 3')
    """
    if x < 1e-6:
        return "below 1 in a million"
    return f"1 in {int(float(f'{1 / x:.2g}')):,}"


def expected(x: float) -> str:
    """An expected number of false campaigns, in words that fit after "about" or stand alone.

    >>> expected(0.0234), expected(0.0), expected(1.26)
    ('about 0.02', 'fewer than 0.01', 'about 1.3')
    """
    if x < 0.01:
        return "fewer than 0.01"
    return f"about {rate(x)}" if x >= 0.1 else f"about {x:.2f}".rstrip("0")


def percent(part: float, whole: float) -> str:
    """A share that says 0% and 100% only where they are true.

    >>> percent(1, 3), percent(1, 100_000), percent(99_999, 100_000), percent(5, 0)
    ('33%', '<1%', '>99%', '0%')
    """
    share = 100 * part / whole if whole else 0.0
    if 0 < share < 1:
        return "<1%"
    if 99 < share < 100:
        return ">99%"
    return f"{share:.0f}%"


def hundredths(x: float) -> str:
    """
    >>> hundredths(0.05), hundredths(0.001)
    ('5%', '0.1%')
    """
    return f"{100 * x:.3g}%"


def probability(p: float) -> str:
    """A posterior probability; beyond 99.99% the model, not the data, would be speaking.

    >>> probability(0.873), probability(0.9999999), probability(0.00001)
    ('87%', 'over 99.99%', 'under 0.01%')
    """
    if p > 0.9999:
        return "over 99.99%"
    if p < 0.0001:
        return "under 0.01%"
    percents = 100 * p
    return f"{percents:.2g}%" if percents < 99 else f"{percents:.4g}%"


def odds(x: float) -> str:
    """Bits as odds.

    >>> odds(10.0), odds(-2.0), odds(23.4), odds(0.0)
    ('1,020 to 1', '1 to 4', '11.1 million to 1', 'even')
    """
    size = 2.0 ** min(abs(x), 60)
    if size < 1.05:
        return "even"
    words = _large(size)
    return f"{words} to 1" if x > 0 else f"1 to {words}"


def _large(size: float) -> str:
    if size >= 10**15:
        return "more than a quadrillion"
    for unit, name in _SCALE:
        if size >= unit:
            return f"{float(f'{size / unit:.3g}'):g} {name}"
    return f"{float(f'{size:.3g}'):,.0f}" if size >= 10 else f"{size:.2g}"
