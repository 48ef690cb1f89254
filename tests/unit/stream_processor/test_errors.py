from __future__ import annotations

import pytest

from stream_processor.errors import (
    RefuseInvocation,
    RefuseToStart,
    RejectRecord,
    StreamProcessorError,
    TryLater,
)


def test_one_tree() -> None:
    """Every error of the package can be caught as one, and as bad input or as a failed job."""
    for kind, base in (
        (RejectRecord, ValueError),
        (RefuseInvocation, ValueError),
        (TryLater, RuntimeError),
        (RefuseToStart, RuntimeError),
    ):
        assert issubclass(kind, StreamProcessorError)
        assert issubclass(kind, base)


def test_errors_carry_what_the_catcher_needs() -> None:
    """A rejection carries reason and detail, a delay its seconds."""
    with pytest.raises(RejectRecord, match=r"^bad_json: at line 1$") as caught:
        raise RejectRecord("bad_json", "at line 1")
    assert (caught.value.reason, caught.value.detail) == ("bad_json", "at line 1")
    assert TryLater("busy", seconds=1.5).seconds == 1.5
