"""Changes to the stream and to its event source mapping, while records arrive."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos.plan import Fault
    from support.system import System

DELETION_SECONDS: Final = 30.0
"""Longest wait until a mapping is deleted: running invocations end first."""

_MAPPING_SETTINGS: Final = (
    "EventSourceArn",
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "ParallelizationFactor",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "FunctionResponseTypes",
    "DestinationConfig",
)


class StreamChanges:
    """Splits, merges and rescales shards, and changes the mapping."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._stream = system.deployment.stream
        self._kinesis = system.aws.client("kinesis")
        self._lambda = system.aws.client("lambda")

    def split(self, fault: Fault) -> tuple[int, str]:
        """Split the chosen shard in the middle."""
        shards = self._open_shards()
        shard = shards[int(fault.choice * len(shards))]
        middle = sum(map(int, shard["HashKeyRange"].values())) // 2
        self._kinesis.split_shard(
            StreamName=self._stream, ShardToSplit=shard["ShardId"], NewStartingHashKey=str(middle)
        )
        return 1, "shard"

    def merge(self, fault: Fault) -> tuple[int, str]:
        """Merge the chosen shard with the adjacent one."""
        shards = self._open_shards()
        position = int(fault.choice * (len(shards) - 1))
        pair = [each["ShardId"] for each in shards[position : position + 2]]
        self._kinesis.merge_shards(
            StreamName=self._stream, ShardToMerge=pair[0], AdjacentShardToMerge=pair[1]
        )
        return 2, "shards"

    def rescale(self, fault: Fault) -> tuple[int, str]:
        """Change the number of shards."""
        count = int(fault.number)
        self._kinesis.update_shard_count(
            StreamName=self._stream, TargetShardCount=count, ScalingType="UNIFORM_SCALING"
        )
        return count, "shards"

    def change_mapping(self, fault: Fault) -> tuple[int, str]:
        """Give the mapping another factor and batch size."""
        factor = int(fault.number)
        self._lambda.update_event_source_mapping(
            UUID=self._system.deployment.mapping_id, ParallelizationFactor=factor, BatchSize=40
        )
        return 1, f"mapping with factor {factor}"

    def redeliver(self, fault: Fault) -> tuple[int, str]:
        """Delete the mapping and create it again: all records are delivered once more, from the start.

        In the middle of a scenario this would hide earlier losses. Environments stay warm meanwhile. On AWS
        deleting and creating a mapping takes longer.
        """
        old = self._system.deployment.mapping_id
        settings = self._lambda.get_event_source_mapping(UUID=old)
        delivered = self._gauges()[old]["records_delivered"]
        self._lambda.delete_event_source_mapping(UUID=old)
        deadline = time.monotonic() + DELETION_SECONDS
        while old in self._gauges():
            assert time.monotonic() < deadline, "the mapping was not deleted in time"
            time.sleep(0.05)
        made = self._lambda.create_event_source_mapping(
            FunctionName=self._system.deployment.function,
            StartingPosition="TRIM_HORIZON",
            **{name: settings[name] for name in _MAPPING_SETTINGS},
        )
        self._system.deployment = replace(self._system.deployment, mapping_id=made["UUID"])
        return delivered, "records"

    def redeliver_twice(self, fault: Fault, in_the_middle: Callable[[], int]) -> tuple[int, str]:
        """Let everything be written again, and do something to the table in the middle of that; begin anew.

        Environments stay warm, and what they were doing when it happened goes on.

        Args:
            fault: The fault.
            in_the_middle: What to do to the table, at first as well, so that there is something to write;
                returns how many items it concerned.
        """
        in_the_middle()
        self.redeliver(fault)
        self._wait_until_begun()
        changed = in_the_middle()
        self.redeliver(fault)
        return changed, "items"

    def _wait_until_begun(self) -> None:
        """Wait until records are delivered, and others of their batches are not."""
        deadline = time.monotonic() + DELETION_SECONDS
        mapping = self._system.deployment.mapping_id
        while not self._gauges()[mapping]["records_delivered"] and time.monotonic() < deadline:
            time.sleep(0.02)

    def _gauges(self) -> dict[str, Any]:
        mappings: dict[str, Any] = self._system.aws.gauges()["mappings"]
        return mappings

    def _open_shards(self) -> list[dict[str, Any]]:
        """Return the open shards, by hash key range."""
        shards = self._kinesis.list_shards(StreamName=self._stream)["Shards"]
        still_open = [each for each in shards if "EndingSequenceNumber" not in each["SequenceNumberRange"]]
        return sorted(still_open, key=lambda each: int(each["HashKeyRange"]["StartingHashKey"]))
