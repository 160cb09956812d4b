"""Trains the intent model of the sketch: `python training/intents.py`.

Learns from the train split of the template families, chooses its regularisation and temperature
on the tune split, and only then looks at the test split, once, to write the reference page.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from documentation import documentation, passages
from intent_data import (
    SEED,
    Sample,
    augmented,
    exchanges,
    matrix,
    samples,
    scaled,
    unknown,
    weights,
)
from intent_report import report
from stillwatch.sketch.intents import IntentModel
from stillwatch.sketch.schema import INTENTS

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "src/stillwatch/sketch/intents.npz"
PAGE = ROOT / "docs/reference/intents.md"
VERSION = "2026.11"

PER_TRAIN, PER_TUNE = 60, 60
"""Exchanges rendered for each family and language."""

STRENGTHS = (10.0, 30.0, 100.0)
"""Inverse regularisation strengths (C) tried, weakest penalty last."""

DOCUMENTED, UNKNOWN = 0.25, 0.05
"""Weights, within the ordinary, of documentation and of texts of unknown words."""

PRIOR = {i: 0.5 if i == "ordinary" else 0.5 / (len(INTENTS) - 1) for i in INTENTS}
"""Shares of the classes in training. Bits are counted against them, so they cancel."""

Fit = tuple[np.ndarray, np.ndarray]


def main() -> None:
    # Sums in another order are other sums: one thread, so that a machine repeats its file.
    threadpool_limits(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-test", action="store_true", help="stop before the test split")
    arguments = parser.parse_args()

    rows, real = exchanges("train", PER_TRAIN), documentation("train")
    learnt = augmented(samples(rows), rows, real)
    tuned = samples(exchanges("tune", PER_TUNE))
    print(f"{len(learnt)} texts to learn from, {len(tuned)} to tune on")
    x, y, w = _examples(learnt, real, np.random.default_rng((SEED, 2)))
    tx, ty, tw = _examples(tuned, documentation("tune"), np.random.default_rng((SEED, 3)))

    fits: list[tuple[float, float, float, Fit]] = []
    model = LogisticRegression(warm_start=True, max_iter=400, tol=1e-6)
    for strength in STRENGTHS:
        model.C = strength
        model.fit(x, y, sample_weight=w)
        fit = _in_order(model)
        z = tx @ fit[0] + fit[1]
        temperature = _temperature(z, ty, tw)
        loss = _binary_loss(z / temperature, ty, tw)
        print(
            f"C {strength}: tune loss {loss:.4f} bits at temperature {temperature:.3f}, "
            f"accuracy {np.average(z.argmax(axis=1) == ty, weights=tw):.4f}"
        )
        fits.append((loss, strength, temperature, fit))
    loss, strength, temperature, (weight, bias) = min(fits, key=lambda f: f[0])
    trained = IntentModel(
        weights=(weight / temperature).astype(np.float32),
        bias=(bias / temperature).astype(np.float32),
        classes=INTENTS,
        prior=np.array([PRIOR[i] for i in INTENTS], dtype=np.float32),
        version=VERSION,
    )
    trained.save(MODEL)
    print(f"wrote {MODEL.relative_to(ROOT)}, {MODEL.stat().st_size:,} bytes")
    if not arguments.no_test:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        # Measured as packaged, in half precision, not as trained.
        PAGE.write_text(report(IntentModel.load(MODEL), strength, temperature, loss))
        print(f"wrote {PAGE.relative_to(ROOT)}")


def _examples(
    found: list[Sample], real: list[str], rng: np.random.Generator
) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
    """(features, labels, weights): the samples, pieces of documentation, texts of unknown words.

    The last two are ordinary and carry DOCUMENTED and UNKNOWN of that class's weight.
    """
    x, y, w = matrix([s.text for s in found]), _labels(found), weights(found, PRIOR)
    extra = len(found) // 8
    ordinary = float(w[y == 0].sum())
    w[y == 0] *= 1 - DOCUMENTED - UNKNOWN
    documents = matrix(passages(real, extra, rng))
    return (
        sparse.vstack([x, documents, scaled(unknown(extra, rng))], format="csr"),
        np.concatenate([y, np.zeros(2 * extra, dtype=y.dtype)]),
        np.concatenate([w, *(np.full(extra, ordinary * p / extra) for p in (DOCUMENTED, UNKNOWN))]),
    )


def _labels(found: list[Sample]) -> np.ndarray:
    return np.array([INTENTS.index(s.intent) for s in found])


def _in_order(model: LogisticRegression) -> Fit:
    """(weights [features, classes], bias [classes]), classes in the order of INTENTS."""
    if model.classes_.tolist() != list(range(len(INTENTS))):
        raise ValueError(f"the train split lacks a class: {model.classes_}")
    return np.ascontiguousarray(model.coef_.T), model.intercept_


def _binary_loss(z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
    """Mean log loss of harvest against ordinary, in bits."""
    odds = logsumexp(z[:, 1:], axis=1) - z[:, 0]
    return float(np.average(np.logaddexp(0, np.where(y > 0, -odds, odds)), weights=w) / np.log(2))


def _temperature(z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
    """The divisor of the scores that makes them best calibrated (Guo et al. 2017)."""
    found = minimize_scalar(
        lambda t: _binary_loss(z / np.exp(t), y, w), bounds=(-2.0, 3.0), method="bounded"
    )
    return float(np.exp(found.x))


if __name__ == "__main__":
    main()
