"""Request and response pairs as proxies log them, around whichever body a provider has.

Providers' APIs define the two bodies, nobody defines the record that holds both. This is the
envelope read here, and what the OpenAI and Anthropic readers share:

    {"time": "2026-03-01T09:30:00Z",      or `timestamp`
     "account": "acct-7",                 any Exchange column may stand here under its own name:
     "address": "192.0.2.7",              organization, credential, network, country, plan, ...
     "headers": {"user-agent": "..."},    or `request_headers`; names in any case
     "status_code": 200,                  the HTTP status
     "request": {...},                    the body sent, or its JSON text; or `body` (as in lines
                                          of a batch file), or `request_body`
     "response": {...}}                   the body returned, or its JSON text; or
                                          `response_body`; or {"status_code": .., "body": {..}}
                                          (as in lines of a batch's output file)

What else stands in it is noted, since it may be a column that is misspelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stillwatch.traffic.exchange import COLUMNS, TEXT
from stillwatch.traffic.messages import opened
from stillwatch.traffic.reader import RecordError, Row

_BESIDE = tuple(c.name for c in COLUMNS if c.name not in (*TEXT, "status"))
_REQUEST = ("request", "request_body", "body")
_RESPONSE = ("response", "response_body")

_BATCH = ("custom_id", "id", "method", "url", "error")
_CALL = ("headers", "request_headers", "timestamp", "status_code", "status")
_KNOWN = frozenset((*_BESIDE, *TEXT, *_REQUEST, *_RESPONSE, *_CALL, *_BATCH))
"""All that may stand in an envelope, or in a line of a batch file."""

ENVELOPE_COLUMNS = _BESIDE


@dataclass(frozen=True, slots=True)
class Pair:
    """The bodies, and the facts beside them as a row; a name that is unknown has none in it."""

    request: Mapping[str, Any]
    response: Mapping[str, Any]
    beside: Row
    http_status: int | None


def bodies(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Request and response of an envelope, for a look; nothing when it is none."""
    request = _first(document, _REQUEST)
    response = _first(document, _RESPONSE)
    if isinstance(response, dict) and isinstance(response.get("body"), (dict, str)):
        response = opened(response["body"])
    if not isinstance(request, dict):
        return None
    return request, response if isinstance(response, dict) else {}


def pair(document: Mapping[str, Any]) -> Pair:
    """Take an envelope apart.

    Raises
    ------
    RecordError
        There is no request in it.
    """
    both = bodies(document)
    if both is None:
        raise RecordError("missing request", "request")
    row: Row = {name: document[name] for name in _BESIDE if document.get(name) not in (None, "")}
    row |= {name: None for name in document if name not in _KNOWN}
    if "time" not in row:
        row["time"] = document.get("timestamp")
    headers = _headers(document)
    row.setdefault("user_agent", headers.get("user-agent"))
    if "address" not in row:
        # The first hop is what the client's proxy saw; the client can forge it, but not the rest.
        hops = headers.get("x-forwarded-for", "").split(",")
        row["address"] = hops[0].strip() or headers.get("x-real-ip")
    return Pair(*both, row, _http_status(document))


def status_of_http(code: int | None) -> str | None:
    """An HTTP status code as an Exchange status; nothing for no code."""
    if code is None:
        return None
    if code < 400:
        return "ok"
    return {401: "denied", 403: "denied", 429: "limited"}.get(code, "error")


def _first(document: Mapping[str, Any], names: tuple[str, ...]) -> object:
    return next((opened(document[n]) for n in names if document.get(n) is not None), None)


def _headers(document: Mapping[str, Any]) -> dict[str, str]:
    headers = document.get("headers") or document.get("request_headers")
    if not isinstance(headers, dict):
        return {}
    return {name.lower(): value for name, value in headers.items() if isinstance(value, str)}


def _http_status(document: Mapping[str, Any]) -> int | None:
    wrapped = document.get("response")
    inner = wrapped.get("status_code") if isinstance(wrapped, dict) else None
    for code in (document.get("status_code"), inner, document.get("status")):
        if type(code) is int:
            return code
        if isinstance(code, str) and code.isdecimal() and len(code) == 3:
            return int(code)
    return None
