"""Template families: the texts the range's people, lookalikes and harvesters write.

A family is one way of asking: a slot grammar with its languages. Families carry a split, so that
what trains a model is never what measures it. The grammars are data, in `corpus/*.toml`; its
README tells how they are written.
"""

from __future__ import annotations

import re
import tomllib
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from itertools import count
from typing import Any, Literal, get_args

import numpy as np

from stillwatch.errors import StillwatchError

Split = Literal["train", "tune", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

SLOT = re.compile(r"\{(!?)(?:(\d+)\.\.(\d+)|([a-z_][a-z0-9_]*))(?:#([a-z0-9]+))?\}")
"""A slot: `{topic}`, a number `{1..99}`, the asker's own `{!shop}`, twice alike `{topic#a}`."""

_BLOCK = 48
"""Draws taken from the generator at a time: one call costs what three single draws cost."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One request and its answer, as text."""

    system: str | None
    prompt: str
    completion: str


@dataclass(frozen=True, slots=True)
class Family:
    """One way of asking, in one or more languages.

    `items` is the number of different prompts of a fixed question set, or None where every
    render is new. `messy` is the share of prompts typed carelessly (lower case, typing errors).
    `varied` families are written by people: every prompt picks its wording anew, voice or not.
    """

    name: str
    intent: str
    workload: str
    languages: tuple[str, ...]
    split: Split
    items: int | None = None
    messy: float = 0.0
    varied: bool = False
    _source: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def render(
        self,
        rng: np.random.Generator,
        language: str | None = None,
        *,
        item: int | None = None,
        voice: int | None = None,
    ) -> Rendered:
        """Write one exchange.

        `item` asks for one prompt of a fixed set: same item, language and voice, same prompt.
        `voice` holds still what belongs to the asker: the system prompt, which of the family's
        wordings is used, and every slot written `{!slot}`; the rest varies. Without it each
        render draws these too.
        """
        if language is None:
            language = self.languages[int(rng.random() * len(self.languages))]
        script = _script(self.name, language)
        if item is None and self.items is not None:
            item = int(rng.random() * self.items)
        fresh = _Draws(_from_generator(rng))
        body = fresh if item is None else _Draws(_from_seed(self.name, "item", item))
        own = body if voice is None else _Draws(_from_seed(self.name, "voice", voice))
        pen = _Pen(own, own)
        system = None if script.system is None else script.system.write(pen)
        pen.draw = body.next
        prompt = script.prompt.write(pen, body.next() if self.varied else own.next())
        if self.messy and body.next() < self.messy:
            prompt = _typed_carelessly(prompt, body)
        pen.draw = pen.voice = fresh.next
        return Rendered(system, prompt, script.completion.write(pen))


def families(
    *, intent: str | None = None, workload: str | None = None, split: str | None = None
) -> tuple[Family, ...]:
    """All families that fit, in the order of their names."""
    return tuple(
        f
        for f in _families().values()
        if intent in (None, f.intent)
        and workload in (None, f.workload)
        and split in (None, f.split)
    )


def family(name: str) -> Family:
    """The family of that name."""
    try:
        return _families()[name]
    except KeyError:
        raise StillwatchError(f"no template family is called {name!r}") from None


# --- the random stream of one render -----------------------------------------------------------


class _Draws:
    """Uniform numbers of [0, 1), one at a time, taken in blocks."""

    __slots__ = ("_blocks", "_now")

    def __init__(self, blocks: Iterator[Sequence[float]]) -> None:
        self._blocks = blocks
        self._now: Iterator[float] = iter(())

    def next(self) -> float:
        for value in self._now:
            return value
        self._now = iter(next(self._blocks))
        return next(self._now)


class _Pen:
    """What one render carries: its streams, and the slots it must repeat."""

    __slots__ = ("bound", "draw", "voice")

    def __init__(self, draws: _Draws, voice: _Draws) -> None:
        self.draw: Callable[[], float] = draws.next
        self.voice: Callable[[], float] = voice.next
        self.bound: dict[str, str] = {}


def _from_generator(rng: np.random.Generator) -> Iterator[Sequence[float]]:
    while True:
        yield rng.random(_BLOCK).tolist()


def _from_seed(name: str, kind: str, number: int) -> Iterator[Sequence[float]]:
    return (_seeded(name, kind, number, block) for block in count())


@lru_cache(maxsize=4096)
def _seeded(name: str, kind: str, number: int, block: int) -> tuple[float, ...]:
    # Cached because a generator costs more to seed than a prompt to write.
    seed = (zlib.crc32(f"{name}/{kind}".encode()), number, block)
    return tuple(np.random.default_rng(seed).random(_BLOCK).tolist())


# --- the compiled grammar ----------------------------------------------------------------------


class _Choice:
    """Alternatives, each a text or a sequence of texts and slots."""

    __slots__ = ("n", "options")

    def __init__(self) -> None:
        self.options: list[str | tuple[str | _Slot, ...]] = []
        self.n = 0

    def write(self, pen: _Pen, at: float | None = None) -> str:
        option = self.options[int((pen.draw() if at is None else at) * self.n)]
        if type(option) is str:
            return option
        return "".join([p if type(p) is str else p.write(pen) for p in option])  # type: ignore[union-attr]


class _Slot:
    """A place to fill from a choice or a range of whole numbers."""

    __slots__ = ("bind", "choice", "own", "span")

    def __init__(
        self, choice: _Choice | None, span: tuple[int, int], bind: str | None, own: bool
    ) -> None:
        self.choice, self.span, self.bind, self.own = choice, span, bind, own

    def write(self, pen: _Pen) -> str:
        bind = self.bind
        if bind is not None and bind in pen.bound:
            return pen.bound[bind]
        if self.own:
            outer, pen.draw = pen.draw, pen.voice
            text = self._fill(pen)
            pen.draw = outer
        else:
            text = self._fill(pen)
        if bind is not None:
            pen.bound[bind] = text
        return text

    def _fill(self, pen: _Pen) -> str:
        if self.choice is not None:
            return self.choice.write(pen)
        low, high = self.span
        return str(low + int(pen.draw() * (high - low + 1)))


@dataclass(frozen=True, slots=True)
class _Script:
    """A family in one language, compiled."""

    system: _Choice | None
    prompt: _Choice
    completion: _Choice


class _Compiler:
    """Compiles the slots of one corpus file in one language, each once."""

    def __init__(self, where: str, vocabularies: Sequence[Mapping[str, list[str]]]) -> None:
        self._where = where
        self._vocabularies = vocabularies
        self._slots: dict[str, _Choice] = {}

    def choice(self, texts: str | list[str]) -> _Choice:
        return self._into(_Choice(), texts)

    def slot(self, name: str) -> _Choice:
        if name not in self._slots:
            # Entered before it is compiled: a slot may contain itself.
            made = self._slots[name] = _Choice()
            self._into(made, self._texts(name))
        return self._slots[name]

    def _texts(self, name: str) -> list[str]:
        for vocabulary in self._vocabularies:
            if name in vocabulary:
                return vocabulary[name]
        raise StillwatchError(f"{self._where}: no slot is called {name!r}")

    def _into(self, choice: _Choice, texts: str | list[str]) -> _Choice:
        options = [texts] if isinstance(texts, str) else texts
        choice.n = len(options)
        choice.options.extend(self._option(text) for text in options)
        return choice

    def _option(self, text: str) -> str | tuple[str | _Slot, ...]:
        parts: list[str | _Slot] = []
        end = 0
        for m in SLOT.finditer(text):
            if m.start() > end:
                parts.append(text[end : m.start()])
            end = m.end()
            own, low, high, name, bind = m.groups()
            span = (int(low), int(high)) if low else (0, 0)
            bind = f"{name or span}#{bind}" if bind else None
            parts.append(_Slot(self.slot(name) if name else None, span, bind, bool(own)))
        if not parts:
            return text
        if end < len(text):
            parts.append(text[end:])
        return tuple(parts)


# --- reading the corpus ------------------------------------------------------------------------

_ABOUT = frozenset({"name", "split", "items", "messy", "varied", "workload"})


@cache
def _corpus() -> dict[str, dict[str, Any]]:
    """Every corpus file, parsed, by its name without the ending."""
    folder = files("stillwatch.range") / "corpus"
    return {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".toml")
    }


@cache
def _vocabulary(language: str) -> dict[str, list[str]]:
    entry = files("stillwatch.range") / "corpus" / "slots" / f"{language}.toml"
    return tomllib.loads(entry.read_text(encoding="utf-8"))


@cache
def _families() -> dict[str, Family]:
    found: dict[str, Family] = {}
    for stem, document in _corpus().items():
        for entry in document["family"]:
            name = entry["name"]
            if name in found:
                raise StillwatchError(f"corpus/{stem}.toml: {name!r} is there twice")
            found[name] = Family(
                name=name,
                intent=document["intent"],
                workload=entry.get("workload", document["workload"]),
                languages=tuple(key for key in entry if key not in _ABOUT),
                split=entry["split"],
                items=entry.get("items"),
                messy=entry.get("messy", document.get("messy", 0.0)),
                varied=entry.get("varied", document.get("varied", False)),
                _source={"file": stem, **entry},
            )
    return dict(sorted(found.items()))


@cache
def _compiler(stem: str, language: str) -> _Compiler:
    own = _corpus()[stem].get("slots", {})
    return _Compiler(
        f"corpus/{stem}.toml [{language}]",
        (own.get(language, {}), _vocabulary(language), own.get("any", {}), _vocabulary("any")),
    )


@cache
def _script(name: str, language: str) -> _Script:
    source = family(name)._source
    if language not in source or language in _ABOUT:
        raise StillwatchError(f"family {name!r} has no language {language!r}")
    compiler = _compiler(source["file"], language)
    texts = source[language]
    return _Script(
        system=compiler.choice(texts["system"]) if "system" in texts else None,
        prompt=compiler.choice(texts["prompt"]),
        completion=(
            compiler.choice(texts["completion"])
            if "completion" in texts
            else compiler.slot("reply")
        ),
    )


# --- people at a keyboard ----------------------------------------------------------------------


def _typed_carelessly(text: str, draws: _Draws) -> str:
    """Lower case, a lost full stop, one or two slips of the finger."""
    if draws.next() < 0.7:
        text = text.lower()
    if draws.next() < 0.5:
        text = text.rstrip(".?!。？！")
    for _ in range(int(draws.next() * 3)):
        at = int(draws.next() * max(len(text) - 2, 1))
        pair = text[at : at + 2]
        if not pair.isalpha():
            continue
        slip = int(draws.next() * 3)
        typed = (pair[::-1], pair[0], pair[0] + pair)[slip]
        text = text[:at] + typed + text[at + 2 :]
    return text
