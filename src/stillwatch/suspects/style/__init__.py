"""Style: whose hand does a suspect write, and is it nobody's here?

A closed set of teachers always has a nearest one, and names the innocent. Here a teacher is named
only if it is nearer than all of many sources that have nothing to do with the suspect.
"""

from __future__ import annotations

from stillwatch.suspects.style.attribution import Attributed, Attribution, attribute
from stillwatch.suspects.style.profile import Profile, profile

__all__ = ["Attributed", "Attribution", "Profile", "attribute", "profile"]
