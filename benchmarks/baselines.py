"""The functions that are compared: the product, and what is usually written first with boto3 alone.

Each is called in an environment's cold start and returns the handler. All of them read, classify and format
results with the product's code; they differ in how they write.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

import boto3
from boto3.dynamodb.table import BatchWriter
from botocore.config import Config
from botocore.exceptions import ClientError

from benchmarks.simulated_classifier import SimulatedClassifier
from benchmarks.virtual_dynamodb import TABLE
from stream_processor.adapters import aws_clients
from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.adapters.system_clock import SystemClock
from stream_processor.bootstrap import build_processor
from stream_processor.core.classification import ClassificationRules, classify_documents
from stream_processor.core.kinesis_event import read_event
from stream_processor.core.write_plan import ResultWrite, make_plan
from stream_processor.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.virtual_dynamodb import VirtualTable
    from benchmarks.virtual_lambda import Environment, Handler
    from benchmarks.virtual_time import VirtualTime
    from stream_processor.core.batch_summary import BatchSummary
    from stream_processor.core.ports import TimeLeft
    from stream_processor.storage_format.quarantine_object import RejectedRecord

BATCH_ITEMS: Final = 25
JITTER_FIRST_SECONDS: Final = 0.2
JITTER_LONGEST_SECONDS: Final = 20.0
JITTER_RESERVE_SECONDS: Final = 2.0

_MIB: Final = 1024 * 1024

_STANDARD: Final = Config(retries={"mode": "standard"})
_ADAPTIVE: Final = Config(retries={"mode": "adaptive"})
_NO_RETRIES: Final = Config(retries={"mode": "standard", "total_max_attempts": 1})


@dataclass(frozen=True, slots=True)
class FunctionContext:
    """What a function is configured with.

    Attributes:
        virtual: The run's time.
        table: The table.
        seed: Jitter comes from it.
        share: Write units a second of one environment.
        environments: How many environments there may be.
        burst_rate: Units a second at which one may spend what idle time has saved.
        compute_seconds: Of classifying one document.
    """

    virtual: VirtualTime
    table: VirtualTable
    seed: int
    share: float
    environments: int
    burst_rate: float
    compute_seconds: float


_NOWHERE: Final = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
}
"""What a client asks for before it can be connected to the virtual table."""


def smartcat(context: FunctionContext, environment: Environment) -> Handler:
    """Return the product's handler: what `bootstrap` builds, with the real adapter and the real client."""
    for name, value in _NOWHERE.items():
        os.environ.setdefault(name, value)
    client = aws_clients.dynamodb()
    environment.connections.append(context.table.connect(client))
    clock = SystemClock()
    settings = Settings(
        table=TABLE,
        quarantine_bucket="quarantine",
        model="model",
        write_units_per_second=context.share,
        burst_units_per_second=context.burst_rate,
        environments=context.environments,
    )
    processor = build_processor(
        settings,
        classifier=SimulatedClassifier(environment, context.compute_seconds),
        table=DynamoDbResults(client, TABLE, sleep=clock.sleep, run_parallel=context.virtual.together),
        quarantine=_NoQuarantine(),
        clock=clock,
        random=Random(f"{context.seed} {environment.number}"),  # noqa: S311 - jitter, not a secret
        metrics=_NoMetrics(),
    )
    return processor.process


def batch_writer(context: FunctionContext, environment: Environment) -> Handler:
    """Return a handler with boto3's batch_writer and default retries: standard mode, 4 attempts."""
    return _with_batch_writer(context, environment, _STANDARD)


def adaptive(context: FunctionContext, environment: Environment) -> Handler:
    """Return a handler with boto3's batch_writer on a client in adaptive mode."""
    return _with_batch_writer(context, environment, _ADAPTIVE)


def jitter(context: FunctionContext, environment: Environment) -> Handler:
    """Return a handler with BatchWriteItem in a loop with exponential full jitter, boto's retries off.

    It respects the deadline and reports the first record it has not written: the best that can be done
    without knowing the table's rate.
    """
    client = boto3.client("dynamodb", config=_NO_RETRIES)
    environment.connections.append(context.table.connect(client))
    classifier = SimulatedClassifier(environment, context.compute_seconds)
    rng = Random(f"{context.seed} {environment.number}")  # noqa: S311 - jitter, not a secret

    def handle(event: Mapping[str, Any], time_left: TimeLeft) -> dict[str, Any]:
        writes = _results(event, classifier)
        for start in range(0, len(writes), BATCH_ITEMS):
            left, tries = [write.item.attributes for write in writes[start : start + BATCH_ITEMS]], 0
            while left := _write_once(client, left):
                tries += 1
                pause = rng.uniform(0, min(JITTER_LONGEST_SECONDS, JITTER_FIRST_SECONDS * 2.0**tries))
                if time_left() - pause < JITTER_RESERVE_SECONDS:
                    return _from_first_of(left, event)
                time.sleep(pause)
        return {"batchItemFailures": []}

    return handle


CONTROLLERS: Final[Mapping[str, Callable[[FunctionContext, Environment], Handler]]] = {
    "smartcat": smartcat,
    "batch_writer": batch_writer,
    "adaptive": adaptive,
    "jitter": jitter,
}


def _with_batch_writer(context: FunctionContext, environment: Environment, config: Config) -> Handler:
    client = boto3.client("dynamodb", config=config)
    environment.connections.append(context.table.connect(client))
    classifier = SimulatedClassifier(environment, context.compute_seconds)

    def handle(event: Mapping[str, Any], time_left: TimeLeft) -> dict[str, Any]:
        del time_left  # batch_writer ignores it
        # The class behind Table.batch_writer; a low-level client spares it the conversion of types.
        with BatchWriter(TABLE, client) as writer:
            for write in _results(event, classifier):
                writer.put_item(Item=write.item.attributes)
        return {"batchItemFailures": []}

    return handle


def _results(event: Mapping[str, Any], classifier: SimulatedClassifier) -> list[ResultWrite]:
    records = read_event(event, max_document_bytes=_MIB, max_batch_text=16 * _MIB).records
    documents = [document for record in records for document in record.documents]
    plan = make_plan(records, classify_documents(documents, classifier, ClassificationRules()).results)
    return [write for write in plan if isinstance(write, ResultWrite)]


def _write_once(client: Any, items: Sequence[Any]) -> list[Any]:
    """Make one request; return the items that were not stored."""
    try:
        answer = client.batch_write_item(
            RequestItems={TABLE: [{"PutRequest": {"Item": item}} for item in items]}
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ProvisionedThroughputExceededException":
            raise
        return list(items)
    return [entry["PutRequest"]["Item"] for entry in answer["UnprocessedItems"].get(TABLE, [])]


def _from_first_of(left: Sequence[Any], event: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {item["sequence_number"]["S"] for item in left}
    first = next(
        record["kinesis"]["sequenceNumber"]
        for record in event["Records"]
        if record["kinesis"]["sequenceNumber"] in numbers
    )
    return {"batchItemFailures": [{"itemIdentifier": first}]}


class _NoQuarantine:
    """No document of the benchmark is rejected."""

    def store(self, records: Sequence[RejectedRecord], *, seconds: float) -> tuple[RejectedRecord, ...]:
        raise RuntimeError(f"{len(records)} documents of the benchmark were rejected, {seconds:.0f} s left")


class _NoMetrics:
    """Metrics that are dropped."""

    def model_loaded(self, engine: str, model_version: str) -> None:
        """Drop it."""

    def record_quarantined(self, rejected: RejectedRecord) -> None:
        raise RuntimeError(f"a document of the benchmark was rejected: {rejected.reason}")

    def report_problem(self, problem: str) -> None:
        raise RuntimeError(problem)

    def batch_processed(self, summary: BatchSummary) -> None:
        """Drop it."""
