"""Keys that were handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stillwatch.marks.keys import Key
from stillwatch.marks.register import Revocation
from stillwatch.marks.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Opened:
    """Keys, by the texts they were asked for with. revoked: those that are, by the same texts.

    Whoever had a revoked key can write its mark. Such a mark names the key's account only in texts
    that are known to be older than the leak.
    """

    keys: Mapping[str, Key]
    revoked: Mapping[str, Revocation]

    def of(self, scheme: Scheme) -> dict[str, bytes]:
        """Their keys for one scheme, as `detect` takes them; secret, and to be used at once."""
        return {name: key.of(scheme) for name, key in self.keys.items()}
