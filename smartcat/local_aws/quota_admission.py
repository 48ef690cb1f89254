"""Which quota applies to which call. Composition only: no limits in this file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartcat.local_aws.dynamodb.quota import DynamoDbQuota
from smartcat.local_aws.dynamodb.table_capacity import BURST_SECONDS
from smartcat.local_aws.kinesis.quota import KinesisQuota

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class QuotaAdmission:
    """WSGI middleware: holds DynamoDB and Kinesis to their capacity, and passes everything else through."""

    def __init__(
        self,
        application: WSGIApplication,
        *,
        clock: Callable[[], float],
        initial_burst_seconds: float = BURST_SECONDS,
    ) -> None:
        """Wrap moto's WSGI application.

        Args:
            application: Serves the admitted calls.
            clock: Monotonic seconds.
            initial_burst_seconds: Seconds of unused write capacity that a new table starts with, 0 to 300.
        """
        self._application = application
        self._dynamodb = DynamoDbQuota(application, clock=clock, initial_burst_seconds=initial_burst_seconds)
        self._kinesis = KinesisQuota(application, clock=clock)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one call."""
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        if target.startswith("DynamoDB_"):
            return self._dynamodb(environ, start_response)
        if target.startswith("Kinesis_"):
            return self._kinesis(environ, start_response)
        return self._application(environ, start_response)

    def gauges(self) -> dict[str, dict[str, Any]]:
        """Return the metrics of tables and streams."""
        return {"tables": self._dynamodb.gauges(), "streams": self._kinesis.gauges()}
