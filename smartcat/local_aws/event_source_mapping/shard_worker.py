"""The threads of one shard: one that reads, and one for each sub-shard that delivers.

Threads and waiting only: `shard_state.py` decides what to deliver next, `batches.py` what follows from an
outcome.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from smartcat.local_aws.event_source_mapping.batches import (
    Failure,
    PartialFailure,
    Success,
    Throttled,
    Transition,
    decide,
)
from smartcat.local_aws.event_source_mapping.failure_destination import (
    Origin,
    failure_message,
    object_key,
    send_failure,
)
from smartcat.local_aws.event_source_mapping.records import event_of
from smartcat.local_aws.event_source_mapping.response import interpret
from smartcat.local_aws.event_source_mapping.shard_state import Deliver, Discard, ShardState

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from smartcat.local_aws.event_source_mapping.batches import Batch, DiscardedRecords, Outcome
    from smartcat.local_aws.event_source_mapping.settings import MappingSettings
    from smartcat.local_aws.event_source_mapping.shard_reader import ShardReader
    from smartcat.local_aws.lambda_runtime.host import InvokeResult

_log = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.1
_IDLE_POLL_SECONDS: Final = 0.25
_BUFFERED_RECORDS: Final = 20_000
_BUFFERED_BYTES: Final = 64 * 1024 * 1024


@dataclass(slots=True)
class Counts:
    """Counts of a shard since the mapping was created."""

    delivered: int = 0
    discarded: int = 0
    invocations: int = 0
    failures: int = 0
    throttles: int = 0
    behind_ms: int = 0
    last_outcome: str | None = None


class ShardWorker:
    """Reads and delivers one shard; its state outlives its threads, so a mapping can be changed or disabled.

    Args:
        origin: Mapping, function, stream and shard, for failure messages.
        settings: The mapping's settings.
        reader: Reads the shard.
        invoke: Invokes a function: `invoke(arn, payload)`.
        client: `client(service)` returns a boto3 client, for failure destinations.
        on_end: Called once, when the shard is closed and all its records are finished.
    """

    def __init__(
        self,
        *,
        origin: Origin,
        settings: MappingSettings,
        reader: ShardReader,
        invoke: Callable[[str, bytes], InvokeResult],
        client: Callable[[str], Any],
        on_end: Callable[[], None],
    ) -> None:
        self.origin = origin
        self.reader = reader
        self.counts = Counts()
        self.ended = False
        self._settings = settings
        self._invoke = invoke
        self._client = client
        self._on_end = on_end
        self._state = ShardState(settings)
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._read_all = False
        self._threads: list[threading.Thread] = []

    @property
    def running(self) -> bool:
        """Return whether the threads are started and not joined."""
        return bool(self._threads)

    def start(self) -> None:
        """Start the threads."""
        self._stopping.clear()
        jobs = [self._read] + [
            lambda sub_shard=sub_shard: self._deliver(sub_shard)
            for sub_shard in range(self._settings.parallelization_factor)
        ]
        self._threads = [
            threading.Thread(target=job, name=f"{self.origin.shard_id}-{index}", daemon=True)
            for index, job in enumerate(jobs)
        ]
        for thread in self._threads:
            thread.start()

    def request_stop(self) -> None:
        """Ask the threads to stop; running invocations complete first."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()

    def join(self) -> None:
        """Wait for the threads to end."""
        for thread in self._threads:
            thread.join()
        self._threads = []

    def reconfigure(self, settings: MappingSettings, origin: Origin) -> None:
        """Change the settings, between `join` and `start`."""
        with self._changed:
            self._state.reconfigure(settings, time.time())
            self._settings, self.origin = settings, origin

    def progress(self) -> tuple[int, float | None, int | None]:
        """Return the backlog, the arrival time of the oldest unfinished record, and the checkpoint."""
        with self._changed:
            return self._state.backlog, self._state.oldest_arrival, self._state.checkpoint

    def _read(self) -> None:
        pause = _POLL_SECONDS
        while not self._stopping.is_set() and not self._read_all:
            if not self._has_room():
                self._stopping.wait(_POLL_SECONDS)
                continue
            try:
                read = self.reader.read()
            except (BotoCoreError, ClientError) as error:
                _log.warning("cannot read %s: %s", self.origin.shard_id, error)
                self.counts.last_outcome = "PROBLEM: Cannot read the stream"
                self._stopping.wait(_IDLE_POLL_SECONDS)
                continue
            with self._changed:
                self._state.feed(read.records, time.time())
                self.counts.behind_ms = read.behind_ms
                self._read_all = read.at_end
                self._changed.notify_all()
            pause = _POLL_SECONDS if read.records else min(1.5 * pause, _IDLE_POLL_SECONDS)
            if not read.more:
                self._stopping.wait(pause)
        self._end_if_finished()

    def _has_room(self) -> bool:
        records = max(
            _BUFFERED_RECORDS, 2 * self._settings.batch_size * self._settings.parallelization_factor
        )
        with self._changed:
            return self._state.backlog < records and self._state.buffered_bytes < _BUFFERED_BYTES

    def _deliver(self, sub_shard: int) -> None:
        while (step := self._next_step(sub_shard)) is not None:
            if isinstance(step, Discard):
                transition, last = Transition(discarded=step.discarded), None
            else:
                last = self._invoke_function(step.batch)
                transition = self._decide(step.batch, last)
            # Before the records leave the state, so that "no backlog" implies that the message was sent.
            if transition.discarded:
                self._discard(transition.discarded, last)
            with self._changed:
                self._state.apply(sub_shard, transition)
                self.counts.delivered += len(transition.delivered)
                self._changed.notify_all()
            self._end_if_finished()

    def _next_step(self, sub_shard: int) -> Deliver | Discard | None:
        with self._changed:
            while not self._stopping.is_set():
                now = time.time()
                step = self._state.next_step(sub_shard, now)
                if isinstance(step, Deliver | Discard):
                    return step
                if self.ended:
                    return None
                self._changed.wait(None if step.until is None else max(0.0, step.until - now))
        return None

    def _invoke_function(self, batch: Batch) -> InvokeResult:
        return self._invoke(self.origin.function_arn, event_of(batch.records))

    def _decide(self, batch: Batch, result: InvokeResult) -> Transition:
        outcome = interpret(result, batch, report_failures=self._settings.report_failures)
        with self._changed:
            self.counts.invocations += not isinstance(outcome, Throttled)
            self.counts.throttles += isinstance(outcome, Throttled)
            self.counts.failures += isinstance(outcome, Failure | PartialFailure)
            self.counts.last_outcome = _result_text(outcome, result)
        return decide(batch, outcome, self._settings, time.time())

    def _discard(self, discarded: DiscardedRecords, last: InvokeResult | None) -> None:
        now = time.time()
        if self._settings.destination:
            message = failure_message(self.origin, discarded, last, now)
            # Not the request's id: of an invocation whose answer is lost there is none to tell two apart by.
            key = object_key(self.origin, now, str(uuid.uuid4()))
            send_failure(self._client, self._settings.destination, message, discarded=discarded, key=key)
        with self._changed:
            self.counts.discarded += len(discarded.records)

    def _end_if_finished(self) -> None:
        with self._changed:
            if self.ended or not self._read_all or self._state.backlog:
                return
            self.ended = True
            self._changed.notify_all()
        self._on_end()


def _result_text(outcome: Outcome, result: InvokeResult) -> str:
    if isinstance(outcome, Success):
        return "OK"
    if result.status_code == 404:
        return "PROBLEM: Function not found"
    return (
        "PROBLEM: Function call throttled"
        if isinstance(outcome, Throttled)
        else "PROBLEM: Function call failed"
    )
