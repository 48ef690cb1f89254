"""The life cycle of one event source mapping: shard discovery, children after parents, changes while running.

A shard's records are in `shard_worker.py`; the API's operations are in `mappings.py`.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from smartcat.local_aws.event_source_mapping.failure_destination import Origin
from smartcat.local_aws.event_source_mapping.shard_reader import ShardReader
from smartcat.local_aws.event_source_mapping.shard_worker import ShardWorker

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_kinesis.client import KinesisClient

    from smartcat.local_aws.event_source_mapping.settings import MappingSettings
    from smartcat.local_aws.lambda_runtime.host import InvokeResult

_log = logging.getLogger(__name__)

_DISCOVERY_SECONDS: Final = 1.0


class MappingRunner:
    """Runs one mapping until it is deleted or stopped.

    Args:
        uuid: The mapping's UUID.
        settings: The mapping's settings.
        invoke: Invokes a function: `invoke(arn, payload)`.
        client: `client(service)` returns a boto3 client for the stream's region.
        on_deleted: Called once after `delete`, when all threads have ended.
    """

    def __init__(
        self,
        uuid: str,
        settings: MappingSettings,
        *,
        invoke: Callable[[str, bytes], InvokeResult],
        client: Callable[[str], Any],
        on_deleted: Callable[[], None],
    ) -> None:
        self.uuid = uuid
        self.settings = settings
        self.state = "Creating"
        self.last_modified = time.time()
        self._applied = settings
        self._invoke = invoke
        self._client = client
        self._on_deleted = on_deleted
        self._shards: dict[str, ShardWorker] = {}
        self._discovered = False
        self._problem: str | None = None
        self._deleting = False
        self._stopping = False
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"mapping-{uuid}", daemon=True)
        self._thread.start()

    def update(self, settings: MappingSettings) -> None:
        """Change the settings, in effect once the running invocations have ended. No record is lost."""
        # First, so that no batch starts with the old settings after this call; and before the runner can know
        # the new ones, since it starts the shards again when it applies them.
        for shard in self._all_shards():
            shard.request_stop()
        with self._lock:
            if settings.enabled == self.settings.enabled:
                self.state = "Updating"
            else:
                self.state = "Enabling" if settings.enabled else "Disabling"
            self.settings = settings
            self.last_modified = time.time()
        self._wake.set()

    def delete(self) -> None:
        """Delete the mapping once the running invocations have ended."""
        with self._lock:
            self.state = "Deleting"
            self._deleting = True
        self._wake.set()

    def request_stop(self) -> None:
        """Ask all threads to stop; `join` waits for them."""
        self._stopping = True
        self._wake.set()

    def join(self, timeout: float) -> None:
        """Wait for all threads to end, at most `timeout` seconds."""
        self._thread.join(timeout)

    @property
    def last_result(self) -> str:
        """Return the API's LastProcessingResult."""
        if self._problem:
            return self._problem
        results = [shard.counts.last_outcome for shard in self._all_shards() if shard.counts.last_outcome]
        return next(
            (result for result in results if result != "OK"),
            results[0] if results else "No records processed",
        )

    def gauges(self) -> dict[str, Any]:
        """Return the backlog, iterator age and counts over all shards that have been read."""
        shards = self._all_shards()
        progress = [shard.progress() for shard in shards]
        oldest = min((arrival for _, arrival, _ in progress if arrival is not None), default=None)
        return {
            "function": self.settings.function_arn.split(":function:")[-1],
            "stream": self.settings.stream_name,
            "state": self.state,
            "iterator_age_ms": 0 if oldest is None else max(0, round(1000 * (time.time() - oldest))),
            "millis_behind_latest": max((shard.counts.behind_ms for shard in shards), default=0),
            "backlog": sum(backlog for backlog, _, _ in progress),
            "checkpoints": {
                shard.origin.shard_id: None if each[2] is None else str(each[2])
                for shard, each in zip(shards, progress, strict=True)
            },
            "records_delivered": sum(shard.counts.delivered for shard in shards),
            "invocations": sum(shard.counts.invocations for shard in shards),
            "failures": sum(shard.counts.failures for shard in shards),
            "throttles": sum(shard.counts.throttles for shard in shards),
            "discarded": sum(shard.counts.discarded for shard in shards),
        }

    def _all_shards(self) -> list[ShardWorker]:
        with self._lock:
            return list(self._shards.values())

    def _run(self) -> None:
        while not (self._stopping or self._deleting):
            self._wake.clear()
            settings = self.settings
            if settings is not self._applied:
                self._apply(settings)
            if settings.enabled or not self._discovered:
                self._discover(settings)
            with self._lock:
                if settings is self.settings and self._discovered and not self._deleting:
                    self.state = "Enabled" if settings.enabled else "Disabled"
            self._wake.wait(_DISCOVERY_SECONDS)
        self._stop_shards()
        if self._deleting:
            self._on_deleted()

    def _apply(self, settings: MappingSettings) -> None:
        self._stop_shards()
        for shard in self._all_shards():
            shard.reconfigure(settings, self._origin(settings, shard.origin.shard_id))
        self._applied = settings

    def _stop_shards(self) -> None:
        running = [shard for shard in self._all_shards() if shard.running]
        for shard in running:
            shard.request_stop()
        for shard in running:
            shard.join()

    def _discover(self, settings: MappingSettings) -> None:
        """List the stream's shards, and start those whose parents are finished."""
        kinesis: KinesisClient = self._client("kinesis")
        try:
            pages = kinesis.get_paginator("list_shards").paginate(StreamName=settings.stream_name)
            found = {shard["ShardId"]: shard for page in pages for shard in page["Shards"]}
            for shard_id, shard in found.items():
                self._track(settings, shard_id, closed="EndingSequenceNumber" in shard["SequenceNumberRange"])
        except (BotoCoreError, ClientError) as error:
            _log.warning("cannot list the shards of %s: %s", settings.stream_name, error)
            self._problem = "PROBLEM: Cannot list the shards of the stream"
            return
        self._problem, self._discovered = None, True
        if not settings.enabled:
            return
        for shard_id, description in found.items():
            parents = (description.get("ParentShardId"), description.get("AdjacentParentShardId"))
            worker = self._shards[shard_id]
            waiting = any(
                parent in self._shards and not self._shards[parent].ended for parent in parents if parent
            )
            if not (worker.running or worker.ended or waiting):
                worker.start()

    def _track(self, settings: MappingSettings, shard_id: str, *, closed: bool) -> None:
        shard = self._shards.get(shard_id)
        if shard is None:
            # Shards that appear later are children: reading them from their start misses nothing, even with
            # LATEST.
            reader = ShardReader(self._client("kinesis"), settings, shard_id, from_start=self._discovered)
            reader.open()
            shard = ShardWorker(
                origin=self._origin(settings, shard_id),
                settings=settings,
                reader=reader,
                invoke=self._invoke,
                client=self._client,
                on_end=self._wake.set,
            )
            with self._lock:
                self._shards[shard_id] = shard
        shard.reader.closed = shard.reader.closed or closed

    def _origin(self, settings: MappingSettings, shard_id: str) -> Origin:
        return Origin(self.uuid, settings.function_arn, settings.stream_arn, shard_id)
