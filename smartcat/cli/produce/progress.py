"""Progress of a delivery: what was read, what is done, and the checkpoint, saved at intervals."""

from __future__ import annotations

import threading
from bisect import bisect_left
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from producers.checkpoint import Checkpoint, CheckpointError, advanced, load, save
from producers.low_watermark import LowWatermark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from producers.sources import Position
    from producers.sources.fingerprint import InputFingerprints

SAVE_SECONDS: Final = 0.25
"""Interval between saves; what was delivered since the last one is sent again after a crash."""


class DeliveryProgress:
    """The progress through the inputs.

    Args:
        path: The checkpoint file; None for a delivery that cannot be resumed.
        stream: Name of the stream.
        survey: The inputs.
        clock: Returns seconds.

    Raises:
        CheckpointError: The checkpoint is of another delivery, or invalid.
    """

    def __init__(
        self, path: Path | None, stream: str, inputs: InputFingerprints, clock: Callable[[], float]
    ) -> None:
        self._path = path
        self._clock = clock
        fresh = Checkpoint(stream=stream, inputs=[])
        self._checkpoint = fresh if path is None else load(path, stream, inputs)
        self._changed = self._checkpoint.changed(inputs) if path else []
        self._skipped: list[int] = []  # tickets, ascending
        self._lock = threading.Lock()
        self._error: CheckpointError | None = None
        self._done: LowWatermark[Position | None] = LowWatermark(self.start, self.done_before)
        self._saved_at = clock()
        self._saved = self._done.reached

    @property
    def start(self) -> Position | None:
        """Where reading starts; None for the beginning."""
        return self._checkpoint.start

    @property
    def done_before(self) -> int:
        """Documents and skipped inputs that an earlier run has finished."""
        return self._checkpoint.done

    @property
    def finished_before(self) -> bool:
        """Whether an earlier run has finished everything."""
        return self._checkpoint.finished

    @property
    def skipped_before(self) -> int:
        """How many inputs earlier runs have skipped for good."""
        return self._checkpoint.skipped

    @property
    def changed(self) -> list[str]:
        """The inputs in S3 that are not known to be as they were when the delivery began."""
        return self._changed

    def begin(self, position: Position) -> int:
        """Note that a document or an unreadable input was read.

        Args:
            position: Where reading continues after it.

        Returns:
            The ticket to pass to ``done`` or ``skip``.
        """
        return self._done.begin(position)

    def done(self, ticket: int) -> None:
        """Note, from any thread, that a document is accepted."""
        self._done.done(ticket)

    def skip(self, ticket: int) -> None:
        """Note, in the order of reading, that an input is skipped for good."""
        self._skipped.append(ticket)
        self._done.done(ticket)

    @contextmanager
    def saved_meanwhile(self) -> Iterator[None]:
        """Save the checkpoint while nothing is read any more, and documents still get their receipts.

        Raises:
            CheckpointError: It could not be written.
        """
        ended = threading.Event()

        def save() -> None:
            while not ended.wait(SAVE_SECONDS):
                try:
                    self.save()
                except CheckpointError as error:
                    self._error = error
                    return

        thread = threading.Thread(target=save, name="smartcat-checkpoint", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        if self._error is not None:
            raise self._error

    def save_if_due(self) -> None:
        """Save the checkpoint, if the last save was some time ago."""
        if self._path is not None and self._clock() - self._saved_at >= SAVE_SECONDS:
            self.save()

    def save(self, *, all_read: bool = False) -> None:
        """Save the checkpoint, if there is one and it has changed.

        Args:
            all_read: Whether nothing is left to read.

        Raises:
            CheckpointError: It cannot be written.
        """
        if self._path is None:
            return
        with self._lock:
            self._saved_at = self._clock()
            reached = self._done.reached
            finished = all_read and not self._done.outstanding
            if finished or reached != self._saved:
                skipped = bisect_left(self._skipped, reached[1])
                save(self._path, advanced(self._checkpoint, *reached, skipped=skipped, finished=finished))
                self._saved = reached
