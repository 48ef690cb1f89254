"""Progress of a delivery: what was read, what is done, and the checkpoint, saved at intervals."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from producers.checkpoint import Checkpoint, advanced, load, save
from producers.low_watermark import LowWatermark

if TYPE_CHECKING:
    from collections.abc import Callable
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

    def begin(self, position: Position) -> Callable[[], None]:
        """Note that a document or an unreadable input was read.

        Args:
            position: Where reading continues after it.

        Returns:
            A function to call, from any thread, once it is accepted or rejected for good.
        """
        return partial(self._done.done, self._done.begin(position))

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
        self._saved_at = self._clock()
        reached = self._done.reached
        finished = all_read and not self._done.outstanding
        if finished or reached != self._saved:
            save(self._path, advanced(self._checkpoint, *reached, finished=finished))
            self._saved = reached
