from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import backends
from moto.core.config import default_user_config
from moto.core.serialize import JSONSerializer, XFormedAttributePicker
from moto.core.utils import get_service_model
from moto.kinesis.models import Shard, Stream

from smartcat.local_aws.moto_patches import patched_moto
from smartcat.local_aws.moto_setup import prepared_moto

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stream() -> Iterator[Stream]:
    """A stream of one shard, patched."""
    with patched_moto():
        yield Stream("pages", 1, None, None, "123456789012", "eu-central-1")


def test_sequence_numbers_count_on(stream: Stream) -> None:
    """Records of a shard are numbered 1, 2, 3."""
    placed = [stream.put_record("a", "0", "eA==") for _ in range(3)]
    assert placed == [(str(number), "shardId-000000000000") for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("after", "limit", "expected"),
    [
        ("0", None, [1, 2, 3, 4, 5]),
        ("2", None, [3, 4, 5]),
        ("1", 2, [2, 3]),
        ("5", 10, []),
        ("9", None, []),
    ],
)
def test_a_read_starts_after_a_number_and_keeps_the_limit(
    stream: Stream, after: str, limit: int | None, expected: list[int]
) -> None:
    """The records, the number to go on from, and how far behind the newest it is."""
    for _ in range(5):
        stream.put_record("a", "0", "eA==")
    shard = stream.shards["shardId-000000000000"]
    shard.records[5].created_at = shard.records[3].created_at + 2
    records, last, behind = shard.get_records(after, limit)
    assert [record.sequence_number for record in records] == expected
    assert last == (expected[-1] if expected else int(after))
    assert behind == (2000 if expected and expected[-1] == 3 else 0)


class Unwalked(OrderedDict[int, Any]):
    """A shard's records that object to Python code going through every one of them, as moto's does."""

    def keys(self) -> Any:
        raise AssertionError("walked over all records")

    items = keys


def test_records_are_numbered_and_read_without_a_walk_over_all(stream: Stream) -> None:
    """Neither putting nor reading gets slower in Python with each record that is there already."""
    shard = stream.shards["shardId-000000000000"]
    shard.records = Unwalked()
    for _ in range(3):
        stream.put_record("a", "0", "eA==")
    assert [record.sequence_number for record in shard.get_records("1", 10)[0]] == [2, 3]


def test_after_a_split_parents_keep_and_children_receive(stream: Stream) -> None:
    """The old records stay where they are, new ones go to the child whose range holds them."""
    stream.put_record("a", "0", "eA==")
    stream.split_shard("shardId-000000000000", str(2**127))
    assert stream.put_record("a", str(2**128 - 1), "eA==") == ("2", "shardId-000000000002")
    assert [len(shard.records) for shard in stream.shards.values()] == [1, 0, 1]


def test_after_a_merge_no_record_is_in_two_shards(stream: Stream) -> None:
    """The child of a merge begins empty."""
    stream.split_shard("shardId-000000000000", str(2**127))
    for hash_value in (0, 2**127):
        stream.put_record("a", str(hash_value), "eA==")
    stream.merge_shards("shardId-000000000001", "shardId-000000000002")
    stream.put_record("a", "5", "eA==")
    assert [len(shard.records) for shard in stream.shards.values()] == [0, 1, 1, 1]


def test_sequence_numbers_of_a_key_grow_across_splits_and_merges(stream: Stream) -> None:
    """A later record of a key has a higher number, whichever shard it is in; reads go on after any number."""
    put = [stream.put_record("a", "0", "eA==") for _ in range(2)]
    stream.split_shard("shardId-000000000000", str(2**127))
    put += [stream.put_record("a", "0", "eA=="), stream.put_record("a", "0", "eA==")]
    stream.merge_shards("shardId-000000000001", "shardId-000000000002")
    put.append(stream.put_record("a", "0", "eA=="))
    assert [int(number) for number, _ in put] == [1, 2, 3, 4, 5]
    child = stream.shards["shardId-000000000001"]
    for after, expected in (("0", [3, 4]), ("2", [3, 4]), ("3", [4]), ("4", [])):
        assert [record.sequence_number for record in child.get_records(after, None)[0]] == expected
    assert stream.shards["shardId-000000000002"].get_max_sequence_number() == 2


def test_a_reshard_that_is_rejected_loses_nothing(stream: Stream) -> None:
    """A split at an impossible hash fails and leaves the shard's records in place."""
    stream.put_record("a", "0", "eA==")
    with pytest.raises(Exception, match="NewStartingHashKey"):
        stream.split_shard("shardId-000000000000", "0")
    assert len(stream.shards["shardId-000000000000"].records) == 1


def test_moto_is_put_back_as_it_was() -> None:
    """Repairs and settings end with the block, whether it ends well or not."""
    before = (Stream.put_record, Stream.get_shard_for_key, Stream.split_shard, Shard.get_records)
    settings = {name: dict(default_user_config[name]) for name in ("lambda", "batch")}  # type: ignore[literal-required]

    def fail() -> None:
        with prepared_moto():
            assert default_user_config["lambda"] == {"use_docker": False}
            assert Shard.get_records is not before[3]
            raise RuntimeError("over")

    with pytest.raises(RuntimeError, match="over"):
        fail()
    assert (Stream.put_record, Stream.get_shard_for_key, Stream.split_shard, Shard.get_records) == before
    assert {name: default_user_config[name] for name in ("lambda", "batch")} == settings  # type: ignore[literal-required]


SCAN = get_service_model("dynamodb").operation_model("Scan")
TEXTS = st.text(max_size=5)
SCALARS = (
    st.builds(lambda text: {"S": text}, TEXTS)
    | st.builds(lambda number: {"N": str(number)}, st.integers())
    | st.builds(lambda data: {"B": data}, st.binary(max_size=5))
    | st.builds(lambda flag: {"BOOL": flag}, st.booleans())
    | st.just({"NULL": True})
    | st.builds(lambda texts: {"SS": texts}, st.lists(TEXTS, max_size=2))
    | st.builds(lambda numbers: {"NS": list(map(str, numbers))}, st.lists(st.integers(), max_size=2))
    | st.builds(lambda data: {"BS": data}, st.lists(st.binary(max_size=5), max_size=2))
    | st.sampled_from([{}, {"S": None}, {"UNKNOWN": "x"}, {"S": "a", "N": "1"}])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.builds(lambda values: {"L": values}, st.lists(inner, max_size=3))
        | st.builds(lambda values: {"M": values}, st.dictionaries(TEXTS, inner, max_size=3))
    ),
    max_leaves=6,
)


def serialized(items: list[dict[str, Any]]) -> Any:
    """Return the body of a Scan response."""
    serializer = JSONSerializer(operation_model=SCAN, value_picker=XFormedAttributePicker())
    return serializer.serialize({"Items": items, "Count": len(items)})["body"]


@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=2))
def test_items_are_serialized_as_without_the_patch(items: list[dict[str, Any]]) -> None:
    """Every type of attribute value, nested, and what is not an attribute value."""
    before = serialized(items)
    with patched_moto():
        assert serialized(items) == before


def test_services_are_listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is moto's own, and no request looks into its folder again."""
    expected = list(backends.list_of_moto_modules())
    with patched_moto():
        assert list(backends.list_of_moto_modules()) == expected
        monkeypatch.setattr("os.listdir", lambda _: pytest.fail("moto's folder was listed again"))
        assert list(backends.list_of_moto_modules()) == expected
