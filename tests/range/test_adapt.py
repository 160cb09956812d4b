"""An attacker who searches: what he may choose, what it costs him, and what is written of it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from stillwatch.config import Settings
from stillwatch.errors import OutputError, UsageError
from stillwatch.range import LAYOUTS, LEVELS, SCENARIOS, Scenario, adapt, costs, load_scenario, make
from stillwatch.range.adapt.crowds import among, crowds_to_measure, crowds_to_search
from stillwatch.range.adapt.document import Adapted, Fresh
from stillwatch.range.adapt.prices import Prices, bill
from stillwatch.range.adapt.sighting import MARGIN, Sighting, hidden, line
from stillwatch.range.adapt.space import CHOICES, UTMOST, campaign, rung
from stillwatch.range.adapt.watch import watched
from stillwatch.range.campaign import Infrastructure
from stillwatch.range.evaluate.scenarios import CROWDS, HARVESTS, INNOCENTS
from stillwatch.range.evasion import KNOBS
from stillwatch.range.matching import State
from stillwatch.range.rate import rate
from stillwatch.range.scenario import as_toml
from stillwatch.range.split import fitting, measuring
from stillwatch.signals.weights import packaged


@pytest.mark.parametrize("level", LEVELS)
def test_every_rung_can_be_chosen(level: str) -> None:
    made = campaign(rung(level), 2000)
    assert made.knobs == LEVELS[level]
    usual = LAYOUTS[level]
    assert made.duration == min(usual.days, 2)
    assert made.accounts == pytest.approx(2000 / usual.per_day / min(usual.days, 2), abs=1)
    shared = {"payment_share", "creation", "mimicry", "scrubbed"}
    assert made.infrastructure.model_dump(include=shared) == usual.setup.model_dump(include=shared)
    assert made.infrastructure.pool_size == round(usual.pool * made.accounts)


def test_every_knob_can_be_turned() -> None:
    keys = {key for settings in CHOICES.values() for key in settings[0]}
    assert set(KNOBS) <= keys
    assert keys - set(KNOBS) - set(Infrastructure.model_fields) == {
        "per_day",
        "days",
        "per_account",
    }
    for name, settings in CHOICES.items():
        assert len({tuple(s) for s in settings}) == 1, name


def test_a_bill_adds_up() -> None:
    plan = rung("L4").put({"homes": 3})
    made = bill(campaign(plan, 2000), Prices())
    assert (made.accounts, made.days, made.requests, made.wasted) == (200, 2, 4000, 0.5)
    assert (made.aged, made.homes, made.proxies, made.payments) == (200, 100, 0, 200)
    assert made.knobs == 17
    assert made.price == pytest.approx(200 + 100 + 20 + 10 + 30 + 0 + 100 + 17)


@pytest.mark.parametrize("name", Prices.__dataclass_fields__)
def test_every_price_counts(name: str) -> None:
    # Half of what there is, so that nothing is 0.
    made = campaign(UTMOST.put({"homes": 1, "payments": 1, "created": 1}), 2000)
    free = dict.fromkeys(Prices.__dataclass_fields__, 0.0)
    assert bill(made, Prices(**free)).price == 0
    one = bill(made, Prices(**{**free, name: 1.0})).price
    assert one > 0
    assert bill(made, Prices(**{**free, name: 2.0})).price == pytest.approx(2 * one)


@pytest.mark.parametrize("level", ["L0", "L1", "L4"])
def test_a_bill_says_what_is_made(tmp_path: Path, level: str) -> None:
    planned = campaign(rung(level), 600)
    make(Scenario(days=2, campaign=(planned,)), tmp_path)
    (spent,) = costs(tmp_path)
    expected = bill(planned, Prices())
    assert spent.accounts == expected.accounts
    assert spent.requests == expected.requests
    assert spent.wasted == pytest.approx(expected.wasted, abs=0.03)
    assert spent.payments == pytest.approx(expected.payments, abs=0.35 * expected.payments)


def test_crowds_to_search_in_are_not_those_to_measure_in() -> None:
    made = campaign(UTMOST, 400)
    searched = [among(c, made) for c in crowds_to_search(3, 0, small=False)]
    fresh = [among(c, made) for c in crowds_to_measure(small=False)]
    for scenario in searched:
        assert fitting(scenario).unlogged == ()
        with pytest.raises(UsageError, match="measures nothing"):
            measuring(scenario)
    for scenario in fresh:
        measuring(scenario)
    seeds = {s.seed for s in fresh}
    evaluated = range(CROWDS, CROWDS + len(HARVESTS) * len(LEVELS))
    assert not seeds & {*INNOCENTS, *HARVESTS, *evaluated}
    assert len(seeds) == 10
    assert {s.days for s in (*searched, *fresh)} == {2.0}


def test_a_seed_chooses_the_crowds() -> None:
    def seeds(seed: int) -> list[int]:
        return [c.seed for c in crowds_to_search(2, seed, small=True)]

    assert seeds(1) == seeds(1) != seeds(2)


def test_hidden_is_not_reported_by_a_margin() -> None:
    settings = Settings(prior_bits=-6.0, fdr=0.01)
    null = packaged().null
    assert null is not None
    assert line(Settings(prior_bits=-6.0, fdr=1e-9)) == pytest.approx(null.bits(1e-9))
    # However many false ones are allowed, each must be likelier than not by itself.
    assert line(Settings(prior_bits=-6.0, fdr=0.5)) == pytest.approx(6.0)
    assert hidden("missed", None, settings)
    assert hidden("missed", line(settings) - MARGIN - 0.1, settings)
    assert not hidden("missed", line(settings) - MARGIN + 0.1, settings)
    assert not hidden("found", 0.0, settings)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_written_is_the_scenario_read(tmp_path: Path, name: str) -> None:
    scenario = load_scenario(name)
    path = tmp_path / "again.toml"
    path.write_text(as_toml(scenario), encoding="utf-8")
    assert load_scenario(path) == scenario


@pytest.mark.parametrize("small", [True, False])
def test_the_campaign_that_is_written_is_the_one_that_was_found(
    tmp_path: Path, small: bool
) -> None:
    scenario = among(crowds_to_measure(small=small)[0], campaign(UTMOST, 1000))
    path = tmp_path / "adaptive.toml"
    path.write_text(as_toml(scenario), encoding="utf-8")
    again = load_scenario(path)
    assert again == scenario
    assert again.campaign[0].knobs == scenario.campaign[0].knobs


def test_what_is_naive_is_found_in_traffic_that_is_made(tmp_path: Path) -> None:
    (crowd,) = crowds_to_search(1, 0, small=True)
    seen = watched(tmp_path, among(crowd, campaign(rung("L0"), 800)))
    assert (seen.seed, seen.state, seen.hidden) == (crowd.seed, "found", False)
    assert seen.bits is not None
    assert seen.bits > line(Settings())
    assert [p.name for p in (tmp_path / "jobs").glob(f"searched-{crowd.seed}-*.json")]


def sees(scenario: Scenario) -> Sighting:
    """Whoever asks more than ten times a day is found."""
    (made,) = scenario.campaign
    busy = made.exchanges / made.accounts / (made.duration or 1) > 10.5
    state: State = "found" if busy else "missed"
    return Sighting(seed=scenario.seed, state=state, bits=20 if busy else 3, hidden=not busy)


def printed(document: Adapted) -> str:
    text = StringIO()
    Console(file=text, width=120).print(adapt.path_table(document))
    return text.getvalue()


@pytest.fixture
def simple(monkeypatch: pytest.MonkeyPatch) -> None:
    def fresh(_: Path, scenarios: list[Scenario], __: object) -> Fresh:
        seen = tuple(sees(measuring(s)) for s in scenarios)
        return Fresh(seen=seen, found=rate(0, len(seen)), accounts=rate(0, 1), wasted=0.0)

    monkeypatch.setattr("stillwatch.range.adapt.watched", lambda _, s: sees(fitting(s)))
    monkeypatch.setattr("stillwatch.range.adapt.fresh", fresh)


@pytest.mark.usefixtures("simple")
def test_all_is_written(tmp_path: Path) -> None:
    document = adapt.adapt(tmp_path, harvest=1000, evaluations=60, small=True)
    text = (tmp_path / "adaptive.json").read_text("utf-8")
    assert Adapted.model_validate_json(text) == document
    assert json.loads(text)["schema"] == "stillwatch.adaptive/1"
    assert json.loads(text)["simulated"] is True
    lines = (tmp_path / "path.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(ln)["why"] for ln in lines} == {s.why for s in document.path}
    assert document.evaluations == sum(len(s.seen) for s in document.path) <= 60
    assert document.cheapest is not None
    best = document.path[document.cheapest]
    assert best.hidden
    assert len(best.seen) == 6
    assert best.bill.price == min(s.bill.price for s in document.path if s.hidden)
    assert best.settings["per_day"] == 10
    (written,) = load_scenario(tmp_path / "adaptive.toml").campaign
    assert (written.accounts, written.exchanges) == (best.bill.accounts, 1000)


@pytest.mark.usefixtures("simple")
def test_what_is_printed_names_the_ladder_and_the_cheapest(tmp_path: Path) -> None:
    document = adapt.adapt(tmp_path, harvest=1000, evaluations=60, small=True)
    text = printed(document)
    for level in LEVELS:
        assert f"│ {level} " in text
    assert f"simulated (reported from {document.line:.1f} bits)" in text
    assert "Cheapest that stayed hidden" in text
    assert "Its price, in that of each level: L0 × " in text
    assert "In 2 fresh crowds it was found in 0" in text


@pytest.mark.usefixtures("simple")
def test_a_search_that_is_cut_off_keeps_what_it_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(_: Path, scenario: Scenario) -> Sighting:
        (made,) = scenario.campaign
        if made.knobs == LEVELS["L3"]:
            raise KeyboardInterrupt
        return sees(scenario)

    monkeypatch.setattr("stillwatch.range.adapt.watched", cut)
    with pytest.raises(KeyboardInterrupt):
        adapt.adapt(tmp_path, small=True)
    lines = (tmp_path / "path.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(ln)["why"] for ln in lines] == ["L0", "L1", "L2"]
    assert not (tmp_path / "adaptive.json").exists()


def test_where_nothing_hides_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(_: Path, scenario: Scenario) -> Sighting:
        return Sighting(seed=scenario.seed, state="found", bits=30, hidden=False)

    monkeypatch.setattr("stillwatch.range.adapt.watched", found)
    document = adapt.adapt(tmp_path, small=True)
    assert document.cheapest is None
    assert document.fresh is None
    assert not (tmp_path / "adaptive.toml").exists()
    assert "No plan stayed hidden" in printed(document)


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file/out: cannot be written"):
        adapt.adapt(tmp_path / "file" / "out")
