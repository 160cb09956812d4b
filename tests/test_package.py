"""What `import stillwatch` offers, whatever was imported before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import stillwatch as sw
from stillwatch import config
from stillwatch import scan as imported
from stillwatch.find import Result
from stillwatch.hunts import Hunted, hunt
from stillwatch.scan import scan


def test_every_name_is_there_and_is_listed() -> None:
    assert {name: getattr(sw, name) for name in sw.__all__} == {
        "Hunted": Hunted,
        "Result": Result,
        "Settings": config.Settings,
        "StillwatchError": sw.errors.StillwatchError,
        "__version__": sw.version.__version__,
        "hunt": hunt,
        "scan": scan,
    }
    assert set(sw.__all__) <= set(dir(sw))
    assert imported is scan


def test_a_name_that_is_not_there_is_told_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'stillwatch' has no attribute 'scam'"):
        _ = sw.scam  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "first",
    [
        "",
        "import stillwatch.scan",
        "import stillwatch.scan as scan",
        "from stillwatch import scan",
        "from stillwatch.scan import scan",
        "from stillwatch import Result",
        "from stillwatch import *",
        "import stillwatch; stillwatch.scan",
    ],
)
def test_scan_is_the_function_and_not_the_module_of_that_name(first: str) -> None:
    lines = [
        first,
        "import inspect, sys",
        "import stillwatch as sw",
        "from stillwatch import scan",
        "assert inspect.isfunction(sw.scan)",
        "assert sw.scan is scan is sys.modules['stillwatch.scan'].scan",
    ]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)  # noqa: S603


def test_importing_the_library_leaves_interrupts_alone() -> None:
    code = (
        "import signal, stillwatch.cli, stillwatch.scan; "
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
