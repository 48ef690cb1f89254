"""The demo as a story: learn, start AWS, push, watch, account. Shows nothing itself."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from producers.producer import Producer
from smartcat.cli.demo.account import Account, RecordIdentity, close_account
from smartcat.cli.demo.observation import Sample
from smartcat.cli.demo.outcome import Outcome, read_outcome
from smartcat.cli.local_process import LocalAwsProcess
from smartcat.cli.samples.poison import PoisonPayload
from smartcat.cli.stack import Stack, StackOptions, build_stack
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from smartcat.wire_format.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from producers import DeliveryReport, Receipt
    from smartcat.cli.demo.scenario import Scenario

SAMPLE_INTERVAL = 0.5

#: Seconds without any progress after which the demo gives up instead of waiting for ever.
STALL_SECONDS = 90.0

#: Seconds of unused capacity that the table starts with: the full 300 s would hide the limit in a short run.
INITIAL_BURST_SECONDS = 3.0


class DemoError(RuntimeError):
    """The demo could not reach its end."""


@dataclass(slots=True)
class Accepted:
    """What Kinesis accepted so far, and when that was complete. Filled by the producer's threads."""

    records: dict[RecordIdentity, str | None] = field(default_factory=dict)
    documents: set[str] = field(default_factory=set)
    repeated: int = 0
    report: DeliveryReport | None = None
    error: BaseException | None = None
    done: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, record: RecordIdentity, document_id: str | None) -> None:
        """Note a record, and the document in it (None for poison)."""
        with self.lock:
            self.records[record] = document_id
            if document_id is not None:
                self.repeated += document_id in self.documents
                self.documents.add(document_id)


@dataclass(frozen=True, slots=True)
class Run:
    """Everything there is to tell about a finished run."""

    account: Account
    outcome: Outcome
    samples: tuple[Sample, ...]
    gauges: dict[str, Any]
    stack: Stack
    options: StackOptions
    refused: int
    seconds: float


def learn(scenario: Scenario, model: Path, progress: Callable[[str, int, int], None]) -> None:
    """Train on the scenario's documents and save the model directory."""
    trained = train(scenario.training, options=TrainingOptions.quick(), progress=progress)
    trained.save(model, created_at=datetime.now(UTC).isoformat(timespec="seconds"))


def play(
    scenario: Scenario,
    model: Path,
    options: StackOptions,
    *,
    logs: Path,
    show: Callable[[Sequence[Sample]], None],
) -> Run:
    """Stream the scenario through local AWS and account for every record.

    Args:
        scenario: what to stream.
        model: the model directory to serve.
        options: sizes of stream, table and function.
        logs: folder for the function's logs.
        show: called with the samples so far, twice a second.

    Raises:
        DemoError: nothing moved for 90 s, or the producer failed.
        LocalAwsError: local AWS did not start, or stopped.
    """
    with LocalAwsProcess(initial_burst_seconds=INITIAL_BURST_SECONDS, logs=logs) as aws:
        stack = build_stack(aws.client, model, options)
        accepted = Accepted()
        producer = threading.Thread(
            target=_push, args=(scenario, aws, stack, accepted), name="producer", daemon=True
        )
        started = time.monotonic()
        producer.start()
        samples = _watch(aws, stack, accepted, started, show)
        producer.join()
        outcome = read_outcome(aws.client("dynamodb"), stack.table, aws.client("s3"), stack.quarantine_bucket)
        return Run(
            account=_close(scenario, accepted, outcome),
            outcome=outcome,
            samples=tuple(samples),
            gauges=aws.gauges(),
            stack=stack,
            options=options,
            refused=len(accepted.report.failed) if accepted.report else 0,
            seconds=samples[-1].seconds,
        )


def _close(scenario: Scenario, accepted: Accepted, outcome: Outcome) -> Account:
    return close_account(
        accepted.records,
        outcome.labels(),
        [found.record for found in outcome.quarantined],
        scenario.expected_labels(),
    )


def _push(scenario: Scenario, aws: LocalAwsProcess, stack: Stack, accepted: Accepted) -> None:
    try:
        with Producer(stack.stream, client=aws.client("kinesis", attempts=1)) as producer:
            for record in scenario.in_order():
                if isinstance(record, PoisonPayload):
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
            answer = receipt.result()
            place = RecordIdentity(answer.shard_id, answer.sequence_number, answer.sub_sequence_number)
            accepted.add(place, document_id)

    return note


def _watch(
    aws: LocalAwsProcess,
    stack: Stack,
    accepted: Accepted,
    started: float,
    show: Callable[[Sequence[Sample]], None],
) -> list[Sample]:
    """Take a sample every half second until everything that was accepted is stored or quarantined."""
    dynamodb, s3 = aws.client("dynamodb"), aws.client("s3")
    samples: list[Sample] = []
    moved_at = 0.0
    while True:
        complete = accepted.done
        samples.append(_sample(aws, dynamodb, s3, stack, accepted, time.monotonic() - started))
        show(samples)
        if accepted.error is not None:
            raise DemoError(f"the producer failed: {accepted.error}") from accepted.error
        now = samples[-1]
        if complete and _settled(aws, stack, now):
            return samples
        if len(samples) < 2 or _moved(samples[-2], now):
            moved_at = now.seconds
        elif now.seconds - moved_at > STALL_SECONDS:
            raise DemoError(
                f"nothing moved for {STALL_SECONDS:.0f} s with {now.backlog} records left: see the logs"
            )
        time.sleep(SAMPLE_INTERVAL)


def _moved(before: Sample, now: Sample) -> bool:
    return (before.accepted, before.stored, before.quarantined) != (now.accepted, now.stored, now.quarantined)


def _settled(aws: LocalAwsProcess, stack: Stack, now: Sample) -> bool:
    """Say whether nothing is under way: no backlog in sight, and every record checkpointed by the mapping."""
    mapping = aws.gauges()["mappings"][stack.mapping_id]
    return now.backlog == 0 and mapping["backlog"] == 0


def _sample(
    aws: LocalAwsProcess, dynamodb: Any, s3: Any, stack: Stack, accepted: Accepted, seconds: float
) -> Sample:
    gauges = aws.gauges()
    table = gauges["tables"][stack.table]
    function = gauges["functions"].get(stack.function, {})
    objects = s3.get_paginator("list_objects_v2")
    return Sample(
        seconds=seconds,
        accepted=len(accepted.records),
        repeated=accepted.repeated,
        stored=dynamodb.describe_table(TableName=stack.table)["Table"]["ItemCount"],
        quarantined=sum(page["KeyCount"] for page in objects.paginate(Bucket=stack.quarantine_bucket)),
        provisioned=table["provisioned_write_units"],
        consumed=table["consumed_write_units"],
        throttled=table["throttled_requests"],
        environments=function.get("environments", 0),
    )
