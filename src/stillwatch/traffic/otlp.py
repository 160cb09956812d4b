"""OpenTelemetry GenAI spans and log events, exported as OTLP JSON.

Documents are `ExportTraceServiceRequest` (`resourceSpans`) and `ExportLogsServiceRequest`
(`resourceLogs`) as OTLP 1.x encodes them in JSON and the collector's file exporter writes them, one
a line. The names in them are read by `stillwatch.traffic.otlp_names`, in both generations:

* current: semantic-conventions-genai 1.42.0-dev, as `opentelemetry-util-genai` 1.3b0 emits it:
  messages in `gen_ai.input.messages` and its siblings, on the span (as JSON text) or on the event
  `gen_ai.client.inference.operation.details` (structured);
* old, up to 1.36, as `opentelemetry-instrumentation-openai-v2` emits it by default: one log record
  a message (`gen_ai.user.message`, `gen_ai.choice` …), tied together by trace and span id; before
  1.28 the attributes `gen_ai.prompt` and `gen_ai.completion`, also numbered.

One span or event is one exchange; old message events of one span in one document are one exchange.
Spans that are no model call (HTTP, database, and the agent, workflow and tool spans around model
calls, which would count a call twice) are no records. Content is opt-in: a span without it is set
aside as `missing prompt`. Spans and log records of the same call are not joined: the record that
has the content needs the account too, which a collector can see to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stillwatch.traffic.otlp_names import ACCOUNT, Attributes, exchange, is_model_call, message
from stillwatch.traffic.reader import Reader, RecordError, Row

_DETAILS = "gen_ai.client.inference.operation.details"
_SCALARS = ("intValue", "doubleValue", "boolValue", "bytesValue")
_OLD_EVENTS = ("gen_ai.content.prompt", "gen_ai.content.completion")


def reader(account: tuple[str, ...] = ACCOUNT) -> Reader:
    """A reader that takes the account from the first of these attributes a record has.

    Attributes of the span or log record come before those of the scope and the resource.
    """

    def rows(document: Mapping[str, Any]) -> Iterator[Row | RecordError]:
        if "resourceSpans" not in document and "resourceLogs" not in document:
            raise RecordError("not OTLP", None, "neither resourceSpans nor resourceLogs")
        for attributes, span in _each(document, "resourceSpans", "scopeSpans", "spans"):
            yield from _from_span(attributes, span, account)
        messages: dict[object, tuple[Attributes, Mapping[str, Any], list[dict[str, Any]]]] = {}
        for attributes, record in _each(document, "resourceLogs", "scopeLogs", "logRecords"):
            name = record.get("eventName") or attributes.get("event.name") or ""
            if name == _DETAILS:
                body = any_value(record.get("body"))
                extra = body if isinstance(body, dict) else {}
                yield _attempt(extra | attributes, record, [], account)
            elif isinstance(name, str) and (said := message(name, any_value(record.get("body")))):
                key = (record.get("traceId"), record.get("spanId"))
                # Without a span nothing says which messages belong together.
                key = key if all(isinstance(k, str) and k for k in key) else (id(record), None)
                first = messages.setdefault(key, ({}, record, []))
                first[0].update(attributes)
                first[2].append(said)
        for attributes, record, said_in_span in messages.values():
            yield _attempt(attributes, record, said_in_span, account)

    return Reader(
        name="otlp",
        title="OpenTelemetry GenAI spans and events, OTLP JSON (semconv-genai 1.42-dev, ≤ 1.36)",
        matches=matches,
        rows=rows,
        columns=(
            *("exchange_id", "time", "account", "organization", "credential", "address"),
            *("network", "country", "user_agent", "tls_fingerprint", "model", "operation"),
            *("system", "prompt", "completion", "input_tokens", "output_tokens"),
            *("reasoning_tokens", "max_tokens", "temperature", "conversation", "turn", "tools"),
            *("status", "gateway"),
        ),
    )


def matches(document: Mapping[str, Any]) -> float:
    for outer in ("resourceSpans", "resourceLogs"):
        if isinstance(document.get(outer), list):
            return 1.0
    return 0.0


def any_value(value: object, depth: int = 64) -> Any:
    """An OTLP `AnyValue` in JSON as a plain value. 64-bit integers stay the text they come as."""
    if not isinstance(value, dict) or not depth:
        return None
    if "stringValue" in value:  # first, since nearly every attribute is one
        return value["stringValue"]
    if "arrayValue" in value:
        return [any_value(item, depth - 1) for item in _list(value["arrayValue"], "values")]
    if "kvlistValue" in value:
        return _attributes(_list(value["kvlistValue"], "values"), depth - 1)
    return next((value[kind] for kind in _SCALARS if kind in value), None)


def _attributes(pairs: Iterable[Mapping[str, Any]], depth: int = 64) -> Attributes:
    return {
        key: any_value(pair.get("value"), depth)
        for pair in pairs
        if isinstance(key := pair.get("key"), str)
    }


def _each(
    document: Mapping[str, Any], outer: str, middle: str, inner: str
) -> Iterator[tuple[Attributes, Mapping[str, Any]]]:
    """Every span or log record with the attributes that hold for it, the nearest winning."""
    for resource in _list(document, outer):
        shared = _attributes(_list(resource.get("resource"), "attributes"))
        for scope in _list(resource, middle):
            scoped = shared | _attributes(_list(scope.get("scope"), "attributes"))
            for record in _list(scope, inner):
                yield scoped | _attributes(_list(record, "attributes")), record


def _from_span(
    attributes: Attributes, span: Mapping[str, Any], account: tuple[str, ...]
) -> Iterator[Row | RecordError]:
    said = []
    for event in _list(span, "events"):
        name = event.get("name")
        inside = _attributes(_list(event, "attributes"))
        if name == _DETAILS or name in _OLD_EVENTS:
            attributes = attributes | inside
        elif isinstance(name, str) and (one := message(name, inside)):
            said.append(one)
    if is_model_call(attributes) or said:
        yield _attempt(attributes, span, said, account)


def _attempt(
    attributes: Attributes,
    record: Mapping[str, Any],
    said: list[dict[str, Any]],
    account: tuple[str, ...],
) -> Row | RecordError:
    try:
        return exchange(attributes, record, said, account)
    except RecordError as error:
        return error


def _list(holder: object, name: str) -> list[Mapping[str, Any]]:
    inner = holder.get(name) if isinstance(holder, dict) else None
    return [i for i in inner if isinstance(i, dict)] if isinstance(inner, list) else []


READER = reader()
