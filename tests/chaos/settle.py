"""After the faults: wait until all records are processed, replay discarded ones, read the final state."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from chaos.final_state import FinalState, StreamRecord
from chaos.noisy_neighbor import NEIGHBOR_DOCUMENT_ID
from smartcat.cli.demo.reconciliation import RecordIdentity
from support.cli import smartcat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.system import System

SETTLE_SECONDS: Final = 150.0
"""Longest wait, after the faults, until every record is processed."""

MOST_REPLAYS: Final = 5
"""A mapping without retries may discard replayed records again while the machine is too busy."""


def read_final_state(system: System, receipts: Sequence[RecordIdentity | None]) -> FinalState:
    """Wait until all records are processed, replay the discarded ones, and return the final state.

    Raises:
        AssertionError: Not every record was processed in time.
    """
    stream_records = _settle(system)
    remaining = _failures(system)
    discarded = dict(remaining)
    for _ in range(MOST_REPLAYS):
        if not remaining:
            break
        _replay(system)
        stream_records = _settle(system)
        before, remaining = remaining, _failures(system)
        discarded |= remaining
        if remaining.keys() <= before.keys():
            break  # what is still there cannot be replayed
    return FinalState(
        stream_records,
        receipts,
        _items(system),
        system.quarantine_objects(),
        frozenset().union(*discarded.values()),
        frozenset().union(*remaining.values()),
    )


def _replay(system: System) -> None:
    """Replay the discarded records, as an operator does."""
    done = smartcat(
        "replay", "--yes", "--json", "--reason", "RetryAttemptsExhausted", environment=system.environment
    )
    assert done.stdout.startswith("{"), f"the replay ended with {done.returncode}: {done.stderr}"


def _settle(system: System) -> list[StreamRecord]:
    """Wait until the mapping's checkpoints are at the end of every shard; return the stream's records."""
    stream_records = _stream(system)
    ends: dict[str, str] = {}
    for record in sorted(stream_records, key=lambda each: each.sequence_number):
        ends[record.shard_id] = str(record.sequence_number)
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        gauges = system.aws.gauges()
        mapping = gauges["mappings"][system.deployment.mapping_id]
        checkpoints = mapping["checkpoints"]
        behind = {shard: end for shard, end in ends.items() if checkpoints.get(shard) != end}
        if not behind and mapping["backlog"] == gauges["late_requests"] == 0:
            return stream_records
        assert time.monotonic() < deadline, f"not finished {SETTLE_SECONDS:.0f} s after the faults: {behind}"
        time.sleep(0.1)


def _stream(system: System) -> list[StreamRecord]:
    """Return all records of the stream."""
    kinesis, stream = system.aws.client("kinesis"), system.deployment.stream
    generation: dict[str, int] = {}
    stream_records: list[StreamRecord] = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:  # parents are listed before their children
        name = shard["ShardId"]
        parents = [shard[key] for key in ("ParentShardId", "AdjacentParentShardId") if key in shard]
        generation[name] = 1 + max(generation[parent] for parent in parents) if parents else 0
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=name, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while records := (answer := kinesis.get_records(ShardIterator=iterator))["Records"]:
            stream_records += [
                StreamRecord(generation[name], name, int(each["SequenceNumber"]), each["Data"])
                for each in records
            ]
            iterator = answer["NextShardIterator"]
    return stream_records


def _items(system: System) -> list[dict[str, Any]]:
    dynamodb, table = system.aws.client("dynamodb"), system.deployment.table
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = (item for page in pages for item in page["Items"])
    return [item for item in items if item["document_id"]["S"] != NEIGHBOR_DOCUMENT_ID]


def _failures(system: System) -> dict[str, frozenset[RecordIdentity]]:
    """Return the records in each object of the failure destination, by key."""
    s3, bucket = system.aws.client("s3"), system.deployment.failures_bucket
    found = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", ()):
            body = json.load(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"])
            shard_id = body["KinesisBatchInfo"]["shardId"]
            found[entry["Key"]] = frozenset(
                RecordIdentity(shard_id, each["kinesis"]["sequenceNumber"])
                for each in json.loads(body["payload"])["Records"]
            )
    return found
