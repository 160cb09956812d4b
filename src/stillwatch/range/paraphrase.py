"""Rewording of a prompt, as a campaign does that does not want its template seen.

Openings, closings and common words of instruction change, and sentences may change places. The
subject stays. This is the cheap rewording of a script, not that of a model.
"""

from __future__ import annotations

import re

import numpy as np

_WORDS: dict[str, tuple[str, ...]] = {
    "explain": ("describe", "set out", "lay out", "go through"),
    "provide": ("give", "offer", "supply", "write down"),
    "detailed": ("thorough", "full", "careful", "in-depth"),
    "reasoning": ("thinking", "thought process", "line of thought", "deliberation"),
    "step": ("stage", "part", "move"),
    "steps": ("stages", "parts", "moves"),
    "answer": ("solution", "reply", "result"),
    "question": ("problem", "query", "task"),
    "write": ("compose", "draft", "produce"),
    "generate": ("create", "produce", "come up with"),
    "create": ("make", "devise", "build"),
    "solve": ("work out", "resolve", "tackle"),
    "following": ("given", "next", "present"),
    "compare": ("weigh", "contrast", "set side by side"),
    "rate": ("score", "grade", "mark"),
    "score": ("rate", "grade", "mark"),
    "must": ("should", "has to", "needs to"),
    "complete": ("entire", "whole", "full"),
    "final": ("last", "closing", "concluding"),
    "show": ("present", "lay out", "spell out"),
    "then": ("after that", "afterwards", "next"),
    "each": ("every single", "every"),
    "please": ("kindly", "could you", "I would like you to"),
    "before": ("prior to", "ahead of"),
    "include": ("add", "cover", "put in"),
    "response": ("reply", "output", "text"),
    "instruction": ("task", "directive", "request"),
    "think": ("reflect", "reason", "ponder"),
}
_OPENINGS = (
    "",
    "",
    "Hi. ",
    "Here is what I need. ",
    "One more for you: ",
    "For my notes: ",
    "I am working on something. ",
    "Let us take the next one. ",
    "Could you help with this? ",
)
_CLOSINGS = (
    "",
    "",
    "",
    " Thank you.",
    " Take your time.",
    " Be careful with it.",
    " That is all.",
    " Keep it readable.",
)
_FOUND = re.compile(r"\b(" + "|".join(_WORDS) + r")\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def paraphrase(text: str, rng: np.random.Generator) -> str:
    """The text said otherwise; about two in three of the words it knows are exchanged."""
    dice = iter(rng.random(64).tolist())

    def other(found: re.Match[str]) -> str:
        word = found.group()
        die = next(dice, 0.0)
        if die > 0.66:
            return word
        choices = _WORDS[word.lower()]
        new = choices[int(die / 0.66 * len(choices)) % len(choices)]
        return new.capitalize() if word[0].isupper() else new

    opening = _OPENINGS[int(next(dice) * len(_OPENINGS))]
    closing = _CLOSINGS[int(next(dice) * len(_CLOSINGS))]
    swap, at = next(dice), next(dice)
    text = _FOUND.sub(other, text)
    sentences = _SENTENCE.split(text)
    if swap < 0.4 and len(sentences) > 2:
        # The first sentence stays where it is as often as not; later ones carry no order.
        i = int(at * (len(sentences) - 1))
        sentences[i], sentences[i + 1] = sentences[i + 1], sentences[i]
        text = " ".join(sentences)
    return f"{opening}{text}{closing}"
