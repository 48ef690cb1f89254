"""The story of promoting and rolling back: look, decide, and move the pointer if it is still where it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.cli.models import pointer as pointers
from smartcat.cli.models.errors import DamagedError, MovedError, NotPublishedError
from smartcat.cli.models.plan import missing_files
from smartcat.cli.models.publish import published_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.cli.models.pointer import Move, Pointer
    from smartcat.cli.models.store import ModelStore

ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Promoted:
    """Where the pointer is now, and where it was.

    Attributes:
        pointer: It is here.
        before: It was here; None before the first promotion. The same object where it did not move.
    """

    pointer: Pointer
    before: Pointer | None

    @property
    def moved(self) -> bool:
        """Whether it moved."""
        return self.pointer is not self.before


def current(store: ModelStore) -> Pointer | None:
    """Read the pointer; None before the first promotion.

    Raises:
        DamagedError: What is there is no pointer.
    """
    return _look(store)[0]


def promote(store: ModelStore, move: Move) -> Promoted:
    """Promote a version.

    If somebody else promotes at the same time, theirs is in the history and ours is current.

    Args:
        store: Where.
        move: What to promote.

    Raises:
        NotPublishedError: There is no such version.
        DamagedError: A file of it is missing.
        MovedError: Others moved the pointer again and again.
    """
    check_published(store, move.model_version)
    return _move(store, ATTEMPTS, lambda pointer: pointers.promote(pointer, move))


def roll_back(
    store: ModelStore, *, to: str | None, only_from: str | None, move: Callable[[str], Move]
) -> Promoted:
    """Go back to what was promoted before.

    If somebody else moves the pointer at the same time, nothing is done: they may be rolling back, too, and
    twice would be one step too far.

    Args:
        store: Where.
        to: A version that was promoted before; None for the last one before the current.
        only_from: Do it only if this version is current; None for whatever is.
        move: Makes the move to the version that was found.

    Raises:
        NotPublishedError: There is nothing to go back to, or it was deleted.
        DamagedError: A file of it is missing.
        MovedError: Somebody else moved the pointer, or ``only_from`` is not current.
    """

    def change(pointer: Pointer | None) -> Pointer:
        if pointer is None:
            raise NotPublishedError(f"nothing was promoted yet at {store.location}; nothing to roll back")
        if only_from not in {None, pointer.model_version}:
            raise MovedError(f"{pointer.model_version} is current, and not {only_from}; nothing was changed")
        target = pointers.rollback_target(pointer, to)
        others = [version for version in dict.fromkeys(pointer.before) if version != target]
        advice = f"; --to goes further back, to {', '.join(others)}" if others else ""
        check_published(store, target, advice)
        return pointers.roll_back(pointer, move(target))

    return _move(store, 1, change)


def check_published(store: ModelStore, version: str, advice: str = "") -> None:
    """Make sure that a version is whole.

    Args:
        store: Where.
        version: The version.
        advice: What is put behind the error, for people.

    Raises:
        NotPublishedError: It is not published.
        DamagedError: A file of it is missing, or its manifest is broken.
    """
    manifest = published_manifest(store, version)
    if manifest is None:
        raise NotPublishedError(f"version {version} is not published at {store.location}{advice}")
    missing = missing_files(manifest, store.files(version))
    if missing:
        raise DamagedError(
            f"version {version} at {store.location} lacks {missing[0]}, or has it in another size; "
            f"publish it again to mend it{advice}"
        )


def _move(store: ModelStore, attempts: int, change: Callable[[Pointer | None], Pointer]) -> Promoted:
    for attempt in range(1, attempts + 1):
        before, tag = _look(store)
        after = change(before)
        if after is before:
            return Promoted(after, before)
        content = pointers.to_bytes(after)
        try:
            store.put_pointer(content, tag)
        except MovedError:
            # Our own request may have been carried out, its answer lost, and the repetition refused.
            found, _ = _look(store)
            if found is not None and pointers.moves(after)[0] in pointers.moves(found):
                return Promoted(after, before)
            if attempt == attempts:
                raise
        else:
            return Promoted(after, before)
    raise AssertionError("unreachable")  # pragma: no cover - the last attempt returns or raises


def _look(store: ModelStore) -> tuple[Pointer | None, str | None]:
    found = store.pointer()
    if found is None:
        return None, None
    content, tag = found
    return pointers.from_bytes(content, f"s3://{store.location.bucket}/{store.location.pointer}"), tag
