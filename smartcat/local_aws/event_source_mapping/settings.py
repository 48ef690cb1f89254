"""Settings of a Kinesis event source mapping: AWS's ranges, and the API's JSON. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from smartcat.local_aws.lambda_runtime.errors import InvalidParameterError
from smartcat.stream_names import parse_stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.stream_names import StreamReference

NO_LIMIT: Final = -1
"""MaximumRetryAttempts and MaximumRecordAgeInSeconds: until the record expires in the stream."""

_DESTINATION: Final = re.compile(r"^arn:[^:]+:(?P<service>sqs|sns|s3):[^:]*:\d*:.+$")
_POSITIONS: Final = ("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP")
_REPORT_FAILURES: Final = "ReportBatchItemFailures"
# Ranges of the service model in botocore; the record age also has a documented lower bound of 60.
_RANGES: Final = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "ParallelizationFactor": (1, 10),
    "MaximumRetryAttempts": (-1, 10_000),
    "MaximumRecordAgeInSeconds": (-1, 604_800),
}
# AWS acts on these; ignoring them silently would make local tests misleading.
_UNSUPPORTED: Final = (
    "FilterCriteria",
    "TumblingWindowInSeconds",
    "SourceAccessConfigurations",
    "Topics",
    "Queues",
    "SelfManagedEventSource",
    "ProvisionedPollerConfig",
    "ScalingConfig",
    "KMSKeyArn",
    "MetricsConfig",
    "LoggingConfig",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
)


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """The fields of CreateEventSourceMapping.

    Attributes:
        function_arn: The function, qualifier included.
        stream_arn: The Kinesis stream.
        consumer_arn: Its registered consumer (enhanced fan-out) that the mapping is of; None for the stream.
        starting_position: TRIM_HORIZON, LATEST or AT_TIMESTAMP.
        starting_timestamp: Seconds since the epoch, for AT_TIMESTAMP only.
        enabled: Whether it polls.
        batch_size: Maximum records per invocation, 1 to 10,000.
        window: Maximum batching window in seconds, 0 to 300.
        parallelization_factor: Concurrent batches per shard, 1 to 10.
        maximum_retry_attempts: Retries of a failing batch, -1 for no limit.
        maximum_record_age: Seconds after which a record is discarded, 60 to 604,800, -1 for no limit.
        bisect: Split a batch in two if its invocation failed.
        report_failures: Honor `batchItemFailures` in responses (ReportBatchItemFailures).
        destination: ARN of the failure destination (SQS, SNS, S3), or None.
    """

    function_arn: str
    stream_arn: str
    starting_position: str = "TRIM_HORIZON"
    starting_timestamp: float | None = None
    enabled: bool = True
    batch_size: int = 100
    window: int = 0
    parallelization_factor: int = 1
    maximum_retry_attempts: int = NO_LIMIT
    maximum_record_age: int = NO_LIMIT
    bisect: bool = False
    report_failures: bool = False
    destination: str | None = None
    consumer_arn: str | None = None

    @property
    def source_arn(self) -> str:
        """Return the event source, as it was named and as events name it: the consumer, or the stream."""
        return self.consumer_arn or self.stream_arn

    @property
    def region(self) -> str:
        """Return the stream's region."""
        return parse_stream(self.stream_arn).region

    @property
    def account(self) -> str:
        """Return the stream's account."""
        return parse_stream(self.stream_arn).account

    @property
    def stream_name(self) -> str:
        """Return the stream's name."""
        return parse_stream(self.stream_arn).name

    @classmethod
    def from_request(cls, request: Mapping[str, Any]) -> MappingSettings:
        """Read a CreateEventSourceMapping request.

        Args:
            request: The decoded JSON body.

        Raises:
            InvalidParameterError: A field is missing, out of range, or not emulated.
        """
        source = str(request.get("EventSourceArn") or "")
        stream = _stream(source)
        position = request.get("StartingPosition")
        if position not in _POSITIONS:
            raise InvalidParameterError(
                f"StartingPosition: expected one of {', '.join(_POSITIONS)}, not {position!r}"
            )
        timestamp = request.get("StartingPositionTimestamp")
        if (timestamp is not None) != (position == "AT_TIMESTAMP"):
            raise InvalidParameterError(
                "StartingPositionTimestamp: expected with AT_TIMESTAMP, and only with it"
            )
        bare = cls(
            function_arn=_function_arn(request, stream.region, stream.account),
            stream_arn=stream.arn,
            consumer_arn=source if stream.consumer else None,
            starting_position=position,
            starting_timestamp=None if timestamp is None else float(timestamp),
        )
        return bare.updated(request)

    def updated(self, request: Mapping[str, Any]) -> MappingSettings:
        """Return the settings after an UpdateEventSourceMapping request; absent fields keep their values.

        Args:
            request: The decoded JSON body.

        Raises:
            InvalidParameterError: A field is out of range, or not emulated.
        """
        for name in _UNSUPPORTED:
            if request.get(name):
                raise InvalidParameterError(f"{name}: the local event source mapping does not emulate it")
        result = replace(
            self,
            function_arn=_function_arn(request, self.region, self.account) or self.function_arn,
            enabled=_flag(request, "Enabled", default=self.enabled),
            batch_size=_number(request, "BatchSize", self.batch_size),
            window=_number(request, "MaximumBatchingWindowInSeconds", self.window),
            parallelization_factor=_number(request, "ParallelizationFactor", self.parallelization_factor),
            maximum_retry_attempts=_number(request, "MaximumRetryAttempts", self.maximum_retry_attempts),
            maximum_record_age=_number(request, "MaximumRecordAgeInSeconds", self.maximum_record_age),
            bisect=_flag(request, "BisectBatchOnFunctionError", default=self.bisect),
            report_failures=_reports_failures(request, default=self.report_failures),
            destination=_destination(request, self.destination),
        )
        if 0 <= result.maximum_record_age < 60:
            raise InvalidParameterError(
                f"MaximumRecordAgeInSeconds: expected -1 or 60 to 604800, not {result.maximum_record_age}"
            )
        if not result.function_arn:
            raise InvalidParameterError("FunctionName: expected a function name or ARN")
        return result

    def to_json(self) -> dict[str, Any]:
        """Return the settings as the API's EventSourceMappingConfiguration shows them."""
        response: dict[str, Any] = {
            "StartingPosition": self.starting_position,
            "BatchSize": self.batch_size,
            "MaximumBatchingWindowInSeconds": self.window,
            "ParallelizationFactor": self.parallelization_factor,
            "EventSourceArn": self.source_arn,
            "FunctionArn": self.function_arn,
            "DestinationConfig": {"OnFailure": {"Destination": self.destination} if self.destination else {}},
            "MaximumRecordAgeInSeconds": self.maximum_record_age,
            "BisectBatchOnFunctionError": self.bisect,
            "MaximumRetryAttempts": self.maximum_retry_attempts,
            "TumblingWindowInSeconds": 0,
            "FunctionResponseTypes": [_REPORT_FAILURES] if self.report_failures else [],
        }
        if self.starting_timestamp is not None:
            response["StartingPositionTimestamp"] = self.starting_timestamp
        return response


def _stream(arn: str) -> StreamReference:
    try:
        stream = parse_stream(arn)
    except ValueError:
        stream = None
    if stream is None or not stream.arn:
        raise InvalidParameterError(
            f"EventSourceArn: expected the ARN of a Kinesis stream or of a consumer of one, not {arn!r}"
        )
    return stream


def function_arn(reference: str, region: str, account: str) -> str:
    """Return the full ARN for a function name, a partial ARN or an ARN, keeping the qualifier."""
    if reference.startswith("arn:") or not reference:
        return reference
    if reference.startswith(f"{account}:function:"):
        return f"arn:aws:lambda:{region}:{reference}"
    return f"arn:aws:lambda:{region}:{account}:function:{reference.removeprefix('function:')}"


def _function_arn(request: Mapping[str, Any], region: str, account: str) -> str:
    return function_arn(str(request.get("FunctionName") or ""), region, account)


def _number(request: Mapping[str, Any], name: str, default: int) -> int:
    value = request.get(name)
    if value is None:
        return default
    low, high = _RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidParameterError(f"{name}: expected a whole number from {low} to {high}, not {value!r}")
    return value


def _flag(request: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = request.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise InvalidParameterError(f"{name}: expected true or false, not {value!r}")
    return value


def _reports_failures(request: Mapping[str, Any], *, default: bool) -> bool:
    types = request.get("FunctionResponseTypes")
    if types is None:
        return default
    if types not in ([], [_REPORT_FAILURES]):
        raise InvalidParameterError(
            f"FunctionResponseTypes: expected [] or [{_REPORT_FAILURES!r}], not {types!r}"
        )
    return bool(types)


def _destination(request: Mapping[str, Any], default: str | None) -> str | None:
    config = request.get("DestinationConfig")
    if config is None:
        return default
    arn = (config.get("OnFailure") or {}).get("Destination") or None
    if arn is not None and (not _DESTINATION.match(arn) or arn.endswith(".fifo")):
        raise InvalidParameterError(
            f"DestinationConfig.OnFailure.Destination: expected a standard SQS queue, a standard SNS topic "
            f"or an S3 bucket, not {arn!r}"
        )
    return arn
