"""What happens to producers that nobody closed when the interpreter ends."""

from __future__ import annotations

import atexit
import logging
import weakref
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from producers.tally import DeliveryReport

_logger = logging.getLogger(__name__)


class _Abandonable(Protocol):
    def report(self) -> DeliveryReport: ...

    def abandon(self) -> None: ...


running: weakref.WeakSet[_Abandonable] = weakref.WeakSet()
"""The engines that are neither closed nor abandoned."""


@atexit.register
def abandon_all() -> None:
    """Finish what is under way, and say how much was never sent."""
    for engine in list(running):
        before = len(engine.report().failed)
        engine.abandon()
        unsent = len(engine.report().failed) - before
        if unsent:
            _logger.error("%d documents were not sent: their producer was not closed", unsent)
