from hypothesis import given
from hypothesis import strategies as st

from producers.core.record_packing import LANES, Aggregation, Item, KinesisRecord, Packer, lane_key
from producers.core.shards import hash_key_of
from smartcat.wire_format.compression import compress, is_gzip
from smartcat.wire_format.zstd_aggregate import unpack_zstd_aggregate
from support.scripted_kinesis import md5, user_records

RECORD_BYTES = 2000


def item(ordinal: int, key: str, data: bytes, *, raw: bool = False, is_claim: bool = False) -> Item:
    """Make an item as the producer does."""
    return Item(ordinal, key, data, hash_key_of(key), 0.0, raw=raw, is_claim=is_claim)


def packed(
    items: list[Item],
    aggregation: Aggregation | None,
    *,
    shard_known: bool = True,
    record_bytes: int = RECORD_BYTES,
) -> list[KinesisRecord]:
    """Pack all, and close what is open."""
    packer = Packer(aggregation, shard_known=shard_known)
    records = [record for each in items for record in packer.add(each, record_bytes)]
    return records + packer.close(put_before=1.0, ordinal_below=0)


KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256)
PUTS = st.lists(
    st.tuples(
        st.sampled_from("abc") | KEYS, st.binary(max_size=200) | st.binary(max_size=1500), st.booleans()
    ),
    max_size=50,
)
AGGREGATIONS = st.builds(Aggregation, max_bytes=st.just(1024), together=st.booleans())


@given(PUTS, AGGREGATIONS | st.none())
def test_no_record_is_too_large_and_nothing_is_lost_or_reordered(
    puts: list[tuple[str, bytes, bool]], aggregation: Aggregation | None
) -> None:
    """Aggregates keep their bound, all records the stream's; every key's items are read in their order."""
    fitting = [(k, d, e) for k, d, e in puts if len(d) + len(k.encode()) <= RECORD_BYTES]
    items = [item(n, key, data, raw=raw) for n, (key, data, raw) in enumerate(fitting)]
    records = packed(items, aggregation)
    read: dict[str, list[bytes]] = {}
    for record in records:
        assert record.entry.size <= RECORD_BYTES
        if len(record.items) > 1:
            assert record.entry.size <= 1024 or (aggregation is not None and aggregation.together)
        found = user_records(record.entry.partition_key, record.entry.data) if record.aggregated else []
        assert [key for _, key, _ in found] == [each.partition_key for each in record.items if found]
        for each in record.items:
            read.setdefault(each.partition_key, []).append(each.data)
    expected: dict[str, list[bytes]] = {}
    for each in items:
        expected.setdefault(each.partition_key, []).append(each.data)
    assert read == expected


@given(PUTS, AGGREGATIONS)
def test_an_aggregates_size_is_exact(puts: list[tuple[str, bytes, bool]], aggregation: Aggregation) -> None:
    """What Kinesis counts is data and partition key; the explicit hash key is not counted."""
    for record in packed([item(n, key, data) for n, (key, data, _) in enumerate(puts)], aggregation):
        assert record.entry.size == len(record.entry.data) + len(record.entry.partition_key.encode())
        assert record.entry.explicit_hash_key in (None, str(record.items[0].hash_key))


def ids_of_a_lane(count: int) -> list[str]:
    """Ids of the same length whose documents share a lane."""
    names = (f"{number:06}" for number in range(count * 20))
    return [name for name in names if md5(name) % LANES == 3][:count]


def test_an_aggregate_fills_to_the_byte() -> None:
    """Of equal documents as many are in it as its bound allows."""
    records = packed(
        [item(n, key, b"x" * 100) for n, key in enumerate(ids_of_a_lane(1000))],
        Aggregation(),
        record_bytes=2**20,
    )
    assert len(records) == 3
    assert all(51_200 - 117 < record.entry.size <= 51_200 for record in records[:2])


@given(
    st.lists(st.tuples(KEYS, st.binary(max_size=1990), st.booleans()), max_size=30),
    AGGREGATIONS | st.none(),
    st.booleans(),
    st.integers(300, RECORD_BYTES),
)
def test_the_partition_key_of_a_document_depends_on_its_id_alone(
    puts: list[tuple[str, bytes, bool]],
    aggregation: Aggregation | None,
    shard_known: bool,  # noqa: FBT001 - hypothesis gives it
    record_bytes: int,
) -> None:
    """However it is packed, up to the last byte a record may have: Lambda keeps order by key alone."""
    room = record_bytes - len("lane-0")
    items = [item(n, key, data[:room], is_claim=claim) for n, (key, data, claim) in enumerate(puts)]
    for record in packed(items, aggregation, shard_known=shard_known, record_bytes=record_bytes):
        for each in record.items:
            assert record.entry.partition_key == f"lane-{md5(each.partition_key) % 8}"
        assert record.entry.explicit_hash_key == str(md5(record.items[0].partition_key))
        assert record.entry.size <= record_bytes


def test_documents_are_spread_over_all_lanes() -> None:
    """On each of four shards: the highest bits of a hash key select the shard, the lowest the lane."""
    keys = [f"scan-{number}" for number in range(1000)]
    assert len({(md5(key) >> 126, lane_key(md5(key))) for key in keys}) == 4 * LANES


def test_compressed_together_takes_fewer_bytes_and_reads_the_same() -> None:
    """Documents that resemble each other share what they have in common, up to the same size of a record."""
    items = [
        item(n, key, f"Kontoauszug Nr. {n} vom 1. Mai".encode() * 3)
        for n, key in enumerate(ids_of_a_lane(5000))
    ]
    aggregation = Aggregation(together=True)
    records = packed(items, aggregation, record_bytes=2**20)
    assert sum(p.entry.size for p in records) * 5 < sum(len(each.data) for each in items)
    assert all(record.entry.size <= 51_200 for record in records)
    assert sum(len(unpack_zstd_aggregate(p.entry.data)) for p in records) == 5000


def test_without_a_known_shard_each_is_an_aggregate_of_its_own() -> None:
    """And compressed by itself, where it would have been compressed with others."""
    items = [item(number, "a", b"x" * 1500) for number in range(2)]
    records = packed(items, Aggregation(together=True), shard_known=False)
    assert [(p.aggregated, len(p.items), is_gzip(p.items[0].data)) for p in records] == [(True, 1, True)] * 2


@given(together=st.booleans(), shard_known=st.booleans())
def test_a_claim_has_a_record_of_its_own_in_its_lane(*, together: bool, shard_known: bool) -> None:
    """It goes between the older and the newer versions, and never compressed."""
    aggregation = Aggregation(max_bytes=1024, together=together)
    claim = b"claim " * 300
    items = [
        item(0, "a", b"first"),
        item(1, "a", claim, is_claim=True),
        item(2, "a", b"last"),
    ]
    records = packed(items, aggregation, shard_known=shard_known)
    assert [[each.data for each in record.items] for record in records] == [[b"first"], [claim], [b"last"]]
    assert len({record.entry.partition_key for record in records}) == 1


def test_a_document_is_compressed_once() -> None:
    """A long document of equal pages comes compressed and would shrink again, and readers undo one gzip."""
    page = bytes(range(32, 127)) * 20
    once = compress(page * 300)
    assert len(compress(once)) < len(once) > 1024
    aggregation = Aggregation(max_bytes=1024, together=True)
    for shard_known in (True, False):
        (record,) = packed(
            [item(0, "a", once)], aggregation, shard_known=shard_known, record_bytes=len(once) + 1
        )
        assert (record.items[0].data, record.entry.data) == (once, once)
