"""Finding signals: one file adds one, a name stands once, and what cannot be fed is said."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent

import pytest

from stillwatch.errors import UsageError
from stillwatch.signals import registry
from stillwatch.signals.model import AccountSignal, GroupSignal, Link
from stillwatch.sketch import SCHEMA

PLUGIN = """
    from stillwatch.signals.model import About, AccountSignal, Scale

    SIGNAL = AccountSignal(
        about=About(
            name={name!r},
            title="Answers on weekends",
            group="tempo",
            needs=("time",),
            innocent="Students work on weekends.",
            source="A test.",
        ),
        scale=Scale(edges=(0.5,), harvest=(0.5, 0.5), ordinary=(0.5, 0.5), reading="{{value}}"),
        aggregates=lambda t: {{}},
        value=lambda a: a.exchanges.cast("float64"),
    )
"""


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    registry.signals.cache_clear()
    yield
    registry.signals.cache_clear()


def plug(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, value: str = "weekends:SIGNAL"
) -> None:
    """Installs a package of one file with one entry point."""
    (tmp_path / "weekends.py").write_text(dedent(text))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "weekends", raising=False)
    point = EntryPoint("weekends", value, registry.ENTRY_POINTS)
    monkeypatch.setattr(
        registry, "entry_points", lambda *, group: [point] if group == point.group else []
    )


def test_one_file_and_one_entry_point_add_a_signal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = {s.about.name for s in registry.signals()}
    registry.signals.cache_clear()
    plug(monkeypatch, tmp_path, PLUGIN.format(name="weekends"))
    assert {s.about.name for s in registry.signals()} == before | {"weekends", "members_weekends"}
    assert "weekends" in {s.about.name for s in registry.account_signals(frozenset({"time"}))}


def test_signals_come_in_the_order_of_their_names() -> None:
    names = [s.about.name for s in registry.signals()]
    assert names == sorted(names)


def test_two_signals_of_one_name_are_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plug(monkeypatch, tmp_path, PLUGIN.format(name="pacing"))
    with pytest.raises(UsageError, match="two signals are called 'pacing'"):
        registry.signals()


@pytest.mark.parametrize(
    ("text", "value", "told"),
    [
        ("raise RuntimeError('broken wheel')", "weekends:SIGNAL", "'weekends' cannot be loaded"),
        ("SIGNAL = 3", "weekends:SIGNAL", "'weekends' is int, no signal"),
        ("OTHER = 3", "weekends:SIGNAL", "'weekends' cannot be loaded"),
        ("", "nowhere:SIGNAL", "'weekends' cannot be loaded"),
    ],
)
def test_a_plug_in_that_is_no_signal_is_told_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, value: str, told: str
) -> None:
    plug(monkeypatch, tmp_path, text, value)
    with pytest.raises(UsageError, match=told):
        registry.signals()


def test_a_signal_is_either_fed_or_said_to_starve() -> None:
    for columns in (frozenset(), frozenset({"time", "address"}), frozenset(SCHEMA.names)):
        fed = {
            s.about.name
            for find in (registry.account_signals, registry.links, registry.group_signals)
            for s in find(columns)
        }
        starved = {s.about.name: missing for s, missing in registry.starved(columns)}
        known = {s.about.name for s in registry.signals()}
        derived = {f"members_{name}" for name in starved} & known
        assert fed | starved.keys() | derived == known
        assert not derived & (fed | starved.keys())
        assert not fed & starved.keys()
        assert all(missing and not set(missing) & columns for missing in starved.values())


def test_traffic_with_every_column_starves_nothing() -> None:
    assert registry.starved(frozenset(SCHEMA.names)) == []


def test_each_kind_is_found_by_its_own_function() -> None:
    whole = frozenset(SCHEMA.names)
    assert all(isinstance(s, AccountSignal) for s in registry.account_signals(whole))
    assert all(isinstance(s, Link) for s in registry.links(whole))
    assert all(isinstance(s, GroupSignal) for s in registry.group_signals(whole))


def test_every_file_of_the_catalogue_with_a_signal_is_found() -> None:
    folder = Path(registry.catalogue.__path__[0])
    with_one = [f for f in folder.glob("*.py") if "\nSIGNAL = " in f.read_text()]
    written = [s for s in registry.signals() if not s.about.name.startswith("members_")]
    assert len(with_one) == len(written) > 20


def test_every_account_signal_gives_a_group_signal_too() -> None:
    names = {s.about.name for s in registry.signals() if isinstance(s, GroupSignal)}
    mine = [s.about.name for s in registry.signals() if isinstance(s, AccountSignal)]
    assert {f"members_{name}" for name in mine} <= names
