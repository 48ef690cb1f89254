"""Promotes and rolls back: reads the pointer, decides, and writes it unless somebody else moved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.cli.models import pointer as pointers
from smartcat.cli.models.errors import ConflictError, DamagedError, NotPublishedError
from smartcat.cli.models.publish import read_published_manifest
from smartcat.cli.models.uploads import missing_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.cli.models.model_store import ModelStore
    from smartcat.cli.models.pointer import Move, Pointer

ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Promoted:
    """The pointer before and after.

    Attributes:
        pointer: The pointer now.
        before: The pointer before; None before the first promotion. The same object if it did not move.
    """

    pointer: Pointer
    before: Pointer | None

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


def promote(store: ModelStore, move: Move) -> Promoted:
    """Promote a version.

    If somebody else promotes at the same time, their move is in the history and ours is current.

    Args:
        store: The location.
        move: The promotion.

    Raises:
        NotPublishedError: There is no such version.
        DamagedError: A file of it is missing.
        ConflictError: Others kept moving the pointer.
    """
    check_published(store, move.model_version)
    return _move(store, ATTEMPTS, lambda pointer: pointers.promote(pointer, move))


def roll_back(
    store: ModelStore, *, to: str | None, only_from: str | None, move: Callable[[str], Move]
) -> Promoted:
    """Roll back to a version that was promoted before.

    If somebody else moves the pointer at the same time, nothing is changed: they may be rolling back, too,
    and a second rollback would go one step too far.

    Args:
        store: The location.
        to: A version that was promoted before; None for the previous one.
        only_from: Roll back only if this version is current; None for any.
        move: Makes the move to a version.

    Raises:
        NotPublishedError: There is no version to roll back to, or it was deleted.
        DamagedError: A file of it is missing.
        ConflictError: Somebody else moved the pointer, or ``only_from`` is not current.
    """

    def change(pointer: Pointer | None) -> Pointer:
        if pointer is None:
            raise NotPublishedError(f"no version was promoted yet at {store.location}; nothing to roll back")
        if only_from not in {None, pointer.model_version}:
            raise ConflictError(f"{pointer.model_version} is current, not {only_from}; nothing was changed")
        target = pointers.rollback_target(pointer, to)
        others = [version for version in dict.fromkeys(pointer.before) if version != target]
        advice = f"; use --to to go further back, to {', '.join(others)}" if others else ""
        check_published(store, target, advice)
        return pointers.roll_back(pointer, move(target))

    return _move(store, 1, change)


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
