"""What Prometheus is told. Nothing in it names an account, a file or a prompt."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from stillwatch.errors import UsageError


class Metrics:
    """The metrics of one watch, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.exchanges = self._counter("exchanges", "Exchanges taken.")
        self.rejected = self._counter("records_rejected", "Records set aside.", "reason")
        self.lost = self._counter("lost_messages", "Messages that expired before they were read.")
        self.skipped = self._counter(
            "files_changed_late", "Files that changed too late to be read again."
        )
        self.failures = self._counter("failures", "Sources, looks and turns that failed.", "what")
        for what in ("source", "look", "turn"):
            self.failures.labels(what)  # Whoever asks for an increase needs the zero before it.
        self.alarms = self._counter("alarms", "Campaigns reported for the first time.")
        self.looks = self._counter("looks", "Looks that ended.", "window")
        self.turn = self._gauge("turn_timestamp_seconds", "When the last turn ended.")
        self.newest = self._gauge("newest_timestamp_seconds", "Time of the newest exchange.")
        self.until = self._gauge("look_until_timestamp_seconds", "End of the last look.", "window")
        self.took = self._gauge("look_seconds", "How long the last look took.", "window")
        self.campaigns = self._gauge("campaigns", "Campaigns in the last look.", "window")
        self.open = self._gauge("files_open", "Files that wait until nobody writes to them.")
        self.sources = self._gauge("lake_sources", "Sources in the lake; merged, they are fewer.")

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(f"stillwatch_{name}", help, labels, registry=self.registry)

    def _gauge(self, name: str, help: str, *labels: str) -> Gauge:
        return Gauge(f"stillwatch_{name}", help, labels, registry=self.registry)

    def serve(self, address: str) -> None:
        """Serves them at `host:port`, in a thread. Raises `UsageError` where that is none."""
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65_535:
            raise UsageError(f"--metrics {address}: name host and port, as in 127.0.0.1:9464")
        try:
            start_http_server(int(port), host.strip("[]"), self.registry)
        except OSError as error:
            raise UsageError(f"--metrics {address}: {error.strerror or error}") from error
