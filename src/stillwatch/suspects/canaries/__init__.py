"""Canaries: questions and answers that were made up, planted in outputs, and looked for.

A model that answers what only we and one account knew was told by that account, or has read what
it was served. Carlini et al. 2019, The Secret Sharer (arXiv 1802.08232).
"""

from __future__ import annotations

from stillwatch.suspects.canaries.canary import Canary, Served
from stillwatch.suspects.canaries.look import Looked, Sighting, look
from stillwatch.suspects.canaries.register import Register, add, load, plant

__all__ = ["Canary", "Looked", "Register", "Served", "Sighting", "add", "load", "look", "plant"]
