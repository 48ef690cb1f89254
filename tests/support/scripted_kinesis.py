"""A Kinesis that follows a script: accepts, throttles, breaks off, reshards, and records what it was sent."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from smartcat.wire_format.document import from_bytes
from smartcat.wire_format.kpl_aggregate import is_aggregate, unpack
from smartcat.wire_format.zstd_aggregate import is_zstd_aggregate, unpack_zstd_aggregate

LAST_HASH = 2**128 - 1
THROTTLED = "ProvisionedThroughputExceededException"


@dataclass(frozen=True)
class StoredRecord:
    """One user record on the stream; `in_own_shard` is False where its key belongs to another shard."""

    shard: str
    sequence: str
    sub: int | None
    key: str
    data: bytes
    in_own_shard: bool


class ScriptedKinesis:
    """As much of a boto3 Kinesis client as a producer uses.

    Each PutRecords call is answered by the next step of the script, and accepted when the script is over. A
    step is: a dictionary from position to error code (those are refused, the others accepted), an exception
    (raised, nothing accepted), a list of one exception (raised after accepting everything), a function
    (called, then everything is accepted), or a whole answer under the key "answer".
    """

    def __init__(self, script: Iterable[Any] = (), *, shards: int = 1, record_kib: int | None = None) -> None:
        self.script = list(script)
        self.requests: list[list[dict[str, Any]]] = []
        self.stored: list[StoredRecord] = []
        self.listing_steps: list[Any] = []
        self.listings = 0
        self.described: list[Any] = []
        self.record_kib = record_kib
        self.refuses: dict[str, str] = {}
        """The error code of each shard that refuses all its records."""
        self.fails: Callable[[], BaseException | None] = lambda: None
        """Gives what a whole request raises, if it does."""
        self.ids: dict[str, str] = {}
        """The ids whose records may stand alone under the key of their lane, by hash key."""
        step = (LAST_HASH + 1) // shards
        self._ids = iter(range(10_000))
        self.shards = {
            self._new_id(): (n * step, LAST_HASH if n == shards - 1 else (n + 1) * step - 1)
            for n in range(shards)
        }

    # ------------------------------------------------------------------------------------------ boto3's names
    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert StreamName == "stream"
        self._check_limits(Records)
        self.requests.append(Records)
        if (error := self.fails()) is not None:
            raise error
        step = self.script.pop(0) if self.script else {}
        if callable(step):
            step()
            step = {}
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, list):
            self._take(Records, {})
            raise step[0]
        if "answer" in step:
            answer: dict[str, Any] = step["answer"]
            return answer
        return {"Records": self._take(Records, step)}

    def get_paginator(self, name: str) -> Any:
        assert name == "list_shards"
        return self

    def paginate(self, *, StreamName: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's
        self.listings += 1
        step = self.listing_steps.pop(0) if self.listing_steps else None
        if isinstance(step, BaseException):
            raise step
        closed = {"ShardId": "closed", "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "9"}}
        listed = [
            {
                "ShardId": name,
                "HashKeyRange": {"StartingHashKey": str(first), "EndingHashKey": str(last)},
                "SequenceNumberRange": {"StartingSequenceNumber": "0"},
            }
            for name, (first, last) in self.shards.items()
        ]
        return [
            {
                "Shards": [
                    {
                        **closed,
                        "SequenceNumberRange": {"StartingSequenceNumber": "0", "EndingSequenceNumber": "1"},
                    }
                ]
            },
            {"Shards": listed},
        ]

    def describe_stream_summary(self, *, StreamName: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        step = self.described.pop(0) if self.described else None
        if isinstance(step, BaseException):
            raise step
        summary = {} if self.record_kib is None else {"MaxRecordSizeInKiB": self.record_kib}
        return {"StreamDescriptionSummary": {"StreamName": StreamName, **summary}}

    # ------------------------------------------------------------------------------------------ the stream
    def split(self, shard: str | None = None) -> None:
        """Split a shard, the first one if none is named."""
        name = shard or next(iter(self.shards))
        first, last = self.shards.pop(name)
        middle = (first + last) // 2
        self.shards |= {self._new_id(): (first, middle), self._new_id(): (middle + 1, last)}

    def merge(self) -> None:
        """Merge the two lowest shards; nothing where there is only one."""
        lowest = sorted(self.shards, key=lambda name: self.shards[name])[:2]
        if len(lowest) == 2:
            (first, _), (_, last) = (self.shards.pop(name) for name in lowest)
            self.shards[self._new_id()] = (first, last)

    def keys(self) -> list[list[str]]:
        """The ids of each request's records, or their keys where they are no document of their own."""
        return [[self._id_of(record) for record in request] for request in self.requests]

    def accepted(self) -> list[tuple[str, bytes]]:
        """Key and data of every user record, in the order of record."""
        return [(record.key, record.data) for record in self.stored]

    def _new_id(self) -> str:
        return f"shardId-{next(self._ids):012}"

    def _id_of(self, record: dict[str, Any]) -> str:
        """The id of a document that is a record by itself, or the key of any other record."""
        key, data = record["PartitionKey"], record["Data"]
        if not key.startswith("lane-") or is_aggregate(data) or is_zstd_aggregate(data):
            return str(key)
        known = self.ids.get(record.get("ExplicitHashKey", ""))
        return known or from_bytes(data).document_id

    def _shard(self, hash_key: int) -> str:
        return next(name for name, (first, last) in self.shards.items() if first <= hash_key <= last)

    def _take(self, records: list[dict[str, Any]], refused: dict[int, str]) -> list[dict[str, str]]:
        return [
            {"ErrorCode": refused[position], "ErrorMessage": "secret"}
            if position in refused
            else self._store(record)
            for position, record in enumerate(records)
        ]

    def _store(self, record: dict[str, Any]) -> dict[str, str]:
        key, explicit = record["PartitionKey"], record.get("ExplicitHashKey")
        shard = self._shard(md5(key) if explicit is None else int(explicit))
        if shard in self.refuses:
            return {"ErrorCode": self.refuses[shard], "ErrorMessage": "secret"}
        sequence, first, last = str(len(self.stored) + 1), *self.shards[shard]
        for sub, user, data in user_records(self._id_of(record), record["Data"]):
            in_own_shard = sub is None or first <= md5(user) <= last
            self.stored.append(StoredRecord(shard, sequence, sub, user, data, in_own_shard))
        return {"ShardId": shard, "SequenceNumber": sequence}

    def _check_limits(self, records: list[dict[str, Any]]) -> None:
        sizes = [len(record["Data"]) + len(record["PartitionKey"].encode()) for record in records]
        assert 1 <= len(records) <= 500
        assert max(sizes) <= (self.record_kib or 1024) * 1024
        assert sum(sizes) <= 5 * 1024 * 1024
        assert all(1 <= len(record["PartitionKey"]) <= 256 for record in records)
        held = [user for record in records for user in users(self._id_of(record), record["Data"])]
        assert len(held) == len(set(held)), "a key in two entries of one request"


def md5(key: str) -> int:
    """The hash key of a partition key, computed apart from the producers."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest(), "big")


def users(key: str, data: bytes) -> set[str]:
    """The keys of the user records of one entry."""
    return {user for _, user, _ in user_records(key, data)}


def user_records(key: str, data: bytes) -> list[tuple[int | None, str, bytes]]:
    """Sub-sequence number, key and data of what a reader of aggregates finds in a record."""
    if is_zstd_aggregate(data):
        users = unpack_zstd_aggregate(data)
    elif is_aggregate(data):
        users = unpack(data)
    else:
        return [(None, key, data)]
    return [(sub, user.partition_key, user.data) for sub, user in enumerate(users)]
