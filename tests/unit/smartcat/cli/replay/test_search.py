from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from producers.core.outcomes import Receipt
from smartcat.cli.replay.buckets import StoredObject
from smartcat.cli.replay.quarantine import NO_BYTES
from smartcat.cli.replay.record_filter import RecordFilter
from smartcat.cli.replay.search import OTHER_STREAM, TOO_LARGE, UNREADABLE, Search
from smartcat.cli.replay.shards import ReplayCutoff
from smartcat.cli.replay.statistics import NAMED, Statistics


def search(
    selection: RecordFilter | None = None, limit: int | None = None, stream: str = "documents"
) -> Search:
    """A search of the stream that the tests' records come from."""
    return Search(stream, selection or RecordFilter(), limit, ReplayCutoff(), Statistics())


def test_records_are_found_with_their_object_and_counted_by_reason(make: Any) -> None:
    """What can go back is given object by object; figures and examples stand in the statistics."""
    looking = search()
    objects = [make.rejected(make.source(number, key=f"d{number}"), b"xyz") for number in range(5)]
    objects.append(make.given_up([make.entry("eA==", 9), make.entry("eA==", 10)]))
    found = list(looking.select(objects))
    assert [(each.stored, len(each.records), each.whole) for each in found] == [
        *((each, 1, True) for each in objects[:5]),
        (objects[5], 2, True),
    ]
    quarantined, given_up = (
        looking.statistics.groups["bad_json"],
        looking.statistics.groups["RetryAttemptsExhausted"],
    )
    assert (quarantined.records, quarantined.bytes, given_up.records, given_up.bytes) == (5, 15, 2, 2)
    assert quarantined.examples[0] == (
        "s3://quarantine/quarantine/2026/01/03/shardId-000000000001/0-whole.json",
        "d0",
    )
    assert (len(quarantined.examples), looking.statistics.records) == (3, 7)


def test_an_object_of_which_something_stays_is_not_whole(make: Any) -> None:
    """Records that are not meant, or cannot go back, keep their object from being deleted."""
    looking = search(RecordFilter(ids=frozenset({"a"})))
    (found,) = looking.select([make.given_up([make.entry("eA==", 9, key=key) for key in ("a", "b")])])
    assert ([held.partition_key for held in found.records], found.whole) == (["a"], False)
    looking = search()
    (found,) = looking.select([make.given_up([make.entry("eA=="), make.entry("!")])])
    assert (len(found.records), found.whole) == (1, False)
    assert looking.statistics.skipped.total() == 1


def test_a_stream_may_be_given_by_its_arn(make: Any) -> None:
    """What was put aside has the stream's name: one of that name in another account is reached by its ARN."""
    looking = search(stream="arn:aws:kinesis:eu-central-1:000000000000:stream/documents")
    (found,) = looking.select([make.rejected(make.source())])
    assert found.whole
    assert list(looking.select([make.rejected(make.source(stream="elsewhere"))])) == []
    assert looking.statistics.skipped == {OTHER_STREAM: 1}


def test_what_cannot_go_back_is_named_with_why(make: Any) -> None:
    """Foreign objects always, records only where they are meant."""
    looking = search(RecordFilter(reasons=frozenset({"bad_base64", "bad_json"})))
    other = make.rejected(make.source(stream="elsewhere"))
    objects = [
        make.rejected(make.source(), None, reason="bad_base64", text="!"),
        make.rejected(make.source(), b"x", reason="bad_replay_tags"),  # not meant
        other,
        StoredObject(other.bucket, "big", None),
        StoredObject(other.bucket, "alien", b"[]"),
    ]
    assert list(looking.select(objects)) == []
    assert looking.statistics.skipped == {NO_BYTES: 1, OTHER_STREAM: 1, TOO_LARGE: 1, UNREADABLE: 1}
    assert looking.statistics.named[-1][0] == "s3://quarantine/alien"
    assert "expected" in looking.statistics.named[-1][1]


def test_only_the_first_are_named(make: Any) -> None:
    """A million foreign objects are one count and a few names."""
    looking = search()
    bucket = make.rejected(make.source()).bucket
    list(looking.select(StoredObject(bucket, str(number), b"") for number in range(100)))
    assert (looking.statistics.skipped[UNREADABLE], len(looking.statistics.named)) == (100, NAMED)


def test_the_limit_ends_the_search_after_a_whole_object(make: Any) -> None:
    """An object is never cut by the limit, or its rest would stay for ever; nothing more is read after it."""
    read = []

    def objects() -> Any:
        for number in range(10):
            read.append(number)
            yield make.given_up([make.entry("eA==", 9), make.entry("eA==", 10)])

    looking = search(limit=3)
    assert len(list(looking.select(objects()))) == 2
    assert (looking.statistics.records, read) == (4, [0, 1, 2])


def test_what_the_replay_itself_brought_is_passed_over(make: Any) -> None:
    """Poison that is quarantined again while the listing goes on is left for the next replay."""
    looking = search()
    looking.cutoff.note(Receipt("k", "shardId-000000000001", "50"))
    objects = [make.rejected(make.source(50, sub=0), origin=make.source(7)), make.rejected(make.source(49))]
    assert [found.records[0].original.sequence_number for found in looking.select(objects)] == ["49"]
    assert (looking.statistics.newer, looking.statistics.records) == (1, 1)


@given(st.lists(st.tuples(st.sampled_from(["bad_json", "too_large"]), st.sampled_from("abc")), max_size=20))
def test_selections_that_divide_all_records_find_each_once(make: Any, drawn: list[tuple[str, str]]) -> None:
    """What one reason does not take another one does."""
    objects = [make.rejected(make.source(n, key=key), reason=reason) for n, (reason, key) in enumerate(drawn)]
    found = [
        held.original.sequence_number
        for reason in ("bad_json", "too_large")
        for each in search(RecordFilter(reasons=frozenset({reason}))).select(objects)
        for held in each.records
    ]
    assert sorted(found) == sorted(str(number) for number in range(len(drawn)))
