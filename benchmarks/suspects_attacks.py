"""What is left of the evidence when whoever distils works against it.

    python benchmarks/suspects_attacks.py [--seeds 3] [--students trigram mlp]

As `suspects_power.py`: 8,738 exchanges of a neural teacher, of which a quarter (students that
count) or all (neural ones) is marked. The arms:

- **none**: nothing is done against it;
- **paraphrase**: three tenths of the tokens of each marked answer are redrawn, each behind what
  stands before it, from a model that was taught as the teacher was, from another seed;
- **mixed**: half of what is learned are answers of that other model;
- **tuned**: what has learned is trained on half as many texts of people (neural students alone);
- **neutral**: whoever knows the scheme, and not the key, has a model of texts of people, takes for
  each last token the mean of what learning changed, and takes it off again when the student answers
  (Pan et al. 2025, arXiv 2502.11598, section 4.3, with prefixes of one token);
- **cold**, **hot**: the student answers at temperatures 0.6 and 1.4.

`surprise` is what each costs who distils: bits a token of the teacher's answers that nobody read.
All is simulated on this machine. What is done is kept in .bench/suspects/attacks.jsonl.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stillwatch.marks import Contexts, Scheme
from stillwatch.marks.scheme import Logits
from stillwatch.marks.windows import Tokens
from stillwatch.range.students.asked import Marking, answers
from stillwatch.range.students.corpus import Corpus, corpus
from stillwatch.range.students.mlp import RATE, Mlp
from stillwatch.range.students.model import LanguageModel, surprise
from stillwatch.range.students.school import QUESTION, Architecture, School, Weights, student
from stillwatch.suspects.listening import listen
from stillwatch.suspects.reading import read
from suspects_measured import KEY, READ, SCHEMES
from suspects_power import ASKED, EXCHANGES

OUT = Path(".bench/suspects/attacks.jsonl")
SHARES: dict[str, float] = {"trigram": 0.25, "mlp": 1.0}
REDRAWN, MIXED, TUNED = 0.3, 0.5, 0.5
COLD, HOT = 0.6, 1.4
EXAM = 500


@dataclass(frozen=True, slots=True)
class Neutral:
    """A student less what learning changed behind each last token, in the mean.

    changed: shape (vocabulary, vocabulary), natural logarithms.
    """

    student: LanguageModel
    changed: Logits

    @property
    def span(self) -> int:
        return self.student.span

    @property
    def vocabulary(self) -> int:
        return self.student.vocabulary

    def logits(self, contexts: Tokens) -> Logits:
        made = self.student.logits(contexts) - self.changed[contexts[:, -1]]
        made -= made.max(axis=1, keepdims=True)
        return np.asarray(made - np.log(np.exp(made).sum(axis=1, keepdims=True)))


@dataclass(frozen=True, slots=True)
class Arena:
    """A school, another model that was taught alike, and a model of texts of people."""

    school: School
    other: School
    people: Mlp
    exam: list[Tokens]

    @classmethod
    def open(cls, english: Corpus, seed: int) -> Arena:
        school = School.open(english, seed)
        other = School.open(english, 900 + seed)
        return cls(
            school,
            other,
            Mlp.taught(human(english, 0), english.vocabulary, 800 + seed),
            list(school.harvest(EXAM, 700 + seed)),
        )


def human(english: Corpus, half: int) -> list[Tokens]:
    """Texts of people that no question comes from."""
    return [text for part in range(half, 8, 2) for text in english.part(part, 10)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--students", nargs="*", default=list(SHARES), choices=SHARES)
    options = parser.parse_args()
    OUT.parent.mkdir(parents=True, exist_ok=True)
    lines = OUT.read_text().splitlines() if OUT.exists() else []
    done = {tuple(json.loads(line)[n] for n in ("seed", "scheme", "student")) for line in lines}
    english = corpus()
    for seed in range(1, options.seeds + 1):
        arena = None
        for scheme in SCHEMES:
            for kind in options.students:
                if (seed, scheme.name, kind) in done:
                    continue
                arena = arena or Arena.open(english, seed)
                arms = fought(arena, scheme, kind, seed)
                row = {"seed": seed, "scheme": scheme.name, "student": kind, "arms": arms}
                with OUT.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                print(row, flush=True)


def fought(arena: Arena, scheme: Scheme, kind: Architecture, seed: int) -> dict[str, object]:
    """Every arm of one scheme and kind of student."""
    school, vocabulary = arena.school, arena.school.corpus.vocabulary
    n = round(SHARES[kind] * EXCHANGES)
    marked = school.harvest(n, 200 + seed, Marking(scheme, [KEY] * n))
    plain = school.harvest(EXCHANGES - n, 100 + seed)
    served = Contexts.of([text[QUESTION - scheme.width :] for text in marked], scheme.width)

    def learned(texts: Sequence[Tokens]) -> LanguageModel:
        return student(kind, texts, vocabulary, 300 + seed)

    def judged(suspect: LanguageModel, temperature: float = 1.0) -> dict[str, float]:
        asked, said = school.ask(suspect, ASKED, 400 + seed, temperature)
        heard = listen(list(said), scheme, served=served, asked=list(asked))
        seen = read(Weights(suspect), list(marked[:READ]), scheme, served=served)
        return {
            "black_log10_p": heard.score(KEY).log10_p,
            "white_log10_p": seen.score(KEY).log10_p,
            "surprise": surprise(suspect, arena.exam),
        }

    naive = learned([*marked, *plain])
    rewritten = redrawn(marked, arena.other.teacher, 500 + seed)
    half = round(MIXED * EXCHANGES)
    kept = np.random.default_rng(600 + seed).permutation(EXCHANGES)[:half]
    elsewhere = arena.other.harvest(EXCHANGES - half, 600 + seed)
    arms = {
        "none": judged(naive),
        "paraphrase": judged(learned([*rewritten, *plain])),
        "mixed": judged(learned([*np.concatenate([marked, plain])[kept], *elsewhere])),
        "neutral": judged(neutral(naive, arena.people, marked)),
        "cold": judged(naive, COLD),
        "hot": judged(naive, HOT),
    }
    if isinstance(naive, Mlp):
        texts = human(arena.school.corpus, 1)
        clean, tokens = [], round(TUNED * EXCHANGES * marked.shape[1])
        for text in texts:
            if tokens > 0:
                clean.append(text[:tokens])
                tokens -= len(text)
        naive.learn(clean, 310 + seed, epochs=1, rate=RATE / 2)
        arms["tuned"] = judged(naive)
    return arms


def redrawn(texts: Tokens, model: LanguageModel, seed: int) -> Tokens:
    """Answers, some tokens of which are drawn anew, one after the other."""
    chance = np.random.default_rng(seed)
    made = texts.copy()
    for place in range(QUESTION, texts.shape[1]):
        rows = np.flatnonzero(chance.random(len(texts)) < REDRAWN)
        before = made[rows, place - model.span : place]
        made[rows, place] = answers(model, before, 1, int(chance.integers(2**31)))[:, 0]
    return made


def neutral(naive: LanguageModel, people: Mlp, marked: Tokens) -> Neutral:
    """What learning changed behind each last token: the mean over contexts of what was learned."""
    span = max(naive.span, people.span)
    contexts = np.lib.stride_tricks.sliding_window_view(marked[:READ], span, axis=1)
    contexts = contexts.reshape(-1, span)
    vocabulary = naive.vocabulary
    total, seen = np.zeros((vocabulary, vocabulary)), np.zeros(vocabulary)
    for begin in range(0, len(contexts), 4096):
        some = contexts[begin : begin + 4096]
        shifts = naive.logits(some[:, -naive.span :]) - people.logits(some[:, -people.span :])
        np.add.at(total, some[:, -1], shifts)
        seen += np.bincount(some[:, -1], minlength=vocabulary)
    return Neutral(naive, total / np.maximum(seen, 1)[:, None])


if __name__ == "__main__":
    main()
