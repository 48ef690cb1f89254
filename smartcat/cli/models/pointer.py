"""The pointer to the promoted version: how it moves, and its bytes, written and read. Pure.

``history`` logs what was moved when, by whom and why. ``before`` holds the versions that rollbacks go back
to: promoting adds to it and rolling back removes from it, so that repeated rollbacks go further back instead
of switching between two versions. ``switching`` names a function that was to follow the last move: until it
was seen to serve the version, the move is not finished, and a rollback given again goes no step further.
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
MAX_FUNCTION_CHARS: Final = 400
"""An ARN of a function has up to 200 characters, and an alias up to 128 (API reference of Lambda)."""

MAX_POINTER_BYTES: Final = 256 * 1024
"""Fifty moves with the longest notes, of four-byte characters, take 110 KiB."""


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("should hold printable characters only")
    return text


_REMEDY: Final = " (delete the object and promote a version again)"

Version = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
Moment = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_printable)]
By = Annotated[str, Field(min_length=1, max_length=MAX_BY_CHARS), AfterValidator(_printable)]
FunctionName = Annotated[str, Field(min_length=1, max_length=MAX_FUNCTION_CHARS), AfterValidator(_printable)]
Note = Annotated[str, Field(min_length=1, max_length=MAX_NOTE_CHARS), AfterValidator(_printable)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Move(_Part):
    """One move of the pointer.

    Attributes:
        kind: Promotion or rollback.
        model_version: The version that it points to.
        promoted_at: When it was moved, ISO 8601.
        by: Who moved it, as stated.
        note: Why, as stated.
    """

    kind: Literal["promote", "rollback"]
    model_version: Version
    promoted_at: Moment
    by: By | None = None
    note: Note | None = None


class Pointer(Move):
    """The last move, and the state before it.

    Attributes:
        format: Always ``smartcat-promoted``.
        format_version: Version of this schema.
        before: Versions that rollbacks go back to, the next one first.
        history: Earlier moves, newest first.
        switching: The function, with its alias, that was not yet seen to serve the version; None if there is
            none to wait for.
    """

    format: Literal["smartcat-promoted"] = FORMAT
    format_version: Literal[1] = FORMAT_VERSION
    before: Annotated[tuple[Version, ...], Field(fail_fast=True, max_length=MAX_BEFORE)] = ()
    history: Annotated[tuple[Move, ...], Field(fail_fast=True, max_length=MAX_HISTORY)] = ()
    switching: FunctionName | None = None


class _Header(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    format: Literal["smartcat-promoted"]
    format_version: int


def timestamp(now: datetime) -> str:
    """Return a time as text, to the microsecond, which keeps two moves of one version apart."""
    return now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def promote(pointer: Pointer | None, move: Move, switching: str | None = None) -> Pointer:
    """Return the pointer moved to another version.

    Args:
        pointer: The current pointer; None before the first promotion.
        move: The promotion.
        switching: The function that is to follow.

    Returns:
        The new pointer; the same object if it points there already.
    """
    if pointer is None:
        return _pointer(move, (), (), switching)
    if pointer.model_version == move.model_version:
        return pointer
    return _pointer(move, (pointer.model_version, *pointer.before), all_moves(pointer), switching)


def unfinished_rollback(pointer: Pointer, switching: str | None, *, serves_it: bool | None) -> bool:
    """Return whether the last move is a rollback that a function has not followed yet.

    Args:
        pointer: The current pointer.
        switching: The function that is to be rolled back; None without one.
        serves_it: Whether that function serves the pointer's version; None without a function.
    """
    waits_for_it = switching is not None and pointer.switching == switching
    return pointer.kind == "rollback" and (waits_for_it or serves_it is False)


def rollback_target(pointer: Pointer, to: str | None = None) -> str:
    """Return the version that a rollback goes back to.

    Args:
        pointer: The current pointer.
        to: A version promoted before; None for the previous one.

    Raises:
        NotPublishedError: There is no previous version, or ``to`` is not one.
    """
    if to == pointer.model_version:
        return to
    if not pointer.before:
        raise NotPublishedError(
            f"{pointer.model_version} was promoted first; there is no version to roll back to"
        )
    if to is not None and to not in pointer.before:
        known = ", ".join(dict.fromkeys(pointer.before))
        raise NotPublishedError(f"{to} was not promoted before {pointer.model_version}; choose from: {known}")
    return to or pointer.before[0]


def roll_back(pointer: Pointer, move: Move, switching: str | None = None) -> Pointer:
    """Return the pointer moved back.

    Args:
        pointer: The current pointer.
        move: The rollback to what :func:`rollback_target` returned.
        switching: The function that is to follow.

    Returns:
        The new pointer; the same object if it points there already.
    """
    if pointer.model_version == move.model_version:
        return pointer
    further_back = pointer.before[pointer.before.index(move.model_version) + 1 :]
    return _pointer(move, further_back, all_moves(pointer), switching)


def followed(pointer: Pointer, switching: str) -> Pointer:
    """Return the pointer once a function serves its version; the same object if it waits for no such one."""
    return pointer.model_copy(update={"switching": None}) if pointer.switching == switching else pointer


def _pointer(
    move: Move, before: tuple[str, ...], history: tuple[Move, ...], switching: str | None
) -> Pointer:
    return Pointer(
        **move.model_dump(), before=before[:MAX_BEFORE], history=history[:MAX_HISTORY], switching=switching
    )


def all_moves(pointer: Pointer) -> tuple[Move, ...]:
    """Return the moves of the pointer, newest first."""
    last = {name: getattr(pointer, name) for name in Move.model_fields}
    return (Move(**last), *pointer.history)


def to_bytes(pointer: Pointer) -> bytes:
    """Return the pointer as bytes."""
    return pointer.model_dump_json(indent=1, exclude_none=True).encode() + b"\n"


def from_bytes(content: bytes, where: str) -> Pointer:
    """Return the pointer in stored bytes, fully validated.

    Args:
        content: The stored bytes.
        where: Names the object in an error.

    Raises:
        DamagedError: It is not a pointer, or one of another schema version.
    """
    if len(content) > MAX_POINTER_BYTES:
        raise DamagedError(f"{where}: larger than {MAX_POINTER_BYTES} bytes: not a model pointer{_REMEDY}")
    try:
        header = _Header.model_validate_json(content)
        if header.format_version != FORMAT_VERSION:
            found = f"format version {header.format_version}"
            raise DamagedError(f"{where}: {found}, but this smartcat reads version {FORMAT_VERSION}")
        return Pointer.model_validate_json(content)
    except ValidationError as error:
        raise DamagedError(f"{where}: not a model pointer: {validation_message(error)}{_REMEDY}") from None
