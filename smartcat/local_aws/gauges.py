"""The gauges endpoint, ``GET /_local/gauges``: what the demo and the tests read. It only collects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from smartcat.local_aws.wsgi import json_answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/_local/gauges"


class Gauged(Protocol):
    """A part that can say how it is doing."""

    def gauges(self) -> Mapping[str, Any]:
        """JSON values by section name; the sections of two parts never overlap."""


class Gauges:
    """WSGI middleware that answers the gauges endpoint and passes every other call on."""

    def __init__(self, application: WSGIApplication, parts: Sequence[Gauged]) -> None:
        """Stand in front of an application and collect from these parts."""
        self._application = application
        self._parts = tuple(parts)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the gauges, or pass on."""
        if environ.get("PATH_INFO") == PATH and environ.get("REQUEST_METHOD") == "GET":
            return json_answer(self.collect()).send(start_response)
        return self._application(environ, start_response)

    def collect(self) -> dict[str, Any]:
        """The sections of all parts."""
        return {name: section for part in self._parts for name, section in part.gauges().items()}
