"""Promotes and rolls back: reads the pointer, decides, and writes it unless somebody else moved it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from smartcat.cli.models import pointer as pointers
from smartcat.cli.models.errors import ConflictError, DamagedError, NotPublishedError
from smartcat.cli.models.publish import read_published_manifest
from smartcat.cli.models.uploads import missing_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.cli.models.model_store import ModelStore
    from smartcat.cli.models.pointer import Move, Pointer
    from smartcat.cli.models.serving_function import ServingFunction

ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Promoted:
    """The pointer before and after.

    Attributes:
        pointer: The pointer now.
        before: The pointer before; None before the first promotion. The same object if it did not move.
        resumed: Whether a rollback was under way already, which the function has yet to follow.
    """

    pointer: Pointer
    before: Pointer | None
    resumed: bool = False

    @property
    def moved(self) -> bool:
        """Whether it moved."""
        return self.pointer is not self.before


def current(store: ModelStore) -> Pointer | None:
    """Return the pointer; None before the first promotion.

    Raises:
        DamagedError: The stored object is not a pointer.
    """
    return _read_pointer(store)[0]


def promote(store: ModelStore, move: Move, function: ServingFunction | None = None) -> Promoted:
    """Promote a version.

    If somebody else promotes at the same time, their move is in the history and ours is current.

    Args:
        store: The location.
        move: The promotion.
        function: What is to follow: see `finished`.

    Raises:
        NotPublishedError: There is no such version.
        DamagedError: A file of it is missing.
        ConflictError: Others kept moving the pointer.
    """
    check_published(store, move.model_version)
    return _move(store, ATTEMPTS, lambda pointer: pointers.promote(pointer, move, _reference(function)))


def roll_back(
    store: ModelStore,
    *,
    to: str | None,
    only_from: str | None,
    move: Callable[[str], Move],
    function: ServingFunction | None = None,
) -> Promoted:
    """Roll back to a version that was promoted before.

    While a function has not followed the last rollback, that one is unfinished: the pointer stays, and the
    function is to follow. So a command that was broken off may be given again.

    If somebody else moves the pointer at the same time, nothing is changed: they may be rolling back, too,
    and a second rollback would go one step too far.

    Args:
        store: The location.
        to: A version that was promoted before; None for the previous one.
        only_from: Roll back only if this version is current; None for any.
        move: Makes the move to a version.
        function: What is to follow: see `finished`.

    Raises:
        NotPublishedError: There is no version to roll back to, or it was deleted.
        DamagedError: A file of it is missing.
        ConflictError: Somebody else moved the pointer, ``only_from`` is not current, or another function has
            not followed the last rollback.
        FunctionError: The function cannot be read.
    """
    serves = function.model() if function else None
    resumed = False

    def change(pointer: Pointer | None) -> Pointer:
        nonlocal resumed
        if pointer is None:
            raise NotPublishedError(f"no version was promoted yet at {store.location}; nothing to roll back")
        serves_it = None if serves is None else serves == store.location.url(pointer.model_version)
        unfinished = pointers.unfinished_rollback(pointer, _reference(function), serves_it=serves_it)
        if unfinished and to is None and only_from in {None, pointer.history[0].model_version}:
            resumed = True
            return pointer
        if only_from not in {None, pointer.model_version}:
            raise ConflictError(f"{pointer.model_version} is current, not {only_from}; nothing was changed")
        if to is None and pointer.kind == "rollback" and pointer.switching is not None:
            raise ConflictError(
                f"the rollback to {pointer.model_version} has not reached function {pointer.switching}:"
                " give that command again, or name a version with --to; nothing was changed"
            )
        target = pointers.rollback_target(pointer, to)
        others = [version for version in dict.fromkeys(pointer.before) if version != target]
        advice = f"; use --to to go further back, to {', '.join(others)}" if others else ""
        check_published(store, target, advice)
        return pointers.roll_back(pointer, move(target), _reference(function))

    return replace(_move(store, 1, change), resumed=resumed)


def finished(store: ModelStore, function: ServingFunction) -> None:
    """Note in the pointer that a function serves its version; nothing if it does not wait for that function.

    Until then the move is not finished, wherever the command was broken off.
    """
    # Whoever moves the pointer meanwhile knows better.
    with suppress(ConflictError):
        before, tag = _read_pointer(store)
        if before is not None and (after := pointers.followed(before, function.reference)) is not before:
            store.put_pointer(pointers.to_bytes(after), tag)


def _reference(function: ServingFunction | None) -> str | None:
    return function.reference if function else None


def check_published(store: ModelStore, version: str, advice: str = "") -> None:
    """Check that a version is published and complete.

    Args:
        store: The location.
        version: The version.
        advice: Appended to the error, for people.

    Raises:
        NotPublishedError: It is not published.
        DamagedError: A file of it is missing, or its manifest is invalid.
    """
    manifest = read_published_manifest(store, version)
    if manifest is None:
        raise NotPublishedError(f"version {version} is not published at {store.location}{advice}")
    missing = missing_files(manifest, store.files(version))
    if missing:
        raise DamagedError(
            f"version {version} at {store.location} lacks {missing[0]} or has it with the wrong size; "
            f"publish it again to repair it{advice}"
        )


def _move(store: ModelStore, attempts: int, change: Callable[[Pointer | None], Pointer]) -> Promoted:
    for attempt in range(1, attempts + 1):
        before, tag = _read_pointer(store)
        after = change(before)
        if after is before:
            return Promoted(after, before)
        content = pointers.to_bytes(after)
        try:
            store.put_pointer(content, tag)
        except ConflictError:
            # Our own request may have succeeded, its response lost, and the retry rejected.
            stored, _ = _read_pointer(store)
            if stored is not None and pointers.all_moves(after)[0] in pointers.all_moves(stored):
                return Promoted(after, before)
            if attempt == attempts:
                raise
        else:
            return Promoted(after, before)
    raise AssertionError("unreachable")  # pragma: no cover - the last attempt returns or raises


def _read_pointer(store: ModelStore) -> tuple[Pointer | None, str | None]:
    stored = store.pointer()
    if stored is None:
        return None, None
    content, tag = stored
    return pointers.from_bytes(content, f"s3://{store.location.bucket}/{store.location.pointer}"), tag
