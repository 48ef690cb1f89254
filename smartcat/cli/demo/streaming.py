"""Streams a scenario through local AWS: train, deploy, send, watch, reconcile. Prints nothing itself."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from producers.producer import Producer
from smartcat.cli.demo.outcome import Outcome, read_outcome
from smartcat.cli.demo.reconciliation import Reconciliation, RecordIdentity, reconcile
from smartcat.cli.demo.snapshots import Snapshot
from smartcat.cli.deployment import Deployment, DeploymentOptions, deploy
from smartcat.cli.local_aws_process import LocalAwsProcess
from smartcat.cli.samples.rejected_records import RejectedPayload
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from smartcat.wire_format.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from producers import DeliveryReport, Receipt
    from smartcat.cli.demo.scenario import Scenario

SNAPSHOT_INTERVAL = 0.5

#: Seconds without progress after which the demo fails instead of waiting for ever.
STALL_SECONDS = 90.0

#: Seconds of burst capacity that the table starts with: the full 300 s would hide the limit in a short run.
INITIAL_BURST_SECONDS = 3.0


class DemoError(RuntimeError):
    """The demo did not finish."""


@dataclass(slots=True)
class Accepted:
    """The records that Kinesis accepted so far, and whether that is all. Filled by the producer's threads."""

    records: dict[RecordIdentity, str | None] = field(default_factory=dict)
    documents: set[str] = field(default_factory=set)
    repeated: int = 0
    report: DeliveryReport | None = None
    error: BaseException | None = None
    done: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, record: RecordIdentity, document_id: str | None) -> None:
        """Note a record and its document (None for an invalid record)."""
        with self.lock:
            self.records[record] = document_id
            if document_id is not None:
                self.repeated += document_id in self.documents
                self.documents.add(document_id)


@dataclass(frozen=True, slots=True)
class StreamingRun:
    """A finished run."""

    reconciliation: Reconciliation
    outcome: Outcome
    snapshots: tuple[Snapshot, ...]
    gauges: dict[str, Any]
    deployment: Deployment
    options: DeploymentOptions
    rejected_by_stream: int
    seconds: float


def train_model(scenario: Scenario, model: Path, progress: Callable[[str, int, int], None]) -> None:
    """Train on the documents of the scenario, and save the model directory."""
    trained = train(scenario.training, options=TrainingOptions.quick(), progress=progress)
    trained.save(model, created_at=datetime.now(UTC).isoformat(timespec="seconds"))


def stream_documents(
    scenario: Scenario,
    model: Path,
    options: DeploymentOptions,
    *,
    logs: Path,
    show: Callable[[Sequence[Snapshot]], None],
) -> StreamingRun:
    """Stream the scenario through local AWS, and reconcile every record.

    Args:
        scenario: What to stream.
        model: The model directory to serve.
        options: Sizes of stream, table and function.
        logs: Folder for the function's logs.
        show: Called with the snapshots so far, twice a second.

    Raises:
        DemoError: No progress for 90 s, or the producer failed.
        LocalAwsError: Local AWS did not start, or stopped.
    """
    with LocalAwsProcess(initial_burst_seconds=INITIAL_BURST_SECONDS, logs=logs) as aws:
        deployment = deploy(aws.client, model, options)
        accepted = Accepted()
        producer = threading.Thread(
            target=_send, args=(scenario, aws, deployment, accepted), name="producer", daemon=True
        )
        started = time.monotonic()
        producer.start()
        snapshots = _watch(aws, deployment, accepted, started, show)
        producer.join()
        outcome = read_outcome(
            aws.client("dynamodb"), deployment.table, aws.client("s3"), deployment.quarantine_bucket
        )
        return StreamingRun(
            reconciliation=_reconcile(scenario, accepted, outcome),
            outcome=outcome,
            snapshots=tuple(snapshots),
            gauges=aws.gauges(),
            deployment=deployment,
            options=options,
            rejected_by_stream=len(accepted.report.failed) if accepted.report else 0,
            seconds=snapshots[-1].seconds,
        )


def _reconcile(scenario: Scenario, accepted: Accepted, outcome: Outcome) -> Reconciliation:
    return reconcile(
        accepted.records,
        outcome.labels(),
        [entry.record for entry in outcome.quarantined],
        scenario.expected_labels(),
    )


def _send(scenario: Scenario, aws: LocalAwsProcess, deployment: Deployment, accepted: Accepted) -> None:
    try:
        with Producer(deployment.stream, client=aws.client("kinesis", attempts=1)) as producer:
            for record in scenario.in_order():
                if isinstance(record, RejectedPayload):
                    receipt, document_id = producer.put_raw(record.data, record.partition_key), None
                else:
                    document = Document(document_id=record.document_id, pages=record.pages)
                    receipt, document_id = producer.put(document), record.document_id
                receipt.add_done_callback(_note(accepted, document_id))
            accepted.report = producer.flush()
    except BaseException as error:  # noqa: BLE001 - a thread's error must reach the main thread, whatever it is
        accepted.error = error
    finally:
        accepted.done = True


def _note(accepted: Accepted, document_id: str | None) -> Callable[[Future[Receipt]], None]:
    def note(receipt: Future[Receipt]) -> None:
        if receipt.exception() is None:
            done = receipt.result()
            record = RecordIdentity(done.shard_id, done.sequence_number, done.sub_sequence_number)
            accepted.add(record, document_id)

    return note


def _watch(
    aws: LocalAwsProcess,
    deployment: Deployment,
    accepted: Accepted,
    started: float,
    show: Callable[[Sequence[Snapshot]], None],
) -> list[Snapshot]:
    """Take a snapshot every half second until every accepted record is stored or quarantined."""
    dynamodb, s3 = aws.client("dynamodb"), aws.client("s3")
    snapshots: list[Snapshot] = []
    progress_at = 0.0
    while True:
        complete = accepted.done
        snapshots.append(_snapshot(aws, dynamodb, s3, deployment, accepted, time.monotonic() - started))
        show(snapshots)
        if accepted.error is not None:
            raise DemoError(f"the producer failed: {accepted.error}") from accepted.error
        now = snapshots[-1]
        if complete and _settled(aws, deployment, now):
            return snapshots
        if len(snapshots) < 2 or _progressed(snapshots[-2], now):
            progress_at = now.seconds
        elif now.seconds - progress_at > STALL_SECONDS:
            raise DemoError(
                f"no progress for {STALL_SECONDS:.0f} s with {now.backlog} records left: see the logs"
            )
        time.sleep(SNAPSHOT_INTERVAL)


def _progressed(before: Snapshot, now: Snapshot) -> bool:
    return (before.accepted, before.stored, before.quarantined) != (now.accepted, now.stored, now.quarantined)


def _settled(aws: LocalAwsProcess, deployment: Deployment, now: Snapshot) -> bool:
    """Return whether nothing is in flight: no backlog, and every record checkpointed by the mapping."""
    mapping = aws.gauges()["mappings"][deployment.mapping_id]
    return now.backlog == 0 and mapping["backlog"] == 0


def _snapshot(
    aws: LocalAwsProcess, dynamodb: Any, s3: Any, deployment: Deployment, accepted: Accepted, seconds: float
) -> Snapshot:
    gauges = aws.gauges()
    table = gauges["tables"][deployment.table]
    function = gauges["functions"].get(deployment.function, {})
    objects = s3.get_paginator("list_objects_v2")
    return Snapshot(
        seconds=seconds,
        accepted=len(accepted.records),
        repeated=accepted.repeated,
        stored=dynamodb.describe_table(TableName=deployment.table)["Table"]["ItemCount"],
        quarantined=sum(page["KeyCount"] for page in objects.paginate(Bucket=deployment.quarantine_bucket)),
        provisioned=table["provisioned_write_units"],
        consumed=table["consumed_write_units"],
        throttled=table["throttled_requests"],
        environments=function.get("environments", 0),
    )
