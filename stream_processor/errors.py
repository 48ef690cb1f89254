"""The processor's errors, split by what the catcher must do.

    StreamProcessorError
    ├── RejectRecord      put it in the quarantine, go on with its neighbours
    ├── TryLater          leave it for the next delivery; carries the seconds worth waiting
    ├── RefuseInvocation  the event is not ours: let the invocation fail
    ├── ClassifierBroken  the classifier fails on its canary document: let the invocation fail
    ├── Unforeseen        a defect: let the invocation fail, with traceback and type but no message
    └── RefuseToStart     settings or model are wrong: let the environment fail

No message ever holds page text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class StreamProcessorError(Exception):
    """The base of every error of this package."""


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


class ClassifierBroken(StreamProcessorError, RuntimeError):  # noqa: N818 - named after what the catcher must do
    """The classifier of this environment fails on a document it is known to decide: no record is to blame."""


class RefuseToStart(StreamProcessorError, RuntimeError):  # noqa: N818 - named after what the catcher must do
    """The environment cannot serve any batch: bad settings or a bad model."""


class Unforeseen(StreamProcessorError, RuntimeError):  # noqa: N818 - named after what the catcher must do
    """A defect of ours. Its traceback shows where; its message is the error's type and no more."""


def without_text_in_errors(work: Callable[[], T]) -> T:
    """Run work and let nothing but our own errors pass: Lambda logs the message of whatever a handler raises.

    An unforeseen error's message may quote what caused it, such as a page.

    Args:
        work: What to run.

    Returns:
        What the work returned.

    Raises:
        Unforeseen: In place of any error that is not ours, with its traceback.
    """
    try:
        return work()
    except StreamProcessorError:
        raise
    except Exception as error:  # noqa: BLE001 - raised again below
        unforeseen = Unforeseen(f"failed with {type(error).__name__}").with_traceback(error.__traceback__)
    raise unforeseen  # outside the handler: a chained error would take its message along
