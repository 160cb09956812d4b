"""What was taken is counted, and what it is worth is drawn from what people assume."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from stillwatch.campaigns import document as campaigns
from stillwatch.cli import app
from stillwatch.errors import InputError, NoInputError, UsageError
from stillwatch.exposure.assumptions import Range, example, load
from stillwatch.exposure.drawing import DRAWS, draw, moved
from stillwatch.exposure.estimate import exposure
from stillwatch.exposure.taken import SURE

GIVEN = """\
currency: EUR
prices:
  aster-3-large: {input: 2, output: 10}
attacker:
  - {name: an account, of: accounts, shape: uniform, low: 5, high: 5, because: "Offers."}
scenarios:
  - id: billed
    title: What we would have billed
    of: list_price
    factors:
      - {name: share, shape: uniform, low: 1, high: 1, because: "All of it."}
"""


@pytest.fixture
def assumed(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "assumptions.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def campaign(tiny_out: Path) -> str:
    return campaigns.load(tiny_out / "campaigns.json").campaigns[0].id


def test_taken_is_what_the_logs_say(
    tiny_out: Path, tiny_range: Path, campaign: str, assumed: Callable[[str], Path]
) -> None:
    found = exposure(tiny_out, campaign, load(assumed(GIVEN)))
    logs = str(tiny_range / "traffic" / "*.parquet")
    with duckdb.connect() as db:
        rows = db.execute(
            """
            select x.model, x.input_tokens, x.output_tokens, x.account, e.bits
            from read_parquet($out) e join read_parquet($logs) x using (exchange_id)
            where e.campaign = $campaign and (x.status is null or x.status = 'ok')
            """,
            {"out": str(tiny_out / "exchanges.parquet"), "logs": logs, "campaign": campaign},
        ).fetchall()
    took = found.taken
    assert took.exchanges == len(rows) > 0
    assert took.input_tokens == sum(row[1] or 0 for row in rows)
    assert took.output_tokens == sum(row[2] or 0 for row in rows)
    assert took.accounts == len({row[3] for row in rows})
    assert took.sure == sum(row[4] >= SURE for row in rows)
    assert took.missing == 0
    priced = [r for r in rows if r[0] == "aster-3-large" and None not in r[1:3]]
    assert priced
    assert found.worth.amount == pytest.approx(
        sum(2 * read + 10 * written for _, read, written, *_ in priced) / 1e6
    )
    assert found.worth.unpriced == len(rows) - len(priced)
    assert found.attacker is not None
    assert found.attacker.amount.middle == 5 * took.accounts
    # A factor that is known, times what was taken, from what is sure to all of it.
    (billed,) = found.scenarios
    assert took.sure / took.exchanges * found.worth.amount <= billed.amount.low
    assert billed.amount.high <= found.worth.amount * (1 + 1e-9)


def test_draws_have_the_quantiles_that_were_given() -> None:
    given = Range(name="a", low=2, high=50, because="so")
    drawn = draw(given, np.random.default_rng(1))
    assert drawn.shape == (DRAWS,)
    # Of 20,000 draws the share below a quantile is binomial.
    for place, share in ((2, 0.05), (50, 0.95)):
        below = int((drawn < place).sum())
        assert stats.binomtest(below, DRAWS, share).pvalue > 1e-4
    flat = draw(given.model_copy(update={"shape": "uniform"}), np.random.default_rng(1))
    assert stats.kstest((flat - 2) / 48, "uniform").pvalue > 1e-4


def test_the_wider_factor_moves_more() -> None:
    chance = np.random.default_rng(2)
    wide, narrow = chance.lognormal(0, 2, DRAWS), chance.lognormal(0, 0.2, DRAWS)
    shares = moved(wide * narrow, [wide, narrow, np.ones(DRAWS)])
    assert shares[0] > 0.9
    assert 0.1 > shares[1] > shares[2] == 0
    assert sum(shares) == pytest.approx(1)


def test_the_same_seed_draws_the_same(
    tiny_out: Path, campaign: str, assumed: Callable[[str], Path]
) -> None:
    given = load(assumed(example()))
    once, again = (exposure(tiny_out, campaign, given) for _ in range(2))
    assert once.scenarios == again.scenarios
    assert exposure(tiny_out, campaign, given, seed=2).scenarios != once.scenarios


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("currency: EUR", "currency: euro"), ":1: currency: "),
        (("low: 5", "low: 9"), ":5: attacker.0.high: is below low, 9"),
        (("low: 1,", "low: -1,"), "scenarios.0.factors.0.low: must be 0 at least"),
        (("of: list_price", "of: prompts"), ":9: scenarios.0.of: is not one of exchanges"),
        ((', because: "All of it."', ""), "factors.0.because: is missing; where the two numbers"),
        (("input: 2", "input: -2"), ":3: prices.aster-3-large.input: "),
        (("prices", "price"), ":2: price: "),
    ],
)
def test_a_wrong_assumption_is_told_with_its_place(
    assumed: Callable[[str], Path], change: tuple[str, str], told: str
) -> None:
    assert change[0] in GIVEN
    path = assumed(GIVEN.replace(*change, 1))
    with pytest.raises(UsageError) as raised:
        load(path)
    assert told in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_campaign_that_is_not_there_is_told_with_those_that_are(
    tiny_out: Path, tmp_path: Path, campaign: str, assumed: Callable[[str], Path]
) -> None:
    given = load(assumed(GIVEN))
    with pytest.raises(InputError, match=campaign):
        exposure(tiny_out, "c-none", given)
    with pytest.raises(NoInputError, match="scan"):
        exposure(tmp_path, campaign, given)


def test_the_command_writes_page_and_document(
    tiny_out: Path, tmp_path: Path, campaign: str, assumed: Callable[[str], Path]
) -> None:
    path = assumed(GIVEN.replace("All of it.", "<script>alert(1)</script>"))
    curve = tmp_path / "distil.json"
    curve.write_text(json.dumps(distilled()), encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["--campaign", campaign, "--assumptions", str(path), "--out", str(out)]
    ran = CliRunner().invoke(
        app, ["exposure", "of", str(tiny_out), *arguments, "--curve", str(curve)]
    )
    assert ran.exit_code == 0, ran.output
    assert "Capability moved, on a simulated curve:" in ran.output
    document = json.loads((out / "exposure.json").read_text("utf-8"))
    assert document["curve"]["measured_to"] == 1000
    page = (out / "report.html").read_text("utf-8")
    assert "<script" not in page
    assert "That anybody owes it." in page


def test_a_curve_is_read_no_further_than_it_was_measured(tmp_path: Path) -> None:
    from stillwatch.exposure.curve import moved as read

    path = tmp_path / "distil.json"
    path.write_text(json.dumps(distilled()), encoding="utf-8")
    assert [read(path, n).moved for n in (1, 10, 100, 1000, 10**9)] == pytest.approx(
        [0.2, 0.2, 0.4, 0.6, 0.6]
    )


def distilled() -> dict[str, Any]:
    quality = [
        {"exchanges": n, "tokens": 60 * n, "surprise": 6.0, "moved": share}
        for n, share in ((10, 0.2), (1000, 0.6))
    ]
    return {
        "seed": 1,
        "student": "trigram",
        "scheme": "green-list",
        "exchanges": 1000,
        "marked": 0,
        "teacher_surprise": 5.0,
        "frequency_surprise": 8.0,
        "quality": quality,
    }
