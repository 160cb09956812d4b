"""Placeholder."""

from stillwatch.sketch.intents import IntentModel


def report(model: IntentModel, strength: float, temperature: float, loss: float) -> str:
    return ""
