from __future__ import annotations

import traceback

import pytest

from stream_processor.errors import (
    ClassifierBroken,
    RefuseInvocation,
    RefuseToStart,
    RejectRecord,
    StreamProcessorError,
    TryLater,
    Unforeseen,
    without_text_in_errors,
)


def test_one_tree() -> None:
    """Every error of the package can be caught as one, and as bad input or as a failed job."""
    for kind, base in (
        (RejectRecord, ValueError),
        (RefuseInvocation, ValueError),
        (TryLater, RuntimeError),
        (ClassifierBroken, RuntimeError),
        (Unforeseen, RuntimeError),
        (RefuseToStart, RuntimeError),
    ):
        assert issubclass(kind, StreamProcessorError)
        assert issubclass(kind, base)


def test_errors_carry_what_the_catcher_needs() -> None:
    """A rejection has reason and detail, a delay its seconds."""
    with pytest.raises(RejectRecord, match=r"^bad_json: at line 1$") as caught:
        raise RejectRecord("bad_json", "at line 1")
    assert (caught.value.reason, caught.value.detail) == ("bad_json", "at line 1")
    assert TryLater("busy", seconds=1.5).seconds == 1.5


def test_an_unforeseen_error_keeps_its_place_and_loses_its_words() -> None:
    """What reaches the log is the type and the line of a defect, never what it quotes."""

    def stumble() -> int:
        return {"a page": 1}["the secret page"]

    with pytest.raises(Unforeseen, match=r"^failed with KeyError$") as caught:
        without_text_in_errors(stumble)
    shown = "".join(traceback.format_exception(caught.value))
    assert "in stumble" in shown
    assert "KeyError: " not in shown
    assert caught.value.__context__ is None


def test_our_own_errors_pass_as_they_are() -> None:
    """Their messages are written to be read."""

    def refuse() -> int:
        raise RefuseInvocation("the event has no list 'Records'")

    with pytest.raises(RefuseInvocation, match="no list"):
        without_text_in_errors(refuse)
    assert without_text_in_errors(lambda: 5) == 5
