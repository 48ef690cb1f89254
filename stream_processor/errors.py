"""The processor's errors, split by what the catcher must do.

    StreamProcessorError
    ├── RejectRecord      put it in the quarantine, go on with its neighbours
    ├── TryLater          leave it for the next delivery; carries the seconds worth waiting
    ├── RefuseInvocation  the event is not ours: let the invocation fail
    └── RefuseToStart     settings or model are wrong: let the environment fail

No message ever holds page text.
"""

from __future__ import annotations


class StreamProcessorError(Exception):
    """What every error of this package derives from."""


class RejectRecord(StreamProcessorError, ValueError):  # noqa: N818 - named after what the catcher must do
    """This record can never become a result, however often it is delivered.

    Attributes:
        reason: A stable code, stored with the quarantined bytes and counted.
        detail: One line for a human, without page text.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class TryLater(StreamProcessorError, RuntimeError):  # noqa: N818 - named after what the catcher must do
    """A dependency cannot serve now; nothing is known to be wrong with the records.

    Attributes:
        seconds: The least time worth waiting before another try: 0 where nothing better is known, infinite
            where waiting cannot help and people must (a missing permission).
    """

    def __init__(self, message: str, *, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.seconds = seconds


class RefuseInvocation(StreamProcessorError, ValueError):  # noqa: N818 - named after what the catcher must do
    """The event did not come from a Kinesis event source mapping."""


class RefuseToStart(StreamProcessorError, RuntimeError):  # noqa: N818 - named after what the catcher must do
    """The environment cannot serve any batch: bad settings or a bad model."""
