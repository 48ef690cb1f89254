"""A world of scripted fakes around the processor: clock, table, quarantine, classifier and metrics."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.classifier.decision import Decision, WordReason
from smartcat.classifier.page_stream_segmentation import Segment
from smartcat.wire_format.claim_check import make_claim
from smartcat.wire_format.claim_check import to_bytes as claim_to_bytes
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.replay_tags import OriginalPosition, to_tags
from stream_processor.core.claim_fetching import ClaimBucket
from stream_processor.core.dependencies import Dependencies
from stream_processor.core.drift import TrainingBaseline
from stream_processor.core.process_batch import BatchProcessor, Limits, Response
from stream_processor.core.wait_policy import WaitLimits
from stream_processor.core.write_budget.write_budget import WriteBudget
from support.processor_fakes import ARRIVED, FakeClaimedObjects, FakeClock, FakeQuarantine, FakeTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stream_processor.core.batch_summary import BatchSummary
    from stream_processor.storage_format.quarantine_object import RejectedRecord

STREAM_ARN = "arn:aws:kinesis:eu-central-1:000000000000:stream/documents"
SHARD = "shardId-000000000000"


class FakeClassifier:
    """Labels a document by its first word; a page that begins with ``explode`` is a defect."""

    model_version = "m1"
    canary_document = ("known words",)
    training_baseline = TrainingBaseline({"known": 1.0})

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.error: type[Exception] = ZeroDivisionError
        self.broken_batches = 0
        self.splits: list[int] = []
        self.broken_splits = False

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Decision]:
        self.calls.append(len(documents))
        if self.broken_batches:
            self.broken_batches -= 1
            raise self.error("the secret page")
        return [self._decide(pages, reasons) for pages in documents]

    def split(self, stacks: Sequence[Sequence[str]], *, reasons: int = 5) -> list[tuple[Segment, ...]]:
        """Every page is a document of its own."""
        self.splits.append(len(stacks))
        if self.broken_splits:
            raise self.error("the secret page")
        return [
            tuple(
                Segment(number, number, 0.5, alone.confidence / 2, alone.decision, alone)
                for number, page in enumerate(pages, start=1)
                for alone in [self._decide([page], reasons)]
            )
            for pages in stacks
        ]

    def _decide(self, pages: Sequence[str], reasons: int) -> Decision:
        words = pages[0].split() or [""]
        if words[0] == "explode":
            raise self.error("the secret page")
        blank = not any(pages)
        return Decision(
            label=words[0] or "other",
            confidence=0.0 if blank else 0.875,
            decision="review" if blank or words[0] == "unsure" else "accepted",
            page_labels=tuple(words[0] if page else None for page in pages),
            candidates=((words[0] or "other", 0.875),),
            reasons=tuple(WordReason(word=word, weight=0.5) for word in words[:reasons]),
        )


class FakeMetrics:
    def __init__(self) -> None:
        self.rejected: list[RejectedRecord] = []
        self.problems: list[str] = []
        self.served: list[tuple[str, str]] = []
        self.batches: list[BatchSummary] = []

    def model_loaded(self, engine: str, model_version: str) -> None:
        self.served.append((engine, model_version))

    def record_quarantined(self, rejected: RejectedRecord) -> None:
        self.rejected.append(rejected)

    def report_problem(self, problem: str) -> None:
        self.problems.append(problem)

    def batch_processed(self, summary: BatchSummary) -> None:
        self.batches.append(summary)


@dataclass
class World:
    """A processor among fakes; ``restart`` gives it a cold environment, the outside stays."""

    share: float = 1_000_000.0
    wait_limits: WaitLimits = field(default_factory=WaitLimits)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.table = FakeTable(self.clock)
        self.quarantine = FakeQuarantine()
        self.claimed = FakeClaimedObjects(self.clock)
        self.claim_bucket: ClaimBucket | None = ClaimBucket("claims-bucket", "claims/", self.claimed)
        self.classifier = FakeClassifier()
        self.metrics = FakeMetrics()
        self.restart()

    def restart(self) -> None:
        dependencies = Dependencies(
            table=self.table,
            quarantine=self.quarantine,
            budget=WriteBudget(self.share, now=self.clock.now()),
            clock=self.clock,
            random=random.Random(7),  # noqa: S311 - jitter of a test, not a secret
            metrics=self.metrics,
            wait_limits=self.wait_limits,
        )
        self.processor = BatchProcessor(
            self.classifier, dependencies, limits=self.limits, claim_bucket=self.claim_bucket
        )

    def claim(self, payload: bytes, name: str, **fields: Any) -> bytes:
        """Store a document's bytes and give its claim's; fields replace those of an honest claim."""
        made = make_claim(payload, document_id=name, bucket="claims-bucket")
        self.claimed.objects[made.key] = payload
        return claim_to_bytes(made.model_copy(update=fields))

    def process(self, entries: Sequence[dict[str, Any]], *, seconds: float = 120.0) -> Response:
        deadline = self.clock.now() + seconds
        return self.processor.process({"Records": list(entries)}, lambda: deadline - self.clock.now())

    def drain(self, entries: Sequence[dict[str, Any]], *, seconds: float = 120.0, most: int = 200) -> int:
        """Deliver as the event source mapping does, from the returned record on; returns the invocations."""
        left = list(entries)
        for invocation in range(1, most + 1):
            failures = self.process(left, seconds=seconds)["batchItemFailures"]
            if not failures:
                return invocation
            numbers = [entry["kinesis"]["sequenceNumber"] for entry in left]
            left = left[numbers.index(failures[0]["itemIdentifier"]) :]
        raise AssertionError(f"not finished after {most} deliveries")


def entry(data: bytes | str, number: int, *, shard: str = SHARD, key: str = "k") -> dict[str, Any]:
    """One record as Lambda delivers it; a string is taken as the base64 text itself."""
    text = data if isinstance(data, str) else base64.b64encode(data).decode()
    sequence_number = f"{number:056d}"
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": key,
            "sequenceNumber": sequence_number,
            "data": text,
            "approximateArrivalTimestamp": ARRIVED,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::000000000000:role/r",
        "awsRegion": "eu-central-1",
        "eventSourceARN": STREAM_ARN,
    }


def payload(document_id: str, *pages: str, **fields: Any) -> bytes:
    """The bytes of a document."""
    return to_bytes(Document(document_id=document_id, pages=pages or ("invoice total",), **fields))


def aggregate(payloads: Iterable[bytes]) -> bytes:
    """A KPL aggregate of these payloads, with partition keys p0, p1 and so on."""
    return pack([UserRecord(f"p{place}", data) for place, data in enumerate(payloads)])


def replayed(payload: bytes, number: int, *, sub: int | None = None, shard: str = SHARD) -> bytes:
    """The data of a record that puts a payload on the stream again, first seen at this sequence number."""
    first = OriginalPosition(shard, str(number), sub, datetime.fromtimestamp(ARRIVED, UTC))
    return pack([UserRecord("k", payload, tags=to_tags(first))])


class Make:
    """Builders that every test module of this room uses."""

    world = World
    clock = FakeClock
    classifier = FakeClassifier
    entry = staticmethod(entry)
    payload = staticmethod(payload)
    aggregate = staticmethod(aggregate)
    replayed = staticmethod(replayed)

    @staticmethod
    def number(number: int) -> str:
        return f"{number:056d}"


@pytest.fixture(scope="session")
def make() -> Make:
    """Builders; of the session, so that property tests may use them."""
    return Make()


@pytest.fixture
def world() -> World:
    """A processor with capacity and time to spare."""
    return World()
