"""Model Equality Testing: does an endpoint answer as our model does?

Gao, Liang and Guestrin 2024, Model Equality Testing: Which Model Is This API Serving?
(arXiv 2410.20247).
"""

from __future__ import annotations

from stillwatch.suspects.equality.comparison import Compared, compare

__all__ = ["Compared", "compare"]
