"""Selects the records to replay, object by object, and counts the others. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.stream_names import parse_stream
from stream_processor.storage_format.errors import UnreadableObjectError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smartcat.cli.replay.buckets import StoredObject
    from smartcat.cli.replay.record_filter import RecordFilter
    from smartcat.cli.replay.replayable_record import ReplayableRecord
    from smartcat.cli.replay.shards import ReplayCutoff
    from smartcat.cli.replay.statistics import Statistics

UNREADABLE: Final = "not an object of smartcat, or damaged"
TOO_LARGE: Final = "too large for an object of smartcat"
OTHER_STREAM: Final = "it came from another stream"


@dataclass(frozen=True, slots=True)
class SelectedObject:
    """The records to replay of one object.

    Attributes:
        stored: The object.
        records: The selected records that can be replayed.
        whole: Whether these are all its records: only then may it be deleted.
    """

    stored: StoredObject
    records: tuple[ReplayableRecord, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Selects records.

    Attributes:
        stream: Name or ARN of the stream to replay to; records of another stream are skipped.
        record_filter: Which records to select.
        limit: Records after which no further object is read; None for no limit.
        cutoff: Excludes records that the replay itself sent.
        statistics: Counts everything.
    """

    stream: str
    record_filter: RecordFilter
    limit: int | None
    cutoff: ReplayCutoff
    statistics: Statistics

    def select(self, objects: Iterable[StoredObject]) -> Iterator[SelectedObject]:
        """Yield the objects with records to replay, and count everything else."""
        for stored in objects:
            if self.limit is not None and self.statistics.records >= self.limit:
                return
            records = self._read(stored)
            if any(self.cutoff.is_after(each.latest) for each in records):
                self.statistics.newer += 1
                continue
            selected = [each for each in records if self.record_filter.matches(each)]
            chosen = tuple(each for each in selected if self._is_replayable(each, stored.name))
            if chosen:
                yield SelectedObject(stored, chosen, whole=len(chosen) == len(records))

    def _read(self, stored: StoredObject) -> list[ReplayableRecord]:
        if stored.body is None:
            self.statistics.skip(stored.name, TOO_LARGE)
            return []
        try:
            return list(stored.bucket.read(stored.body))
        except UnreadableObjectError as error:
            self.statistics.skip(stored.name, UNREADABLE, str(error))
            return []

    def _is_replayable(self, record: ReplayableRecord, name: str) -> bool:
        # What was put aside names its stream without region and account.
        name_of_stream = parse_stream(self.stream).name
        cause = OTHER_STREAM if record.original.stream != name_of_stream else record.problem
        if cause is not None:
            self.statistics.skip(name, cause)
            return False
        self.statistics.select(record, name)
        return True
