"""What an asking has spent, counted from the lines of its transcript."""

from __future__ import annotations

from dataclasses import dataclass, field

from stillwatch.errors import UsageError
from stillwatch.suspects.asking.lines import Asked, Chained, Outcome
from stillwatch.suspects.asking.prompts import Question


@dataclass(frozen=True, slots=True)
class Budget:
    """Most that may be spent on a folder, over all runs.

    requests: sent, whatever became of them; output_tokens: answered, or without a limit. Raises
    `UsageError` for less than one.
    """

    requests: int
    output_tokens: int | None = None

    def __post_init__(self) -> None:
        if self.requests < 1:
            raise UsageError(f"requests: {self.requests}; a budget of at least 1")
        if self.output_tokens is not None and self.output_tokens < 1:
            raise UsageError(f"output-tokens: {self.output_tokens}; a budget of at least 1")


@dataclass(slots=True)
class Spending:
    """What was spent so far, and for what.

    longest: tokens of the longest answer; requests: sent; answered, refused: questions that need
    not be asked again; waiting: requests without an outcome, by the line that asked. Each of these
    counts as the longest answer: it may come yet, or has come and was not written down.
    """

    longest: int
    requests: int = 0
    answered: set[Question] = field(default_factory=set)
    refused: set[Question] = field(default_factory=set)
    waiting: dict[int, Question] = field(default_factory=dict)
    _tokens: int = 0

    @property
    def output_tokens(self) -> int:
        """Tokens that were answered, or may have been."""
        return self._tokens + self.longest * len(self.waiting)

    def take(self, line: Chained) -> None:
        """Counts a line."""
        match line:
            case Asked():
                self.requests += 1
                self.waiting[line.line] = line.question
            case Outcome():
                question = self.waiting.pop(line.to, None)
                self._tokens += line.output_tokens
                if question is not None and line.what != "failed":
                    (self.answered if line.what == "answered" else self.refused).add(question)

    def lacks(self, budget: Budget) -> str | None:
        """What another request has no room in, in words; nothing where it has."""
        if self.requests >= budget.requests:
            return "the budget of requests is spent"
        limit = budget.output_tokens
        if limit is not None and self.output_tokens + self.longest > limit:
            return "the budget of output tokens has no room for another answer"
        return None
