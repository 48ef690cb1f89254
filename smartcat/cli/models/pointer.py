"""The pointer to the promoted version: what moves it, and its bytes both ways. Pure; knows no S3, no clock.

It is a log and a stack. ``history`` says what was moved when, by whom and why. ``before`` holds what a
rollback goes back to: promoting puts on it, rolling back takes from it, so that one rollback after another
walks further back instead of to and fro.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from smartcat.classifier.errors import validation_message
from smartcat.cli.models.errors import DamagedError, NotPublishedError

FORMAT: Final = "smartcat-promoted"
FORMAT_VERSION: Final = 1
MAX_BEFORE: Final = 50
MAX_HISTORY: Final = 50
MAX_BY_CHARS: Final = 100
MAX_NOTE_CHARS: Final = 500
MAX_POINTER_BYTES: Final = 256 * 1024
"""Fifty moves with the longest notes take 110 KiB: characters of four bytes each."""


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("should hold printable characters only")
    return text


_CURE: Final = " (delete the object and promote a version anew)"

Version = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
Moment = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_printable)]
By = Annotated[str, Field(min_length=1, max_length=MAX_BY_CHARS), AfterValidator(_printable)]
Note = Annotated[str, Field(min_length=1, max_length=MAX_NOTE_CHARS), AfterValidator(_printable)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Move(_Part):
    """One move of the pointer.

    Attributes:
        kind: How it came there.
        model_version: Where it has pointed since.
        promoted_at: When it was moved, ISO 8601.
        by: Who says to have moved it.
        note: Why.
    """

    kind: Literal["promote", "rollback"]
    model_version: Version
    promoted_at: Moment
    by: By | None = None
    note: Note | None = None


class Pointer(Move):
    """The last move, and what was before it.

    Attributes:
        format: Always ``smartcat-promoted``.
        format_version: Version of this schema.
        before: Versions that rollbacks go back to, the next one first.
        history: Earlier moves, the newest first.
    """

    format: Literal["smartcat-promoted"] = FORMAT
    format_version: Literal[1] = FORMAT_VERSION
    before: Annotated[tuple[Version, ...], Field(max_length=MAX_BEFORE)] = ()
    history: Annotated[tuple[Move, ...], Field(max_length=MAX_HISTORY)] = ()


class _Header(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    format: Literal["smartcat-promoted"]
    format_version: int


def written(now: datetime) -> str:
    """Write a moment for a move: to the microsecond, which keeps two moves of one version apart."""
    return now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def promote(pointer: Pointer | None, move: Move) -> Pointer:
    """Move the pointer to another version.

    Args:
        pointer: Where it is; None before the first promotion.
        move: Where it goes.

    Returns:
        The new pointer; the old one itself where it points there already.
    """
    if pointer is None:
        return _moved(move, (), ())
    if pointer.model_version == move.model_version:
        return pointer
    return _moved(move, (pointer.model_version, *pointer.before), moves(pointer))


def rollback_target(pointer: Pointer, to: str | None = None) -> str:
    """Say where a rollback leads.

    Args:
        pointer: Where it is.
        to: A version promoted before; None for the one before the current.

    Raises:
        NotPublishedError: There is nothing before it, or ``to`` was not.
    """
    if to == pointer.model_version:
        return to
    if not pointer.before:
        raise NotPublishedError(
            f"{pointer.model_version} is the first that was promoted, so there is nothing to go back to"
        )
    if to is not None and to not in pointer.before:
        known = ", ".join(dict.fromkeys(pointer.before))
        raise NotPublishedError(f"{to} was not promoted before {pointer.model_version}; there are: {known}")
    return to or pointer.before[0]


def roll_back(pointer: Pointer, move: Move) -> Pointer:
    """Move the pointer back.

    Args:
        pointer: Where it is.
        move: Where it goes: to what :func:`rollback_target` gave.

    Returns:
        The new pointer; the old one itself where it points there already.
    """
    if pointer.model_version == move.model_version:
        return pointer
    deeper = pointer.before[pointer.before.index(move.model_version) + 1 :]
    return _moved(move, deeper, moves(pointer))


def _moved(move: Move, before: tuple[str, ...], history: tuple[Move, ...]) -> Pointer:
    return Pointer(**move.model_dump(), before=before[:MAX_BEFORE], history=history[:MAX_HISTORY])


def moves(pointer: Pointer) -> tuple[Move, ...]:
    """Give the moves of the pointer, the newest first."""
    last = {name: getattr(pointer, name) for name in Move.model_fields}
    return (Move(**last), *pointer.history)


def to_bytes(pointer: Pointer) -> bytes:
    """Write the pointer's bytes."""
    return pointer.model_dump_json(indent=1, exclude_none=True).encode() + b"\n"


def from_bytes(content: bytes, where: str) -> Pointer:
    """Read a pointer; nothing in it is believed before it was checked.

    Args:
        content: What is stored.
        where: What to call it in an error.

    Raises:
        DamagedError: It is no pointer, or one of another version of this schema.
    """
    if len(content) > MAX_POINTER_BYTES:
        raise DamagedError(f"{where}: larger than {MAX_POINTER_BYTES} bytes: no pointer to a model{_CURE}")
    try:
        header = _Header.model_validate_json(content)
        if header.format_version != FORMAT_VERSION:
            found = f"format version {header.format_version}"
            raise DamagedError(f"{where}: {found}, but this smartcat reads version {FORMAT_VERSION}")
        return Pointer.model_validate_json(content)
    except ValidationError as error:
        raise DamagedError(f"{where}: no pointer to a model: {validation_message(error)}{_CURE}") from None
