from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.models.errors import DamagedError, NotPublishedError
from smartcat.cli.models.pointer import (
    MAX_BEFORE,
    MAX_HISTORY,
    MAX_POINTER_BYTES,
    Move,
    Pointer,
    all_moves,
    from_bytes,
    promote,
    roll_back,
    rollback_target,
    timestamp,
    to_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

A, B, C = "a" * 12, "b" * 12, "c" * 12


def promoted(*versions: str) -> Pointer:
    """Promote versions one after the other."""
    pointer: Pointer | None = None
    for version in versions:
        pointer = promote(pointer, Move(kind="promote", model_version=version, promoted_at="then"))
    assert pointer is not None
    return pointer


def test_rollback_after_rollback_walks_further_back(move: Callable[..., Move]) -> None:
    """The second rollback does not undo the first."""
    pointer = promoted(A, B, C)
    walked = []
    while pointer.before:
        pointer = roll_back(pointer, move(rollback_target(pointer), "rollback"))
        walked.append(pointer.model_version)
    assert walked == [B, A]
    with pytest.raises(NotPublishedError, match="was promoted first"):
        rollback_target(pointer)


def test_a_version_promoted_after_a_rollback_goes_back_to_where_that_led(move: Callable[..., Move]) -> None:
    """What was rolled back is gone from the way back, and stays in the history."""
    pointer = roll_back(promoted(A, B), move(A, "rollback"))
    pointer = promote(pointer, move(C))
    assert pointer.before == (A,)
    assert [(each.kind, each.model_version) for each in all_moves(pointer)] == [
        ("promote", C),
        ("rollback", A),
        ("promote", B),
        ("promote", A),
    ]


def test_what_is_promoted_already_stays_as_it_is(move: Callable[..., Move]) -> None:
    """Promoting twice is one promotion, and leaves one step to go back."""
    pointer = promoted(A, B)
    assert promote(pointer, move(B)) is pointer
    assert roll_back(pointer, move(B, "rollback")) is pointer
    assert rollback_target(pointer, B) == B


def test_a_rollback_to_a_version_takes_all_above_it_along(move: Callable[..., Move]) -> None:
    """Behind it lies what was promoted before it; a version that was never promoted is refused."""
    pointer = promoted(A, B, C)
    assert roll_back(pointer, move(rollback_target(pointer, A), "rollback")).before == ()
    with pytest.raises(NotPublishedError, match=f"was not promoted before {C}; choose from: {B}, {A}"):
        rollback_target(pointer, "d" * 12)


@given(st.lists(st.sampled_from([A, B, C, None]), max_size=30))
def test_it_is_a_stack_of_what_was_promoted(move: Callable[..., Move], steps: list[str | None]) -> None:
    """Any promotions and rollbacks (None) lead where a plain list of versions leads."""
    stack: list[str] = []
    pointer: Pointer | None = None
    for step in steps:
        if step is not None:
            pointer = promote(pointer, move(step))
            stack += [step] if stack[-1:] != [step] else []
        elif pointer is not None and len(stack) > 1:
            pointer = roll_back(pointer, move(rollback_target(pointer), "rollback"))
            stack.pop()
        if pointer is not None:
            assert [pointer.model_version, *pointer.before] == stack[::-1]
            assert from_bytes(to_bytes(pointer), "here") == pointer


def test_the_pointer_stays_small_for_ever() -> None:
    """With the longest notes, in characters of four bytes, it stays within what is read of it."""
    pointer: Pointer | None = None
    for number in range(2 * MAX_HISTORY):
        move = Move(
            kind="promote",
            model_version=f"{number:012x}",
            promoted_at="9" * 40,
            by="\U0001f600" * 100,
            note="\U0001f600" * 500,
        )
        pointer = promote(pointer, move)
    assert pointer is not None
    assert (len(pointer.before), len(pointer.history)) == (MAX_BEFORE, MAX_HISTORY)
    content = to_bytes(pointer)
    assert len(content) < MAX_POINTER_BYTES
    assert from_bytes(content, "here") == pointer


GOOD: dict[str, Any] = json.loads(to_bytes(promoted(A, B)))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "Invalid JSON"),
        (b"\xff\xfe{}", "Invalid JSON"),
        (b"[]", "top level"),
        (b"[" * 1000, "Invalid JSON"),
        (b"{}", "format"),
        (b"{" + b" " * MAX_POINTER_BYTES + b"}", f"larger than {MAX_POINTER_BYTES} bytes"),
        (GOOD | {"format": "something else"}, "format"),
        (GOOD | {"format_version": 2}, "format version 2, but this smartcat reads version 1"),
        (GOOD | {"format_version": True}, "format_version"),
        (GOOD | {"model_version": "latest"}, "model_version"),
        (GOOD | {"model_version": A + "\n"}, "model_version"),
        (GOOD | {"model_version": 7}, "model_version"),
        (GOOD | {"before": "aaaaaaaaaaaa"}, "before"),
        (GOOD | {"before": [A] * (MAX_BEFORE + 1)}, "before"),
        (GOOD | {"before": ["../../other"]}, "before.0"),
        (GOOD | {"history": [{}]}, "history.0"),
        (GOOD | {"note": "\x1b[2J"}, "note"),
        (GOOD | {"by": "x" * 101}, "by"),
        (GOOD | {"surprise": 1}, "surprise"),
    ],
)
def test_garbage_is_no_pointer(content: Any, expected: str) -> None:
    """Whatever stands there, one line says where, and none of what it held."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(DamagedError, match=expected) as caught:
        from_bytes(data, "s3://papers/current.json")
    assert str(caught.value).startswith("s3://papers/current.json: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@given(st.binary(max_size=200))
def test_any_bytes_are_a_pointer_or_the_one_error(content: bytes) -> None:
    """Nothing else comes out."""
    with pytest.raises(DamagedError):
        from_bytes(content, "here")


def test_moments_are_written_in_universal_time() -> None:
    """To the microsecond, whatever zone the clock is in."""
    moment = datetime(2026, 1, 3, 5, 5, 6, 0, timezone(timedelta(hours=1)))
    assert timestamp(moment) == "2026-01-03T04:05:06.000000Z"
