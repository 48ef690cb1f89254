"""Hooks for producers that nobody closed: at interpreter exit, and in a forked process."""

from __future__ import annotations

import atexit
import logging
import os
import weakref
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from producers.core.statistics import DeliveryReport

_logger = logging.getLogger(__name__)


class _Sender(Protocol):
    def report(self) -> DeliveryReport: ...

    def abandon(self) -> None: ...

    def reset_after_fork(self) -> None: ...


open_senders: weakref.WeakSet[_Sender] = weakref.WeakSet()
"""Senders that are neither closed nor abandoned."""


@atexit.register
def abandon_all() -> None:
    """Finish the requests in flight, and log how many documents were not sent."""
    for sender in list(open_senders):
        before = len(sender.report().failed)
        sender.abandon()
        not_sent = len(sender.report().failed) - before
        if not_sent:
            _logger.error("%d documents were not sent: their producer was not closed", not_sent)


def reset_all_after_fork() -> None:
    """Drop, in a forked process, what only the parent's threads could send."""
    for sender in list(open_senders):
        sender.reset_after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=reset_all_after_fork)
