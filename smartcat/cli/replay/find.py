"""Chooses, object by object, what is to be put back. Pure: objects in, records and figures out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stream_processor.storage_format.errors import UnreadableObjectError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smartcat.cli.replay.buckets import StoredObject
    from smartcat.cli.replay.held import Held
    from smartcat.cli.replay.selection import Selection
    from smartcat.cli.replay.shards import Horizon
    from smartcat.cli.replay.tally import Tally

NOT_OURS: Final = "not an object of ours, or damaged"
TOO_LARGE: Final = "too large to be an object of ours"
OTHER_STREAM: Final = "it came from another stream"


@dataclass(frozen=True, slots=True)
class Found:
    """What is to be put back of one object.

    Attributes:
        stored: The object.
        records: Those of its records that are meant and can be put back.
        whole: Whether these are all it holds: only then may it be deleted.
    """

    stored: StoredObject
    records: tuple[Held, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for.

    Attributes:
        stream: The stream that records are put back on; those of another one are left.
        selection: Which records are meant.
        limit: Records after which no further object is looked at; None for no limit.
        horizon: Hides what came in since the replay began.
        tally: Gets the figures.
    """

    stream: str
    selection: Selection
    limit: int | None
    horizon: Horizon
    tally: Tally

    def choose(self, objects: Iterable[StoredObject]) -> Iterator[Found]:
        """Give the objects of which something is to be put back, and count everything else."""
        for stored in objects:
            if self.limit is not None and self.tally.records >= self.limit:
                return
            held = self._read(stored)
            if any(self.horizon.hides(each.carrier) for each in held):
                self.tally.newer += 1
                continue
            meant = [each for each in held if self.selection.takes(each)]
            records = tuple(each for each in meant if self._can_go_back(each, stored.name))
            if records:
                yield Found(stored, records, whole=len(records) == len(held))

    def _read(self, stored: StoredObject) -> list[Held]:
        if stored.body is None:
            self.tally.leave(stored.name, TOO_LARGE)
            return []
        try:
            return list(stored.bucket.read(stored.body))
        except UnreadableObjectError as error:
            self.tally.leave(stored.name, NOT_OURS, str(error))
            return []

    def _can_go_back(self, held: Held, name: str) -> bool:
        why = OTHER_STREAM if held.first.stream != self.stream else held.problem
        if why is not None:
            self.tally.leave(name, why)
            return False
        self.tally.find(held, name)
        return True
