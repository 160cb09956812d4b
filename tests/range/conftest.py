from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.range import Made, load_scenario, make


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The packaged tiny scenario, made once."""
    return make(load_scenario("tiny"), tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def tiny_dir(tiny: Made) -> Path:
    return tiny.truth.parent
