"""A scenario that makes no sense is refused by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.errors import UsageError
from stillwatch.range import SCENARIOS, load_scenario


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_scenario(path)
    return str(caught.value).replace(str(path), "bad.toml")


def test_packaged_scenarios_load_by_name_and_files_by_path() -> None:
    assert {"demo", "tiny", "quiet"} <= set(SCENARIOS)
    for name, path in SCENARIOS.items():
        assert load_scenario(name) == load_scenario(path)


def test_a_short_file_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "short.toml"
    path.write_text('[[population]]\nkind = "chat"\naccounts = 3\n')
    assert load_scenario(path).days == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "days = 0\n[[population]]\nkind='chat'\naccounts=1",
            "bad.toml: days: must be greater than 0, not 0",
        ),
        (
            "[[campaign]]\nid='a'\naccounts=-5\nexchanges=10",
            "bad.toml: campaign[0].accounts: must be greater than 0, not -5",
        ),
        (
            "[[population]]\nkind='chat'\naccounts=1\ncolour='red'",
            "bad.toml: population[0].colour: there is no such key; there are kind, accounts, "
            "per_day, skew, regions, workload",
        ),
        (
            "[[campaign]]\nid='a'\naccounts=5\nexchanges=10\n[campaign.infrastructure]\npool_size=0",
            "bad.toml: campaign[0].infrastructure.pool_size: must be greater than 0, not 0",
        ),
        (
            "[[campaign]]\nid='A b'\naccounts=5\nexchanges=10",
            "bad.toml: campaign[0].id: must match the pattern ^[a-z0-9][a-z0-9_-]*$, not 'A b'",
        ),
        (
            "[[campaign]]\nid='a'\naccounts=5\nexchanges=10\nintents=[]",
            "bad.toml: campaign[0].intents: must hold at least 1, and holds 0",
        ),
        (
            "start='later'\n[[population]]\nkind='chat'\naccounts=1",
            "bad.toml: start: must be a time in ISO 8601, not 'later'",
        ),
        (
            "[[population]]\nkind='chat'\naccounts=1\nregions={mars=1}",
            "bad.toml: population[0].regions.mars: must be one of 'americas', 'europe', 'asia', "
            "not 'mars'",
        ),
    ],
)
def test_errors_name_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    assert refused(tmp_path, text) == message


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[[population]]\nkind='cats'\naccounts=1", ("population[0].kind", "'cats'", "chat")),
        ("[[lookalike]]\nkind='cats'", ("lookalike[0].kind", "class_of_students")),
        (
            "[[campaign]]\nid='a'\naccounts=5\nexchanges=10\nlevel='L9'",
            ("campaign[0].level", "L0, L1, L2, L3, L4"),
        ),
        (
            "[[campaign]]\nid='a'\naccounts=5\nexchanges=10\nevasion={jiter=1}",
            ("campaign[0].evasion", "'jiter'", "jitter, unbalanced"),
        ),
        (
            "[[campaign]]\nid='a'\naccounts=5\nexchanges=10\nevasion={padding=1.5}",
            ("campaign[0].evasion.padding", "less than 1"),
        ),
        (
            "unlogged=['prompt']\n[[population]]\nkind='chat'\naccounts=1",
            ("unlogged", "'prompt'", "payment_mark"),
        ),
        ("[[campaign]]\nid='a'\naccounts=5\nexchanges=4", ("campaign[0]", "too few")),
        (
            "[[campaign]]\nid='a'\naccounts=5\nexchanges=9\nstart=3",
            ("starts at day 3, and the scenario ends",),
        ),
        ("days = = 1", ("not a TOML file",)),
        ("seed = 1", ("at least one of",)),
    ],
)
def test_errors_say_what_would_do(tmp_path: Path, text: str, parts: tuple[str, ...]) -> None:
    told = refused(tmp_path, text)
    assert told.startswith("bad.toml: ")
    for part in parts:
        assert part in told


def test_an_unknown_name_lists_the_packaged_scenarios() -> None:
    with pytest.raises(UsageError, match=r"demo.*tiny"):
        load_scenario("nosuch")
