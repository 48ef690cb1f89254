"""What happens to producers that nobody closed when the interpreter ends, and in a forked process."""

from __future__ import annotations

import atexit
import logging
import os
import weakref
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from producers.tally import DeliveryReport

_logger = logging.getLogger(__name__)


class _Abandonable(Protocol):
    def report(self) -> DeliveryReport: ...

    def abandon(self) -> None: ...

    def leave_to_parent(self) -> None: ...


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


def leave_all_to_parent() -> None:
    """Wait for nothing that only the parent's threads would do."""
    for engine in list(running):
        engine.leave_to_parent()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=leave_all_to_parent)
