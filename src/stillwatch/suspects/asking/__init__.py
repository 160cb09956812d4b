"""Asking a suspect's endpoint: on a budget, to be gone on with, and sealed as evidence."""

from stillwatch.suspects.asking.answers import Answer, answers, is_transcript
from stillwatch.suspects.asking.chain import Verified, check, verify
from stillwatch.suspects.asking.endpoint import Api, Endpoint, key_from, known
from stillwatch.suspects.asking.gather import Gathered, ask
from stillwatch.suspects.asking.pace import Pace
from stillwatch.suspects.asking.spending import Budget

__all__ = [
    "Answer",
    "Api",
    "Budget",
    "Endpoint",
    "Gathered",
    "Pace",
    "Verified",
    "answers",
    "ask",
    "check",
    "is_transcript",
    "key_from",
    "known",
    "verify",
]
