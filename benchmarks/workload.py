"""The workload of the write-capacity benchmark: shards of documents whose results cost known write units."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Final

from benchmarks.virtual_time import EPOCH
from smartcat.local_aws.event_source_mapping.records import Record, RecordFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAM_ARN: Final = "arn:aws:kinesis:eu-central-1:000000000000:stream/documents"

WAITING_SECONDS: Final = 600.0
"""The records of a backlog arrived this long before a run begins."""

UnitsAndShares = tuple[tuple[int, float], ...]
"""Write units of a document's result, and how many of the documents cost so much."""

MIXED: Final[UnitsAndShares] = ((1, 0.85), (2, 0.10), (4, 0.05))
"""1.25 units in the mean."""
SMALL: Final[UnitsAndShares] = ((1, 1.0),)

_DOCUMENT: Final = json.dumps({"v": 1, "document_id": "%s", "pages": ["costs %d"]}, separators=(",", ":"))


@dataclass(slots=True)
class Shard:
    """One shard of the stream: full of documents from the start, or filled at a steady rate.

    Attributes:
        number: Which; part of its name and of its documents' ids.
        seed: Sizes of the documents come from it.
        documents: How many there are; None for as many as are asked for.
        rate: Documents that arrive a second from the start of the run; None if all arrived before it.
        mix: Write units of the results.
        taken: Documents handed out.
        delivered: Keys of records that the mapping counts as done, in the order in which they were.
        discarded: Keys of records that the mapping discarded.
    """

    number: int
    seed: int
    documents: int | None = None
    rate: float | None = None
    mix: UnitsAndShares = MIXED
    taken: int = 0
    delivered: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    _records: Iterator[Record] | None = None

    @property
    def name(self) -> str:
        """Return the prefix of its documents' ids."""
        return f"s{self.number:03}"

    @property
    def is_exhausted(self) -> bool:
        """Return whether every document was taken."""
        return self.taken == self.documents

    def take(self, count: int, now: float) -> list[Record]:
        """Return the next records, at most `count` and as many as have arrived."""
        if self._records is None:
            self._records = self._make()
        arrived = count if self.rate is None else int(now * self.rate) + 1 - self.taken
        records = list(islice(self._records, max(0, min(count, arrived))))
        self.taken += len(records)
        return records

    def iterator_age(self, now: float) -> float:
        """Return the age of the oldest record that is not done, in seconds; 0 if there is none."""
        done = len(self.delivered) + len(self.discarded)
        return 0.0 if done == self.documents else max(0.0, now - self._arrival(done))

    def _arrival(self, number: int) -> float:
        return -WAITING_SECONDS if self.rate is None else number / self.rate

    def _make(self) -> Iterator[Record]:
        rng = Random(f"{self.seed} {self.number}")  # noqa: S311 - sizes of made-up documents
        shape = RecordFormat(STREAM_ARN, f"shardId-{self.number:012}")
        units, shares = zip(*self.mix, strict=True)
        number = 0
        while self.documents is None or number < self.documents:
            for cost in rng.choices(units, shares, k=64):
                if self.documents is not None and number >= self.documents:
                    return
                key = f"{self.name}-{number:07}"
                data = (_DOCUMENT % (key, cost)).encode()
                arrived = datetime.fromtimestamp(EPOCH + self._arrival(number), tz=UTC)
                yield shape.record(f"4959{self.number:08}{number:044}", key, data, arrived)
                number += 1
