"""The set of event source mappings: create, get, list, update, delete.

HTTP is in `lambda_api.py`; what a mapping does while it runs is in `runner.py`.
"""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from smartcat.local_aws.event_source_mapping.runner import MappingRunner
from smartcat.local_aws.event_source_mapping.settings import MappingSettings, function_arn
from smartcat.local_aws.lambda_runtime.errors import (
    ConflictError,
    InUseError,
    InvalidParameterError,
    NotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smartcat.local_aws.lambda_runtime.host import InvokeResult

_STOP_SECONDS: Final = 2.0


class EventSourceMappings:
    """All event source mappings of one local AWS.

    Args:
        endpoint_url: Endpoint of Kinesis and the failure destinations; it must serve concurrent requests.
        invoke: Invokes a function: `invoke(arn, payload)`.
    """

    def __init__(self, endpoint_url: str, invoke: Callable[[str, bytes], InvokeResult]) -> None:
        self._endpoint_url = endpoint_url
        self._invoke = invoke
        self._runners: dict[str, MappingRunner] = {}
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._client_lock = threading.Lock()

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Create a mapping and start it; it is `Enabled` once its starting positions are fixed.

        Args:
            request: The JSON of CreateEventSourceMapping.

        Returns:
            The API's EventSourceMappingConfiguration.

        Raises:
            InvalidParameterError: A field is out of range, or the stream does not exist.
            ConflictError: The function already has a mapping from this stream.
        """
        settings = MappingSettings.from_request(request)
        self._require_stream(settings)
        with self._lock:
            self._require_unique(settings)
            mapping_id = str(uuid.uuid4())
            runner = MappingRunner(
                mapping_id,
                settings,
                invoke=self._invoke,
                client=lambda service: self._client(service, settings.region),
                on_deleted=lambda: self._forget(mapping_id),
            )
            self._runners[mapping_id] = runner
        return self._describe(runner)

    def get(self, mapping_id: str) -> dict[str, Any]:
        """Return a mapping's configuration.

        Raises:
            NotFoundError: There is no such mapping.
        """
        return self._describe(self._runner(mapping_id))

    def list(self, *, source_arn: str | None = None, function: str | None = None) -> list[dict[str, Any]]:
        """Return the configurations of all mappings, or of those of a source or a function (name or ARN)."""
        with self._lock:
            runners = list(self._runners.values())
        return [
            self._describe(runner)
            for runner in runners
            if source_arn in (None, runner.settings.source_arn)
            and (not function or _full_arn(function, runner.settings) == runner.settings.function_arn)
        ]

    def update(self, mapping_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Change a mapping while it runs; its checkpoints are kept.

        Args:
            mapping_id: The UUID.
            request: The JSON of UpdateEventSourceMapping; absent fields keep their values.

        Raises:
            NotFoundError: There is no such mapping.
            InUseError: It is being deleted.
            InvalidParameterError: A field is out of range.
            ConflictError: The new function already has a mapping from this stream.
        """
        runner = self._runner(mapping_id)
        with self._lock:  # concurrent changes must undo neither each other nor a deletion
            self._require_not_deleting(runner)
            settings = runner.settings.updated(request)
            self._require_unique(settings, except_for=runner)
            runner.update(settings)
        return self._describe(runner)

    def delete(self, mapping_id: str) -> dict[str, Any]:
        """Delete a mapping once its running invocations have ended.

        Raises:
            NotFoundError: There is no such mapping.
            InUseError: It is already being deleted.
        """
        runner = self._runner(mapping_id)
        with self._lock:
            self._require_not_deleting(runner)
            runner.delete()
        return self._describe(runner)

    def gauges(self) -> dict[str, dict[str, Any]]:
        """Return the section `mappings`: for each, its backlog, iterator age and counts."""
        with self._lock:
            runners = dict(self._runners)
        return {"mappings": {mapping_id: runner.gauges() for mapping_id, runner in runners.items()}}

    def stop(self) -> None:
        """Stop all mappings.

        Running invocations have two seconds; longer ones end with their host, and their threads with them.
        """
        with self._lock:
            runners = list(self._runners.values())
        for runner in runners:
            runner.request_stop()
        deadline = time.monotonic() + _STOP_SECONDS
        for runner in runners:
            runner.join(max(0.0, deadline - time.monotonic()))
        with self._client_lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _runner(self, mapping_id: str) -> MappingRunner:
        with self._lock:
            runner = self._runners.get(mapping_id)
        if runner is None:
            raise NotFoundError("The resource you requested does not exist.")
        return runner

    def _forget(self, mapping_id: str) -> None:
        with self._lock:
            self._runners.pop(mapping_id, None)

    def _describe(self, runner: MappingRunner) -> dict[str, Any]:
        settings = runner.settings
        prefix = f"arn:aws:lambda:{settings.region}:{settings.account}"
        return {
            "UUID": runner.uuid,
            **settings.to_json(),
            "EventSourceMappingArn": f"{prefix}:event-source-mapping:{runner.uuid}",
            "LastModified": runner.last_modified,
            "LastProcessingResult": runner.last_result,
            "State": runner.state,
            "StateTransitionReason": "User action",
        }

    def _require_unique(self, settings: MappingSettings, except_for: MappingRunner | None = None) -> None:
        for other in self._runners.values():
            same_function = other.settings.function_arn == settings.function_arn
            if other is not except_for and same_function and other.settings.source_arn == settings.source_arn:
                raise ConflictError(
                    f"The event source arn {settings.source_arn!r} and function {settings.function_arn!r} "
                    f"provided mapping already exists. Please update or delete the existing mapping with "
                    f"UUID {other.uuid}"
                )

    def _require_not_deleting(self, runner: MappingRunner) -> None:
        if runner.state == "Deleting":
            raise InUseError("Cannot update the event source mapping because it is in use.")

    def _require_stream(self, settings: MappingSettings) -> None:
        kinesis = self._client("kinesis", settings.region)
        try:
            if settings.consumer_arn is not None:
                kinesis.describe_stream_consumer(ConsumerARN=settings.consumer_arn)
            kinesis.describe_stream_summary(StreamName=settings.stream_name)
        except ClientError as error:
            raise InvalidParameterError(f"Stream not found: {settings.source_arn}") from error

    def _client(self, service: str, region: str) -> Any:
        with self._client_lock:
            client = self._clients.get((service, region))
            if client is None:
                client = self._clients[service, region] = boto3.client(  # type: ignore[call-overload]
                    service,
                    endpoint_url=self._endpoint_url,
                    region_name=region,
                    aws_access_key_id="local",
                    aws_secret_access_key="local",  # noqa: S106 - the local endpoint takes any
                    config=Config(
                        retries={"mode": "standard", "max_attempts": 3},
                        max_pool_connections=64,
                        s3={"addressing_style": "path"},
                    ),
                )
            return client


def _full_arn(reference: str, settings: MappingSettings) -> str:
    return function_arn(reference, settings.region, settings.account)
