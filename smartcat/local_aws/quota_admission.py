"""Which quota stands in front of which call. Composition only: no limits in this file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartcat.local_aws.dynamodb_quota import DynamoDbQuota
from smartcat.local_aws.dynamodb_tables import BURST_SECONDS
from smartcat.local_aws.kinesis_quota import KinesisQuota

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class QuotaAdmission:
    """WSGI middleware: DynamoDB and Kinesis within their capacity, everything else straight through."""

    def __init__(
        self,
        application: WSGIApplication,
        *,
        clock: Callable[[], float],
        initial_burst_seconds: float = BURST_SECONDS,
    ) -> None:
        """Stand in front of moto's WSGI application.

        Args:
            application: What answers the admitted calls.
            clock: Seconds, steady.
            initial_burst_seconds: Seconds' worth of unused write units a new table starts with, 0 to 300.
        """
        self._application = application
        self._dynamodb = DynamoDbQuota(application, clock=clock, initial_burst_seconds=initial_burst_seconds)
        self._kinesis = KinesisQuota(application, clock=clock)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one call."""
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        if target.startswith("DynamoDB_"):
            return self._dynamodb(environ, start_response)
        if target.startswith("Kinesis_"):
            return self._kinesis(environ, start_response)
        return self._application(environ, start_response)

    def gauges(self) -> dict[str, dict[str, Any]]:
        """The gauges of tables and streams."""
        return {"tables": self._dynamodb.gauges(), "streams": self._kinesis.gauges()}
