"""How long each stage of a batch took. Asks the clock it is given, and keeps nothing between batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stream_processor.core.batch_summary import Stage
    from stream_processor.core.ports import Clock


class StageTimer:
    """Times the stages of one batch; each begins where the one before it ended.

    Args:
        clock: Its monotonic half is read.

    Attributes:
        seconds: Seconds of each finished stage, in their order.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.now()
        self.seconds: dict[Stage, float] = {}

    def finish(self, stage: Stage) -> None:
        """End a stage."""
        now = self._clock.now()
        self.seconds[stage] = now - self._last
        self._last = now

    @property
    def total(self) -> float:
        """Seconds from the beginning to the end of the last finished stage."""
        return sum(self.seconds.values())
