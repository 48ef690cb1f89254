"""The metrics endpoint, ``GET /_local/gauges``, for the demo and the tests. It only collects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from smartcat.local_aws.server.wsgi import json_response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/_local/gauges"


class MetricsSource(Protocol):
    """A component with metrics."""

    def gauges(self) -> Mapping[str, Any]:
        """Return JSON values by section name; no two sources have a section in common."""


class MetricsEndpoint:
    """WSGI middleware that serves the metrics endpoint and passes every other call on."""

    def __init__(self, application: WSGIApplication, sources: Sequence[MetricsSource]) -> None:
        """Wrap an application, and collect from these sources."""
        self._application = application
        self._sources = tuple(sources)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve the metrics, or pass the call on."""
        if environ.get("PATH_INFO") == PATH and environ.get("REQUEST_METHOD") == "GET":
            return json_response(self.collect()).send(start_response)
        return self._application(environ, start_response)

    def collect(self) -> dict[str, Any]:
        """Return the sections of all sources."""
        return {name: section for source in self._sources for name, section in source.gauges().items()}
