"""What is done and read after a plan was played: wait, put back what was given up, gather the evidence."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from chaos.evidence import Evidence, Held
from chaos.neighbour import NEIGHBOURS_ID
from smartcat.cli.demo.reconciliation import RecordIdentity
from support.cli import smartcat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.system import System

SETTLE_SECONDS: Final = 150.0
"""Longest wait, after everything is healed, until every record is dealt with."""

MOST_REPLAYS: Final = 5
"""A system without retries may give up again what was put back, for as long as the machine is too busy."""


def gather(system: System, receipts: Sequence[RecordIdentity | None]) -> Evidence:
    """Wait until all is dealt with, put back what was given up, and read everything there is.

    Raises:
        AssertionError: Not everything was dealt with in time.
    """
    held = _settle(system)
    aside = _failures(system)
    given_up = dict(aside)
    for _ in range(MOST_REPLAYS):
        if not aside:
            break
        _replay(system)
        held = _settle(system)
        before, aside = aside, _failures(system)
        given_up |= aside
        if aside.keys() <= before.keys():
            break  # what is there still cannot be put back
    return Evidence(
        held,
        receipts,
        _items(system),
        system.quarantine_objects(),
        frozenset().union(*given_up.values()),
        frozenset().union(*aside.values()),
    )


def _replay(system: System) -> None:
    """Put back what was given up, as an operator does."""
    done = smartcat(
        "replay", "--yes", "--json", "--reason", "RetryAttemptsExhausted", environment=system.environment
    )
    assert done.stdout.startswith("{"), f"the replay ended with {done.returncode}: {done.stderr}"


def _settle(system: System) -> list[Held]:
    """Wait until the mapping's checkpoints stand at the end of every shard; gives what the stream holds."""
    held = _stream(system)
    ends: dict[str, str] = {}
    for record in sorted(held, key=lambda each: each.sequence_number):
        ends[record.shard_id] = str(record.sequence_number)
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        mapping = system.aws.gauges()["mappings"][system.deployment.mapping_id]
        checkpoints = mapping["checkpoints"]
        behind = {shard: end for shard, end in ends.items() if checkpoints.get(shard) != end}
        if not behind and mapping["backlog"] == 0:
            return held
        assert time.monotonic() < deadline, (
            f"not finished {SETTLE_SECONDS:.0f} s after everything was healed: {behind}"
        )
        time.sleep(0.1)


def _stream(system: System) -> list[Held]:
    """Read everything that the stream holds."""
    kinesis, stream = system.aws.client("kinesis"), system.deployment.stream
    generation: dict[str, int] = {}
    held: list[Held] = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:  # parents stand before their children
        name = shard["ShardId"]
        parents = [shard[key] for key in ("ParentShardId", "AdjacentParentShardId") if key in shard]
        generation[name] = 1 + max(generation[parent] for parent in parents) if parents else 0
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=name, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while records := (answer := kinesis.get_records(ShardIterator=iterator))["Records"]:
            held += [
                Held(generation[name], name, int(each["SequenceNumber"]), each["Data"]) for each in records
            ]
            iterator = answer["NextShardIterator"]
    return held


def _items(system: System) -> list[dict[str, Any]]:
    dynamodb, table = system.aws.client("dynamodb"), system.deployment.table
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = (item for page in pages for item in page["Items"])
    return [item for item in items if item["document_id"]["S"] != NEIGHBOURS_ID]


def _failures(system: System) -> dict[str, frozenset[RecordIdentity]]:
    """The objects of the failure destination by key, each as the records in it."""
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
