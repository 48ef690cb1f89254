"""Deploys the system with boto3: stream, tables, buckets, function, event source mapping. For local AWS only.

An account is deployed with infra/terraform. Uses public APIs alone, so it works with any endpoint.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from smartcat.cli.capacity_planning.plan import environments_for
from smartcat.cli.feedback.corrections_table import create_corrections_table
from smartcat.cli.lambda_package.function_code import HANDLER, function_zip
from smartcat.cli.models.location import Location
from smartcat.cli.models.model_store import ModelStore
from smartcat.cli.models.pointer import Move, timestamp
from smartcat.cli.models.promotion import promote
from smartcat.cli.models.publish import publish

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smartcat.classifier.scorer import EngineChoice

CLAIM_RULE = "expire"
"""Name of the lifecycle rule that deletes claimed documents."""

_ASSUME_ROLE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


class Clients(Protocol):
    """Returns a boto3 client of a service by its name."""

    def __call__(self, service: str) -> Any:
        """Return the client."""


@dataclass(frozen=True, slots=True)
class DeploymentOptions:
    """Names and sizes of a deployment. Units are in the names; ranges are AWS's."""

    name: str = "smartcat"
    shards: int = 4
    write_units: int = 50
    parallelization_factor: int = 1
    batch_size: int = 200
    batching_window_seconds: int = 1
    memory_mb: int = 1769
    timeout_seconds: int = 60
    # An outage of a dependency uses one retry per timeout: 100 retries outlast an hour, and a record that
    # always times out is still discarded before others expire.
    max_retries: int = 100
    max_record_age_seconds: int = 86_400
    # As long as a claim may still be on the stream, or in the quarantine to be replayed.
    claim_days: int = 30
    engine: EngineChoice = "auto"
    # The zip of ``smartcat package``; None for the code installed here.
    code: Path | None = None
    function_environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def function(self) -> str:
        """The function's name, which is also the name of the folder of its logs."""
        return f"{self.name}-classifier"

    @property
    def concurrent_batches(self) -> int:
        """Batches that the mapping can run at once: shards x parallelization factor."""
        return self.shards * self.parallelization_factor

    @property
    def environments(self) -> int:
        """Execution environments, sized to the table: an environment that waits for capacity is billed."""
        return environments_for(self.write_units, self.concurrent_batches)

    @property
    def record_lifetime_hours(self) -> float:
        """Hours until a record expires, on a new stream (a day) or by the mapping's maximum age."""
        unlimited = self.max_record_age_seconds < 0
        return 24.0 if unlimited else min(24.0, self.max_record_age_seconds / 3600)

    @property
    def write_units_per_environment(self) -> float:
        """Write capacity units a second that one environment may use."""
        return self.write_units / self.environments

    @property
    def burst_units_per_environment(self) -> float:
        """Write capacity units a second that one environment may use while the table has burst capacity.

        All environments together stay at 900 of the 1,000 units that DynamoDB gives a partition.
        """
        return 900 * math.ceil(self.write_units / 1000) / self.environments


@dataclass(frozen=True, slots=True)
class Deployment:
    """The names of the deployed resources."""

    stream: str
    table: str
    quarantine_bucket: str
    failures_bucket: str
    artifacts_bucket: str
    claims_bucket: str
    function: str
    mapping_id: str
    corrections_table: str
    models: str

    def environment(self) -> dict[str, str]:
        """Return the environment variables that producers and the other commands read."""
        return {
            "SMARTCAT_STREAM": self.stream,
            "SMARTCAT_TABLE": self.table,
            "SMARTCAT_QUARANTINE_BUCKET": self.quarantine_bucket,
            "SMARTCAT_FAILURES_BUCKET": self.failures_bucket,
            "SMARTCAT_CLAIMS_BUCKET": self.claims_bucket,
            "SMARTCAT_CORRECTIONS_TABLE": self.corrections_table,
            "SMARTCAT_MODELS": self.models,
        }


def deploy(clients: Clients, model: Path, options: DeploymentOptions) -> Deployment:
    """Create all resources and wait until the mapping is enabled.

    Args:
        clients: Returns boto3 clients for the target.
        model: The model directory that the function serves.
        options: Names and sizes.

    Raises:
        botocore.exceptions.ClientError: AWS rejected a call, for example because a name is taken.
    """
    name = options.name
    stream_arn = _stream(clients("kinesis"), f"{name}-documents", options.shards)
    table = _table(clients("dynamodb"), f"{name}-results", options.write_units)
    roles = ("quarantine", "failures", "artifacts", "claims")
    quarantine, failures, artifacts, claims = (f"{name}-{role}" for role in roles)
    s3 = clients("s3")
    for bucket in (quarantine, failures, artifacts, claims):
        _bucket(s3, bucket)
    expire_objects(s3, claims, options.claim_days)
    corrections = create_corrections_table(clients("dynamodb"), f"{name}-corrections")
    models = Location(artifacts, "models/")
    model_url = _promoted(ModelStore(s3, models), model)
    environment = {
        "SMARTCAT_TABLE": table,
        "SMARTCAT_QUARANTINE_BUCKET": quarantine,
        "SMARTCAT_CLAIMS_BUCKET": claims,
        "SMARTCAT_MODEL": model_url,
        "SMARTCAT_ENGINE": options.engine,
        "SMARTCAT_WRITE_UNITS_PER_SECOND": f"{options.write_units_per_environment:g}",
        "SMARTCAT_ENVIRONMENTS": str(options.environments),
        "SMARTCAT_BURST_UNITS_PER_SECOND": f"{options.burst_units_per_environment:g}",
        "SMARTCAT_RETENTION_HOURS": f"{options.record_lifetime_hours:g}",
        **options.function_environment,
    }
    function = _function(clients, options, environment)
    mapping_id = _mapping(clients("lambda"), stream_arn, function, failures, options)
    return Deployment(
        stream=f"{name}-documents",
        table=table,
        quarantine_bucket=quarantine,
        failures_bucket=failures,
        artifacts_bucket=artifacts,
        claims_bucket=claims,
        function=function,
        mapping_id=mapping_id,
        corrections_table=corrections,
        models=str(models),
    )


def _stream(kinesis: Any, name: str, shards: int) -> str:
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    return str(kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"])


def _table(dynamodb: Any, name: str, write_units: int) -> str:
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "document_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "document_id", "KeyType": "HASH"}],
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 50, "WriteCapacityUnits": write_units},
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    dynamodb.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    return name


def _bucket(s3: Any, name: str) -> None:
    region = s3.meta.region_name
    # us-east-1 is the one region that must not be named here.
    elsewhere = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **elsewhere)


def expire_objects(s3: Any, bucket: str, days: int) -> None:
    """Expire every object of a bucket so many days after it was last written."""
    rule = {
        "ID": CLAIM_RULE,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": days},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})


def _promoted(store: ModelStore, model: Path) -> str:
    """Publish and promote the model; return its URL."""
    version = publish(store, model).model_version
    now = datetime.now(UTC)
    promote(store, Move(kind="promote", model_version=version, promoted_at=timestamp(now)))
    return store.location.url(version)


def _function(clients: Clients, options: DeploymentOptions, environment: Mapping[str, str]) -> str:
    name = options.function
    role = clients("iam").create_role(RoleName=name, AssumeRolePolicyDocument=_ASSUME_ROLE)["Role"]["Arn"]
    client = clients("lambda")
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler=HANDLER,
        Code={"ZipFile": options.code.read_bytes() if options.code else function_zip()},
        Timeout=options.timeout_seconds,
        MemorySize=options.memory_mb,
        Environment={"Variables": dict(environment)},
    )
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=options.environments)
    return name


def _mapping(
    client: Any, stream_arn: str, function: str, failures_bucket: str, options: DeploymentOptions
) -> str:
    answer = client.create_event_source_mapping(
        EventSourceArn=stream_arn,
        FunctionName=function,
        StartingPosition="TRIM_HORIZON",
        BatchSize=options.batch_size,
        MaximumBatchingWindowInSeconds=options.batching_window_seconds,
        ParallelizationFactor=options.parallelization_factor,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=options.max_retries,
        MaximumRecordAgeInSeconds=options.max_record_age_seconds,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:s3:::{failures_bucket}"}},
    )
    return str(answer["UUID"])
