"""Approaches to filling a stream that benchmarks/producers.py compares: ours, and those with others' code."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from aws_kinesis_agg.aggregator import RecordAggregator

from producers import Aggregation, Bounds, Options, Producer
from producers.core.prices import payload_units
from smartcat.wire_format.document import Document, to_bytes


@dataclass
class Run:
    """One approach at work: its client, its documents, and what it counts itself."""

    client: Any
    stream: str
    documents: Iterator[Document]
    ends: float = 0.0
    delivered: int = 0
    units: int = 0
    wire_bytes: int = 0
    plain_bytes: int = 0

    def more(self) -> bool:
        """Return whether the time is not over."""
        return time.monotonic() < self.ends

    def take(self) -> tuple[str, bytes]:
        """Return id and JSON of the next document."""
        document = next(self.documents)
        return document.document_id, to_bytes(document, gzip_above=None)

    def sent(self, key: str, data: bytes, documents: int, plain_bytes: int) -> None:
        """Count an accepted Kinesis record."""
        size = len(data) + len(key.encode())
        self.units += payload_units(size)
        self.wire_bytes += size
        self.delivered += documents
        self.plain_bytes += plain_bytes


Deliver: TypeAlias = Callable[[Run], None]


def put_record(run: Run) -> None:
    """Call PutRecord for each document; boto3 repeats what is throttled."""
    while run.more():
        key, data = run.take()
        try:
            run.client.put_record(StreamName=run.stream, Data=data, PartitionKey=key)
        except run.client.exceptions.ProvisionedThroughputExceededException:
            continue
        run.sent(key, data, 1, len(data))


def put_records(run: Run) -> None:
    """Call PutRecords with fixed 500s; what failed is sent again after a tenth of a second."""
    while run.more():
        batch = [(*run.take(), 1, 0) for _ in range(500)]
        _send_until_accepted(run, [(key, data, 1, len(data)) for key, data, *_ in batch])


def kinesis_agg(run: Run) -> None:
    """Aggregate with aws-kinesis-agg (50 KB, as the KPL) and call PutRecords with 20 of its records."""
    while run.more():
        aggregator, plain = RecordAggregator(51_200), 0
        batch: list[tuple[Any, bytes, int, int]] = []
        while len(batch) < 20:
            key, data = run.take()
            count, before, plain = aggregator.get_num_user_records(), plain, plain + len(data)
            full = aggregator.add_user_record(key.encode(), data)
            if full is not None:
                # Its partition key is the first document's, by which Kinesis places it.
                batch.append((full.get_contents()[0], full.get_contents()[2], count, before))
                plain = len(data)
        _send_until_accepted(run, batch)


def _send_until_accepted(run: Run, batch: list[tuple[Any, bytes, int, int]]) -> None:
    while batch and run.more():
        records = [{"PartitionKey": _text(key), "Data": data} for key, data, *_ in batch]
        answer = run.client.put_records(StreamName=run.stream, Records=records)
        failed = []
        for (key, data, count, plain), result in zip(batch, answer["Records"], strict=True):
            if "ErrorCode" in result:
                failed.append((key, data, count, plain))
            else:
                run.sent(_text(key), data, count, plain)
        batch = failed
        if batch:
            time.sleep(0.1)


def _text(key: Any) -> str:
    return key.decode() if isinstance(key, bytes) else key


# Few enough that draining the queue at the end takes a second or two.
_BOUNDS = Bounds(documents=2000)


def smartcat(*, aggregate: bool = True, together: bool = False, max_bytes: int = 51_200) -> Deliver:
    """Return an approach that uses our own producer."""
    options = Options(aggregation=Aggregation(max_bytes=max_bytes, together=together), bounds=_BOUNDS)

    def deliver(run: Run) -> None:
        with Producer(run.stream, client=run.client, aggregate=aggregate, options=options) as producer:
            while run.more():
                for document in itertools.islice(run.documents, 50):
                    producer.put(document)
                run.delivered = producer.report.accepted
            report = producer.close()
        run.delivered, run.units = report.accepted, report.payload_units
        run.wire_bytes, run.plain_bytes = report.bytes, report.bytes_before

    return deliver


APPROACHES: dict[str, tuple[Deliver, bool]] = {
    "boto3 PutRecord": (put_record, False),
    "boto3 PutRecords, 500s": (put_records, False),
    "aws-kinesis-agg + PutRecords": (kinesis_agg, True),
    "smartcat, aggregate=False": (smartcat(aggregate=False), True),
    "smartcat": (smartcat(), True),
    "smartcat, together=True": (smartcat(together=True), True),
}
