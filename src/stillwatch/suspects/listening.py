"""Black box: what a suspect said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from stillwatch.marks.contexts import Contexts
from stillwatch.marks.detection import gather
from stillwatch.marks.scheme import Scheme
from stillwatch.marks.windows import Tokens, mix
from stillwatch.suspects.evidence import Evidence


def listen(
    said: Iterable[Tokens],
    scheme: Scheme,
    *,
    served: Contexts | None = None,
    asked: Iterable[Tokens] = (),
) -> Evidence:
    """The distinct windows of what a suspect said.

    served: contexts that were served with marks; behind others it can have learned nothing (the
    filter of Sander et al. 2024, arXiv 2402.14904, section 4). asked: what it was given to read:
    a window that it repeats from there says nothing of what it was trained on.
    """
    gathered = gather(said, scheme.width, served)
    heard = Evidence(scheme, gathered.tokens, gathered.windows)
    given = gather(asked, scheme.width).windows
    if not len(given):
        return heard
    own = ~np.isin(mix(heard.windows), mix(given))
    return replace(heard, windows=heard.windows[own], copied=int((~own).sum()))
