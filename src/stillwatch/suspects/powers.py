"""Small probabilities as people write them."""

from __future__ import annotations

from math import floor, log10

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent: float) -> str:
    """A probability by its logarithm to base 10.

    >>> power(-0.6), power(-4.67), power(-4321.5)
    ('0.25', '2.1 × 10⁻⁵', '3.2 × 10⁻⁴³²²')
    """
    if exponent > -3:
        return f"{10**exponent:.2g}"
    whole = floor(exponent)
    return f"{10 ** (exponent - whole):.1f} × {ten(whole)}"


def chance(p: float) -> str:
    """A probability; 0 where it is smaller than a number can be.

    >>> chance(1e-5), chance(0.0)
    ('1 × 10⁻⁵', '0')
    """
    return power(log10(p)).replace(".0 ×", " ×") if p else "0"


def ten(exponent: int) -> str:
    """A power of ten.

    >>> ten(-12)
    '10⁻¹²'
    """
    return f"10{str(exponent).translate(_RAISED)}"
