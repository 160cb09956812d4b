"""The body of an answer: the text in it, and how many tokens that is said to be."""

from __future__ import annotations

import json
from typing import Any

from stillwatch.suspects.asking.endpoint import Api

_SHOWN = 300
_MANY = 2**31


def text(body: bytes, api: Api) -> str:
    """The text of an answer, without what was asked.

    Raises `ValueError`, with what is missing, where the body is none (the API reference of OpenAI,
    "The chat completion object" and "The completion object").
    """
    choice = _first_choice(_document(body))
    if api == "completions":
        found, name = choice.get("text"), "text"
    else:
        said = choice.get("message")
        found, name = None, "message"
        if isinstance(said, dict):
            # A model that only thinks, or calls a tool, says nothing.
            found, name = said.get("content") or "", "message.content"
    if not isinstance(found, str):
        raise ValueError(f"choices[0].{name} is no text")  # noqa: TRY004
    return found


def tokens(body: bytes) -> int | None:
    """How many tokens an answer says it has; None where it does not say."""
    usage = _document(body).get("usage")
    count = usage.get("completion_tokens") if isinstance(usage, dict) else None
    return count if type(count) is int and 0 <= count < _MANY else None


def message(body: bytes) -> str:
    """What an endpoint says that is wrong, on one line, shortened; to be escaped where it is shown.

    >>> message(b'{"error": {"message": "no such model"}}'), message(b"<html>Bad gateway</html>")
    ('no such model', '<html>Bad gateway</html>')
    """
    try:
        found = _document(body)
    except ValueError:
        found = None
    if isinstance(found, dict):
        error = found.get("error", found)
        said = error.get("message") if isinstance(error, dict) else error
        if isinstance(said, str):
            # Half a surrogate pair is JSON, and cannot be written.
            return _shortened(said.encode("utf-8", "replace").decode())
    return _shortened(body[: 4 * _SHOWN].decode("utf-8", "replace"))


def _shortened(text: str) -> str:
    return " ".join(text[: 4 * _SHOWN].split())[:_SHOWN]


def _document(body: bytes) -> Any:
    try:
        return json.loads(body.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError("no UTF-8") from error
    except ValueError as error:
        raise ValueError("no JSON") from error


def _first_choice(document: Any) -> dict[str, Any]:
    choices = document.get("choices") if isinstance(document, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        raise ValueError("it has no choices[0]")  # noqa: TRY004
    return choice
