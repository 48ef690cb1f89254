from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from producers.core.kinesis_limits import Limits
from producers.core.options import Bounds
from producers.producer import Options, Producer
from smartcat.cli.delivery_monitor import DeliveryStopped
from smartcat.cli.replay import replayable_record
from smartcat.cli.replay.buckets import Bucket, StoredObject
from smartcat.cli.replay.redrive import (
    INVALID_POSITION,
    NOT_AFTER,
    TOO_LARGE,
    Redrive,
    read_hash_key_ranges,
)
from smartcat.cli.replay.replayable_record import ReplayableRecord
from smartcat.cli.replay.search import SelectedObject
from smartcat.cli.replay.shards import HashKeyRanges, ReplayCutoff
from smartcat.cli.replay.statistics import Statistics
from smartcat.wire_format.kpl_aggregate import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class FakeStream:
    """A stream and a bucket that note, in one list, what happens to them."""

    events: list[str] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    refuses: Callable[[str], bool] = lambda _: False
    undeletable: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    numbers_from: int = 100

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's
        results = []
        for record in Records:
            if self.refuses(record["PartitionKey"]):
                results.append({"ErrorCode": "Refused"})
                continue
            self.sent.append(record)
            self.events.append(f"put {record['PartitionKey']}")
            place = {
                "ShardId": "shardId-000000000001",
                "SequenceNumber": str(len(self.sent) + self.numbers_from),
            }
            results.append(place)
        return {"Records": results}

    def get_paginator(self, name: str) -> Any:
        return self

    def paginate(self, *, StreamName: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's
        span = {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)}
        return [{"Shards": [{"ShardId": "shardId-000000000001", "HashKeyRange": span}]}]

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's
        keys = [entry["Key"] for entry in Delete["Objects"]]
        self.events += [f"delete {key}" for key in keys if key not in self.undeletable]
        return {
            "Deleted": [{"Key": key} for key in keys if key not in self.undeletable | self.unanswered],
            "Errors": [{"Key": key, "Code": "AccessDenied"} for key in keys if key in self.undeletable],
        }


@dataclass
class World:
    """A replay among fakes."""

    make: Any
    keep: bool = False
    ranges: HashKeyRanges = field(default_factory=lambda: HashKeyRanges({}))
    limits: Limits = field(default_factory=Limits)
    linger: float = 3600.0
    bounds: Bounds = field(default_factory=Bounds)

    def __post_init__(self) -> None:
        self.stream, self.statistics, self.cutoff = FakeStream(), Statistics(), ReplayCutoff()
        client: Any = self.stream
        options = Options(limits=self.limits, linger_seconds=self.linger, bounds=self.bounds)
        self.producer = Producer("documents", client=client, options=options)
        self.redrive = Redrive(self.producer, self.ranges, self.cutoff, self.statistics, keep=self.keep)
        self.bucket = Bucket(self.stream, "b", "", lambda _: ())

    def found(self, key: str, *ids: str, whole: bool = True, **fields: Any) -> SelectedObject:
        """An object of records with these ids."""
        sources = [self.make.source(number, key=name, **fields) for number, name in enumerate(ids, 1)]
        records = tuple(ReplayableRecord("r", source, source, b"data") for source in sources)
        return SelectedObject(StoredObject(self.bucket, key, b""), records, whole)

    def run(self, *founds: SelectedObject) -> None:
        """Put back, in the order of the command."""
        self.run_through(iter(founds))

    def run_through(self, founds: Iterator[SelectedObject]) -> None:
        """The same, of objects that are found one after the other."""
        with self.producer:
            for found in founds:
                self.redrive.send(found)
        self.redrive.finish()


def test_objects_are_deleted_after_the_stream_has_all_their_records(make: Any) -> None:
    """Records go in order, as aggregates of one with their first place, and only then objects are deleted."""
    world = World(make)
    world.run(world.found("o1", "a"), world.found("o2", "b", "c"))
    assert world.stream.events == ["put a", "put b", "put c", "delete o1", "delete o2"]
    (user,) = unpack(world.stream.sent[1]["Data"])
    assert (user.partition_key, user.data) == ("b", b"data")
    assert dict(user.tags)["smartcat-sequence-number"] == "1"
    assert (world.statistics.accepted, world.statistics.deleted, world.statistics.skipped.total()) == (
        3,
        2,
        0,
    )


def test_what_the_stream_does_not_take_keeps_its_object(make: Any) -> None:
    """One refused record keeps the whole object, and is named with the stream's code."""
    world = World(make)
    world.stream.refuses = lambda key: key == "b"
    world.run(world.found("o1", "a"), world.found("o2", "b", "c"))
    assert "delete o2" not in world.stream.events
    assert (world.statistics.accepted, world.statistics.deleted, world.statistics.kept) == (2, 1, 1)
    assert world.statistics.skipped == {"the stream did not accept it: Refused": 1}


def test_an_object_with_other_records_is_kept(make: Any) -> None:
    """What was not put back is still in it."""
    world = World(make)
    world.run(world.found("o1", "a", whole=False))
    assert world.stream.events == ["put a"]
    assert (world.statistics.deleted, world.statistics.kept) == (0, 1)


def test_keep_deletes_nothing(make: Any) -> None:
    """For who wants to see first what becomes of it."""
    world = World(make, keep=True)
    world.run(world.found("o1", "a"))
    assert world.stream.events == ["put a"]
    assert (world.statistics.deleted, world.statistics.kept) == (0, 0)


def test_records_larger_than_the_stream_takes_are_left(make: Any) -> None:
    """With its first place, a record just below the limit may be above it."""
    world = World(make, limits=Limits(record_bytes=100))
    world.run(world.found("o1", "a"))
    assert world.stream.events == []
    assert world.statistics.skipped == {TOO_LARGE: 1}


def test_a_record_with_a_damaged_place_is_left(make: Any) -> None:
    """It would be poison in the stream, too."""
    world = World(make)
    world.run(world.found("o1", "a", shard_id="no shard"), world.found("o2", "b"))
    assert world.stream.events == ["put b", "delete o2"]
    assert world.statistics.skipped == {INVALID_POSITION: 1}


def test_an_object_that_cannot_be_deleted_is_named(make: Any) -> None:
    """Its records are on the stream: the next replay brings them again, which changes nothing."""
    world = World(make)
    world.stream.undeletable = {"o1"}
    world.run(world.found("o1", "a"), world.found("o2", "b"))
    assert (world.statistics.accepted, world.statistics.deleted) == (2, 1)
    assert world.statistics.named == [
        ("s3://b/o1", "replayed, but its object cannot be deleted: AccessDenied")
    ]


def test_an_object_of_which_the_answer_says_nothing_is_not_called_deleted(make: Any) -> None:
    """S3 names each object that it deleted; a damaged answer is no success."""
    world = World(make)
    world.stream.unanswered = {"o1"}
    world.run(world.found("o1", "a"), world.found("o2", "b"))
    assert world.statistics.deleted == 1
    assert world.statistics.named == [
        ("s3://b/o1", "replayed, but its object cannot be deleted: the answer does not say")
    ]


def test_a_record_that_the_function_would_reject_where_it_is_keeps_its_object(make: Any) -> None:
    """A stream made anew may number from below: then the original position is later than the record's own."""
    world = World(make)
    world.stream.numbers_from = 0
    world.run(world.found("o1", "a"))
    assert world.stream.events == ["put a"]
    assert world.statistics.skipped == {NOT_AFTER: 1}


def test_what_would_not_read_as_it_was_stored_is_not_sent(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is deleted for it, the record is read as the function will read it."""
    monkeypatch.setattr(replayable_record, "pack", lambda users: pack([replace(users[0], data=b"other")]))
    world = World(make)
    world.run(world.found("o1", "a"))
    assert world.stream.events == []
    assert world.statistics.skipped == {INVALID_POSITION: 1}


def test_a_record_goes_back_to_its_shard(make: Any) -> None:
    """A part of an aggregate, whose own key leads elsewhere, is sent there by a hash key."""
    whole, other = {"shardId-000000000001": (0, 2**128 - 1)}, {"shardId-000000000001": (5, 5)}
    for ranges, explicit in ((whole, None), (other, "5")):
        world = World(make, ranges=HashKeyRanges(ranges))
        world.run(world.found("o1", "a"))
        assert [entry.get("ExplicitHashKey") for entry in world.stream.sent] == [explicit]


def test_a_stream_that_takes_nothing_ends_the_replay(make: Any) -> None:
    """Thousands of others would fare no better; nothing is deleted."""
    world = World(make, linger=0.0, bounds=Bounds(documents=1))
    world.stream.refuses = lambda _: True
    with pytest.raises(DeliveryStopped):
        world.run(*(world.found(f"o{number}", f"d{number}") for number in range(100)))
    world.redrive.finish()
    assert world.stream.events == []
    assert world.statistics.skipped.total() < 100


def test_what_was_put_back_is_hidden_at_once(make: Any) -> None:
    """As soon as the stream has answered, what comes of the record is known to be new."""
    world = World(make)
    world.redrive.send(world.found("o1", "a"))
    world.producer.close()
    assert world.cutoff.is_after(make.source(101))
    assert not world.cutoff.is_after(make.source(100))


def test_an_interruption_leaves_what_was_not_answered_for(make: Any) -> None:
    """After Ctrl-C objects of accepted records go, all others stay, and the figures say so."""
    world = World(make)

    def founds() -> Iterator[SelectedObject]:
        yield from (world.found(f"o{number}", f"d{number}") for number in range(2))
        world.producer.flush()
        yield world.found("o2", "d2")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.run_through(founds())
    world.redrive.finish()
    assert world.stream.events == ["put d0", "put d1", "delete o0", "delete o1"]
    assert (world.statistics.accepted, world.statistics.skipped.total()) == (2, 1)


def kinesis() -> Any:
    """A client that reaches nobody."""
    return boto3.client(
        "kinesis", region_name="eu-west-3", aws_access_key_id="test", aws_secret_access_key="test"
    )


def test_shards_are_read_with_the_closed_ones() -> None:
    """A record may have come from a shard that was split since."""
    keys = {"StartingHashKey": "0", "EndingHashKey": "9"}
    shard = {"ShardId": "s", "HashKeyRange": keys, "SequenceNumberRange": {"StartingSequenceNumber": "0"}}
    client = kinesis()
    with Stubber(client) as stub:
        stub.add_response("list_shards", {"Shards": [shard]})
        assert read_hash_key_ranges(client, "papers").hash_key("k", "s") == "0"


def test_the_shards_of_a_stream_in_another_account_are_asked_for_by_its_arn() -> None:
    """Its name alone would be looked for in one's own account."""
    client, arn = kinesis(), "arn:aws:kinesis:eu-west-3:210987654321:stream/papers"
    with Stubber(client) as stub:
        stub.add_response("list_shards", {"Shards": []}, {"StreamARN": arn})
        read_hash_key_ranges(client, arn)


def test_who_may_not_ask_may_still_put_back() -> None:
    """Rights to write only leave the defaults."""
    client = kinesis()
    with Stubber(client) as stub:
        stub.add_client_error("list_shards", service_error_code="AccessDeniedException")
        assert read_hash_key_ranges(client, "papers").hash_key("k", "s") is None
