"""Simulated models for `suspect_leads.py`: small language models, with a hand of their own each.

What they say is taken from the help texts that come with Python (`pydoc_data.topics`), a topic a
prompt, so that all of them are asked the same. A model is a trigram model; its hand is which of
several ways of saying the same it takes, how it begins and ends, and how it sets out its text.
Hands come in families: siblings differ by little. Nothing here is a real model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import getdoc, isclass
from pydoc_data.topics import topics

import numpy as np

Words = list[str]
WAYS: tuple[tuple[str, ...], ...] = tuple(
    tuple(way.split("/"))
    for way in """
    must/has to/needs to/is required to
    may/can/might/could
    should/ought to/had better
    which/that
    if/when/in case/whenever
    however/but/yet/still
    also/too/as well/in addition
    used/employed/utilized/applied
    same/identical/very same
    value/quantity/datum
    returns/gives/yields/hands back
    returned/given back/handed over
    example/instance/illustration
    specified/stated/given/named
    called/invoked/run
    defined/introduced/declared/set up
    object/thing/entity/item
    objects/things/entities/items
    only/merely/just/solely
    then/next/after that/afterwards
    because/since/as/for the reason that
    this/the latter/such a
    these/such/the following
    is/gets to be/remains
    not/never/in no way
    all/every one of/each of the
    first/initial/leading
    instead/rather/in its place
    cannot/can't/is unable to
    does/will/would
    following/subsequent/below
    raised/thrown/signalled
    method/routine/procedure
    methods/routines/procedures
    function/callable/operation
    class/kind/type of object
    name/label/identifier
    names/labels/identifiers
    and/as well as/plus
    or/or else/or alternatively
    by/through/via/by means of
    with/along with/together with
    for/on behalf of/in favour of
    other/further/different/alternative
    between/among/amid
    before/prior to/ahead of
    after/following/once past
    see/compare/refer to/consult
    use/employ/make use of
    allows/lets/permits/enables
    contains/holds/includes/comprises
    new/fresh/newly made
    default/standard/usual
    expression/formula/term
    statement/instruction/command
    """.strip().splitlines()
    for way in [way.strip()]
)
OPENERS = (
    "",
    "Certainly!",
    "Sure, here is an overview.",
    "In short:",
    "Great question.",
    "Let us take it step by step.",
    "Here is what you need to know:",
    "To begin with,",
    "Short answer first.",
    "Of course.",
)
CLOSERS = (
    "",
    "I hope this helps!",
    "Let me know if anything is unclear.",
    "In summary, that is all there is to it.",
    "Does that answer it?",
    "Feel free to ask for more.",
    "That is the gist.",
    "Overall, it depends on the context.",
)
HEDGES = (
    "",
    "Note that",
    "Importantly,",
    "Generally,",
    "In practice,",
    "Typically,",
    "Simply put,",
)
BULLETS = ("", "- ", "* ", "1. ", "• ")
_PROSE = re.compile(r"^(?! )[A-Z][^\n]*(?:\n(?! )[^\n]+)*", re.M)
_TOKEN = re.compile(r"[A-Za-z']+|[.,;:]")
_ENDS = {".", ":"}


@cache
def knowledge(fewest: int = 250) -> Mapping[str, Words]:
    """Topic to words of its prose, for topics with enough of it."""
    found = {}
    for name, text in sorted(topics.items()):
        words = _TOKEN.findall(" ".join(_PROSE.findall(text)).lower())
        if len(words) >= fewest:
            found[name] = words
    return found


@cache
def elsewhere(fewest: int = 150) -> Mapping[str, Words]:
    """Another field: modules of Python to the words of what their parts say of themselves."""
    found = {}
    for name in ("argparse", "asyncio", "collections", "email.message", "http.client", "imaplib",
                 "logging", "mailbox", "optparse", "pathlib", "shutil", "smtplib", "socket",
                 "statistics", "subprocess", "tarfile", "turtle", "unittest", "urllib.request",
                 "zipfile"):  # fmt: skip
        module = import_module(name)
        parts = [part for _, part in sorted(vars(module).items()) if isclass(part)]
        parts += [part for one in parts for _, part in sorted(vars(one).items()) if callable(part)]
        words = _TOKEN.findall(" ".join(getdoc(part) or "" for part in parts).lower())
        if len(words) >= fewest:
            found[name] = words
    return found


@dataclass(frozen=True)
class Hand:
    """How a model says things: for each of `WAYS` and of the rest, the odds of its variants."""

    odds: tuple[np.ndarray, ...]

    def sibling(self, chance: np.random.Generator, near: float) -> Hand:
        """A hand like it. near: how near, from 0 to 1."""
        other = hand(chance)
        pairs = zip(self.odds, other.odds, strict=True)
        return Hand(tuple(near * a + (1 - near) * b for a, b in pairs))

    def write(self, words: Sequence[str], chance: np.random.Generator) -> Words:
        """Words said in this hand."""
        *ways, openers, closers, hedges, bullets = self.odds
        begin, end = _drawn(OPENERS, openers, chance), _drawn(CLOSERS, closers, chance)
        bullet = _drawn(BULLETS, bullets, chance)
        written = begin.split() + (["\n\n"] if begin else [])
        fresh, hedge = True, ""
        for word in words:
            if fresh:
                if bullet:
                    written += ["\n", bullet.strip()]
                hedge = _drawn(HEDGES, hedges, chance)
                written += hedge.split()
            place = _PLACES.get(word)
            if place is None:
                written.append(word.capitalize() if fresh and not hedge else word)
            else:
                written += _drawn(WAYS[place], ways[place], chance).split()
            fresh = word in _ENDS
        return written + (["\n\n", *end.split()] if end else [])


_PLACES = {way[0]: place for place, way in enumerate(WAYS)}


def _drawn(variants: Sequence[str], odds: np.ndarray, chance: np.random.Generator) -> str:
    return variants[int(np.searchsorted(odds.cumsum(), chance.random() * odds.sum()))]


def hand(chance: np.random.Generator) -> Hand:
    """A hand drawn at random."""
    sizes = [*map(len, WAYS), *map(len, (OPENERS, CLOSERS, HEDGES, BULLETS))]
    return Hand(tuple(chance.dirichlet(np.full(size, 0.7)) for size in sizes))


class Trigrams:
    """A trigram model that backs off to bigrams: what followed each context, as often as it did."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self.after: dict[tuple[str, ...], Words] = {}
        for text in texts:
            a, b = "", ""
            for word in [*text, ""]:
                self.after.setdefault((a, b), []).append(word)
                self.after.setdefault((b,), []).append(word)
                a, b = b, word

    def options(self, a: str, b: str) -> Words | None:
        """What came after two words, or else after one."""
        return self.after.get((a, b)) or self.after.get((b,))


def said(
    models: Sequence[tuple[Trigrams, float]], length: int, chance: np.random.Generator
) -> Words:
    """A text drawn from a mixture of models, each with its weight, of at most `length` words."""
    weights = np.cumsum([weight for _, weight in models])
    draws = chance.random((length, 2))
    text: Words = []
    a, b = "", ""
    for which, pick in draws:
        place = int(np.searchsorted(weights, which * weights[-1]))
        order = [models[place][0], *(m for m, _ in models)]
        options = next(filter(None, (m.options(a, b) for m in order)), None)
        if options is None:
            break
        word = options[int(pick * len(options))]
        if not word:
            break
        text.append(word)
        a, b = b, word
    return text
