"""YAML as people write it."""

from __future__ import annotations

from typing import Any

import yaml


class _Written(yaml.SafeDumper):
    """Nothing is said once and referred to."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def plain(content: dict[str, Any]) -> str:
    return yaml.dump(content, Dumper=_Written, sort_keys=False)
