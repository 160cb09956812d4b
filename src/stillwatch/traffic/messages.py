"""Chat messages, in the three shapes producers write them, to prompt, system, turn and answer.

The shapes agree on `role` and differ in what holds the words: OpenAI and LiteLLM have `content` as
text or a list of parts (`text`, `input_text`, `output_text`), Anthropic has `content` as text or a
list of blocks, OpenTelemetry (since 1.37) has `parts` with `content`. Only words count: images,
audio, tool calls, tool results and hidden reasoning are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from stillwatch.traffic.reader import RecordError, Row

_WORDS = {"text", "input_text", "output_text", "refusal"}
_TOOL_RESULTS = {"tool_result", "tool_call_response", "function_call_output"}


def words(content: object, column: str = "prompt") -> str:
    """The text in the content of a message: a string, or the text parts joined by newlines."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        raise RecordError("wrong type", column, "message content is neither text nor a list")
    return "\n".join(text for part in content if (text := _part(part, column)) is not None)


def _part(part: object, column: str) -> str | None:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        raise RecordError("wrong type", column, "a content part is neither text nor an object")
    kind = part.get("type", "text")
    if not isinstance(kind, str) or kind not in _WORDS:
        return None
    for key in ("text", "content", "refusal"):
        text = part.get(key)
        if isinstance(text, str):
            return text
    return None


def request(messages: object, system: object = None) -> Row:
    """`prompt`, `system` and `turn` of a request.

    `messages` is a list of messages, one message, or the prompt itself. `system` is what the
    format keeps apart from the messages. The prompt is the last user message, and `turn` counts
    user messages; a user message that only carries tool results (as Anthropic's API has it) is no
    word of the user and does not count. Messages without any user message give the prompt `""`.
    Returns nothing for `messages` that are absent, so that the record is set aside as such.
    """
    instructions = [words(system, "system")] if system else []
    if messages is None:
        return {"system": instructions[0]} if instructions else {}
    if isinstance(messages, str):
        row: Row = {"prompt": messages, "turn": 1}
    else:
        prompt, turn = "", 0
        for message in message_list(messages, "prompt"):
            role = message.get("role", "user" if "type" not in message else message.get("type"))
            content = message.get("content", message.get("parts"))
            if role in ("user", "message", "human"):
                if not _only_tool_results(content):
                    prompt, turn = words(content), turn + 1
            elif role in ("system", "developer"):
                instructions.append(words(content, "system"))
        row = {"prompt": prompt, "turn": turn}
    if instructions:
        row["system"] = "\n\n".join(instructions)
    return row


def answer(messages: object) -> str | None:
    """The text of the first message of an answer that has any; `None` when there is none.

    Where several candidates were asked for, the first stands for all.
    """
    if messages is None or isinstance(messages, str):
        return messages
    for message in message_list(messages, "completion"):
        text = words(message.get("content", message.get("parts")), "completion")
        if not text:
            text = words(message.get("refusal"), "completion")
        if text:
            return text
    return None


def message_list(messages: object, column: str) -> Iterable[Mapping[str, Any]]:
    """Messages as a list of objects, whether they came as a list or as a single one."""
    if isinstance(messages, dict):
        messages = [messages] if messages else []
    if not isinstance(messages, list):
        raise RecordError("wrong type", column, "messages are not a list")
    for message in messages:
        if isinstance(message, str):
            yield {"role": "user", "content": message}
        elif isinstance(message, dict):
            yield message
        else:
            raise RecordError("wrong type", column, "a message is not an object")


def tool_names(tools: object) -> list[str] | None:
    """Names of the tools offered, in order: `{"function": {"name": …}}` or `{"name": …}`.

    A tool of the provider's own has no name and goes by its `type` (`web_search`).
    """
    if tools is None:
        return None
    if not isinstance(tools, list):
        raise RecordError("wrong type", "tools", "tools are not a list")
    names = []
    for tool in tools:
        if not isinstance(tool, dict):
            raise RecordError("wrong type", "tools", "a tool is not an object")
        function = tool.get("function")
        inner = function.get("name") if isinstance(function, dict) else None
        name = inner or tool.get("name") or tool.get("type")
        if isinstance(name, str):
            names.append(name)
    return names


def opened(value: object, column: str | None = None) -> Any:
    """A value that may have been logged as the JSON text of an object or list, opened."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            if column is None:
                return value
            raise RecordError("not JSON", column, "text that begins like JSON is none") from None
    return value


def _only_tool_results(content: object) -> bool:
    return (
        isinstance(content, list)
        and len(content) > 0
        and all(isinstance(p, dict) and p.get("type") in _TOOL_RESULTS for p in content)
    )
