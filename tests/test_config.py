"""Settings: what is printed loads back, and what is wrong is told by file and key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillwatch import Settings, config
from stillwatch.errors import UsageError


def test_printed_settings_load_back_to_the_defaults(
    tmp_path: Path, stillwatch: Callable[..., Any]
) -> None:
    ran = stillwatch("config")
    (tmp_path / "s.toml").write_text(ran.out)
    assert ran.code == 0
    assert config.load(tmp_path / "s.toml") == Settings() == config.load(None)


def test_settings_that_were_changed_load_back_too(tmp_path: Path) -> None:
    changed = Settings(
        fdr=0.2,
        lead_probability=0.5,
        prior_bits=-3.5,
        fewest_accounts=7,
        weights=tmp_path / "w.json",
        memory="3.5 GiB",
        workers=5,
        rules=(tmp_path / "rules", tmp_path / 'one "quoted".yml'),
    )
    (tmp_path / "s.toml").write_text(config.as_toml(changed))
    assert config.load(tmp_path / "s.toml") == changed


def test_every_setting_is_printed_with_what_it_means() -> None:
    text = config.as_toml(Settings())
    for name, field in Settings.model_fields.items():
        assert f"{name} = " in text
        assert field.description
        assert f"# {field.description}" in text


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("fdr = 0", "fdr"),
        ("fdr = 1.5", "fdr"),
        ('fdr = "often"', "fdr"),
        ("lead_probability = -1", "lead_probability"),
        ("prior_bits = 3", "prior_bits"),
        ("fewest_accounts = 1", "fewest_accounts"),
        ('memory = "much"', "memory"),
        ("workers = -1", "workers"),
        ("weights = 7", "weights"),
        ('rules = "folder"', "rules"),
        ("fbr = 0.01", "fbr"),
        ("[fdr]\nvalue = 0.01", "fdr"),
    ],
)
def test_a_bad_setting_is_told_by_file_and_key(tmp_path: Path, text: str, key: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        config.load(path)
    assert str(error.value).startswith(f"{path}: {key}")
    assert "Input should" not in str(error.value)


def test_every_bad_setting_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("fdr = 2\nworkers = -1\nnew = 1\n")
    with pytest.raises(UsageError) as error:
        config.load(path)
    assert len(str(error.value).splitlines()) == 3


@pytest.mark.parametrize("content", [b"fdr = = 1", b"\xff\xfe", b"fdr"])
def test_what_is_no_toml_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="not TOML") as error:
        config.load(path)
    assert str(path) in str(error.value)


def test_a_missing_settings_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.toml: cannot be read"):
        config.load(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fdr = 1.5", "fdr: must be less than 1, not 1.5"),
        ('fdr = "often"', "fdr: must be a number, not 'often'"),
        ("fewest_accounts = 1", "fewest_accounts: must be at least 2, not 1"),
        ("fewest_accounts = 2.5", "fewest_accounts: must be a whole number, not 2.5"),
        ('memory = "much"', "memory: 'much' is no amount of memory; write it like 8GB or 75%"),
        ("memory = true", "memory: must be text, not true"),
        ("weights = [1]", "weights: must be a path, not a list"),
        ('rules = "folder"', "rules: must be a list, not 'folder'"),
        ("[fdr]\nvalue = 1", "fdr: must be a number, not a table"),
        (f"fdr = '{'x' * 99}'", f"fdr: must be a number, not '{'x' * 38}…"),
        ("fdr = 2026-11-20", "fdr: must be a number, not 2026-11-20"),
        ("prior_bits = -inf", "prior_bits: must be a finite number, not -inf"),
        ("prior_bit = -3", "prior_bit: there is no such key; did you mean 'prior_bits'?"),
        (
            "colour = 1",
            "colour: there is no such key; there are fdr, account_fpr, lead_probability, "
            "prior_bits, fewest_accounts, weights, rules, licences, engine, scratch, memory, "
            "workers",
        ),
    ],
)
def test_a_bad_setting_says_what_may_stand_there(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        config.load(path)
    assert str(error.value) == f"{path}: {told}"


@pytest.mark.parametrize("name", ["duckdb", "local[2]", "local", "spark://m:7077", "sc://h:15002"])
def test_engines_that_there_are(name: str) -> None:
    assert config.with_engine(Settings(), name).engine == name


def test_an_engine_that_there_is_not_is_told() -> None:
    with pytest.raises(UsageError, match="--engine: 'oracle' is no engine"):
        config.with_engine(Settings(), "oracle")
