"""An endpoint on this machine that speaks as OpenAI's does, and misbehaves as it is told."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KEY = "sk-heron-4711-secret"


@dataclass
class Act:
    """What it does with one request. length: what it says that the body has; wait: seconds."""

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    wait: float = 0.0


@dataclass(frozen=True)
class Got:
    """A request that came."""

    path: str
    headers: dict[str, str]
    json: dict[str, Any]

    @property
    def prompt(self) -> str:
        if "prompt" in self.json:
            return str(self.json["prompt"])
        return str(self.json["messages"][-1]["content"])


Respond = Callable[[int, Got], Act]


def said(text: str, tokens: int | None = 7, **more: Any) -> bytes:
    """The body of an answer."""
    usage = {} if tokens is None else {"usage": {"completion_tokens": tokens}}
    choice = {"message": {"role": "assistant", "content": text}, "text": text}
    return json.dumps({"id": "r", "choices": [choice], **usage, **more}).encode()


class FakeEndpoint:
    """Answers on loopback until the `with` block ends.

    respond: number of the request, from 1, and the request, to what is done; got: what came; most:
    requests that waited together.
    """

    def __init__(self, respond: Respond | None = None, tls: Path | None = None) -> None:
        self.respond: Respond = respond or (lambda _n, _got: Act())
        self.got: list[Got] = []
        self.times: list[float] = []
        self.most = self._now = 0
        self._lock = threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                fake._serve(self)

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: object, client_address: object) -> None:
                """Those who hang up are no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._scheme = "http"
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/v1"

    @property
    def prompts(self) -> list[str]:
        return [got.prompt for got in self.got]

    def __enter__(self) -> FakeEndpoint:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        data = handler.rfile.read(int(handler.headers["Content-Length"]))
        got = Got(
            handler.path, {k.lower(): v for k, v in handler.headers.items()}, json.loads(data)
        )
        with self._lock:
            self.got.append(got)
            self.times.append(time.monotonic())
            number = len(self.got)
            self._now += 1
            self.most = max(self.most, self._now)
        act = self.respond(number, got)
        time.sleep(act.wait)
        with self._lock:
            self._now -= 1
        body = said(f"heard: {got.prompt}") if act.body is None else act.body
        handler.send_response(act.status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(act.length or len(body)))
        handler.send_header("x-request-id", f"req-{number}")
        for name, value in act.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        if act.length is not None:
            handler.close_connection = True


def written(path: Path, count: int) -> Path:
    """A file of prompts."""
    path.write_text("".join(json.dumps({"prompt": f"What is {n}?"}) + "\n" for n in range(count)))
    return path


def lines(folder: Path) -> list[dict[str, Any]]:
    """The lines of a transcript."""
    text = (folder / "transcript.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]
