from hypothesis import given
from hypothesis import strategies as st

from producers.parcels import Aggregation, Item, Packer, Parcel
from producers.shard_map import hash_of
from smartcat.wire_format.compression import compress, is_gzip
from smartcat.wire_format.zstd_aggregate import unpack_zstd_aggregate
from support.scripted_kinesis import user_records

RECORD_BYTES = 2000


def item(ordinal: int, key: str, data: bytes, *, exact: bool = False, is_claim: bool = False) -> Item:
    """Make an item as the producer does."""
    return Item(ordinal, key, data, hash_of(key), 0.0, exact=exact, is_claim=is_claim)


def packed(
    items: list[Item],
    plan: Aggregation | None,
    *,
    placed: bool = True,
    record_bytes: int = RECORD_BYTES,
) -> list[Parcel]:
    """Pack all, and close what is open."""
    packer = Packer(plan, placed=placed)
    parcels = [parcel for each in items for parcel in packer.add(each, record_bytes)]
    return parcels + packer.close(put_before=1.0, ordinal_below=0)


KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256)
PUTS = st.lists(
    st.tuples(
        st.sampled_from("abc") | KEYS, st.binary(max_size=200) | st.binary(max_size=1500), st.booleans()
    ),
    max_size=50,
)
PLANS = st.builds(Aggregation, max_bytes=st.just(1024), lanes=st.integers(1, 4), together=st.booleans())


@given(PUTS, PLANS | st.none())
def test_no_record_is_too_large_and_nothing_is_lost_or_reordered(
    puts: list[tuple[str, bytes, bool]], plan: Aggregation | None
) -> None:
    """Aggregates keep their bound, all records the stream's; every key's items are read in their order."""
    fitting = [(k, d, e) for k, d, e in puts if len(d) + len(k.encode()) <= RECORD_BYTES]
    items = [item(n, key, data, exact=exact) for n, (key, data, exact) in enumerate(fitting)]
    parcels = packed(items, plan)
    read: dict[str, list[bytes]] = {}
    for parcel in parcels:
        assert parcel.entry.size <= RECORD_BYTES
        if len(parcel.items) > 1:
            assert parcel.entry.size <= 1024 or (plan is not None and plan.together)
        found = user_records(parcel.entry.partition_key, parcel.entry.data) if parcel.aggregated else []
        assert [key for _, key, _ in found] == [each.partition_key for each in parcel.items if found]
        for each in parcel.items:
            read.setdefault(each.partition_key, []).append(each.data)
    expected: dict[str, list[bytes]] = {}
    for each in items:
        expected.setdefault(each.partition_key, []).append(each.data)
    assert read == expected


@given(PUTS, PLANS)
def test_an_aggregates_size_is_exact(puts: list[tuple[str, bytes, bool]], plan: Aggregation) -> None:
    """What Kinesis counts is data and partition key; the explicit hash key is not counted."""
    for parcel in packed([item(n, key, data) for n, (key, data, _) in enumerate(puts)], plan):
        assert parcel.entry.size == len(parcel.entry.data) + len(parcel.entry.partition_key.encode())
        assert parcel.entry.explicit_hash_key in (None, str(parcel.items[0].hash_key))


def test_an_aggregate_fills_to_the_byte() -> None:
    """Of equal documents as many are in it as its bound allows."""
    parcels = packed(
        [item(n, f"{n:04}", b"x" * 100) for n in range(1000)], Aggregation(lanes=1), record_bytes=2**20
    )
    assert len(parcels) == 3
    assert all(51_200 - 115 < parcel.entry.size <= 51_200 for parcel in parcels[:2])


def test_the_versions_of_a_document_share_a_lane() -> None:
    """Whatever else is packed, an id is always under the same partition key."""
    items = [item(n, f"d{n % 20}", b"x" * 100) for n in range(400)]
    lanes: dict[str, set[str]] = {}
    for parcel in packed(items, Aggregation(max_bytes=1024)):
        for each in parcel.items:
            lanes.setdefault(each.partition_key, set()).add(parcel.entry.partition_key)
    assert all(len(keys) == 1 for keys in lanes.values())
    assert len(set.union(*lanes.values())) > 4


def test_compressed_together_takes_fewer_bytes_and_reads_the_same() -> None:
    """Documents that resemble each other share what they have in common, up to the same size of a record."""
    items = [item(n, f"d{n}", f"Kontoauszug Nr. {n} vom 1. Mai".encode() * 3) for n in range(5000)]
    plan = Aggregation(lanes=1, together=True)
    parcels = packed(items, plan, record_bytes=2**20)
    assert sum(p.entry.size for p in parcels) * 5 < sum(len(each.data) for each in items)
    assert all(parcel.entry.size <= 51_200 for parcel in parcels)
    assert sum(len(unpack_zstd_aggregate(p.entry.data)) for p in parcels) == 5000


def test_without_a_known_shard_each_is_a_record_of_its_own() -> None:
    """And compressed by itself, where it would have been compressed with others."""
    parcels = packed([item(0, "a", b"x" * 1500)], Aggregation(together=True), placed=False)
    assert [(p.aggregated, p.entry.partition_key, is_gzip(p.entry.data)) for p in parcels] == [
        (False, "a", True)
    ]


@given(together=st.booleans(), placed=st.booleans())
def test_a_claim_has_a_record_of_its_own_in_its_lane(*, together: bool, placed: bool) -> None:
    """It goes between the older and the newer versions, and never compressed."""
    plan = Aggregation(max_bytes=1024, lanes=4, together=together)
    claim = b"claim " * 300
    items = [
        item(0, "a", b"first"),
        item(1, "a", claim, is_claim=True),
        item(2, "a", b"last"),
    ]
    parcels = packed(items, plan, placed=placed)
    assert [[each.data for each in parcel.items] for parcel in parcels] == [[b"first"], [claim], [b"last"]]
    if placed:
        assert len({parcel.entry.partition_key for parcel in parcels}) == 1


def test_a_document_is_compressed_once() -> None:
    """A long document of equal pages comes compressed and would shrink again, and readers undo one gzip."""
    page = bytes(range(32, 127)) * 20
    once = compress(page * 300)
    assert len(compress(once)) < len(once) > 1024
    plan = Aggregation(max_bytes=1024, together=True)
    for placed in (True, False):
        (parcel,) = packed([item(0, "a", once)], plan, placed=placed, record_bytes=len(once) + 1)
        assert (parcel.items[0].data, parcel.entry.data) == (once, once)
