from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.local_aws.server.metrics_endpoint import MetricsEndpoint
from smartcat.local_aws.server.wsgi import call_application

if TYPE_CHECKING:
    from collections.abc import Iterable


class Part:
    def __init__(self, **sections: Any) -> None:
        self._sections = sections

    def gauges(self) -> dict[str, Any]:
        return self._sections


def behind(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The application that the gauges stand in front of."""
    start_response("200 OK", [])
    return [b"behind"]


@pytest.fixture
def gauges() -> MetricsEndpoint:
    """MetricsEndpoint of two parts."""
    return MetricsEndpoint(behind, [Part(tables={"t": 1}, streams={}), Part(functions={"f": 2})])


def test_the_endpoint_answers_all_sections_as_json(gauges: MetricsEndpoint) -> None:
    """The sections of all parts stand side by side."""
    response = call_application(gauges, {"PATH_INFO": "/_local/gauges", "REQUEST_METHOD": "GET"}, b"")
    assert json.loads(response.body) == {"tables": {"t": 1}, "streams": {}, "functions": {"f": 2}}


@pytest.mark.parametrize(
    ("path", "method"), [("/_local/gauges", "POST"), ("/", "GET"), ("/bucket/key", "GET")]
)
def test_every_other_call_passes_through(gauges: MetricsEndpoint, path: str, method: str) -> None:
    """Only a GET of the endpoint's own path is answered here."""
    assert call_application(gauges, {"PATH_INFO": path, "REQUEST_METHOD": method}, b"").body == b"behind"
