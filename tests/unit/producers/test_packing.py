from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.errors import ConfigurationError, DocumentTooLargeError
from producers.packing import Batch, Entry, Limits, checked

KEYS = st.sampled_from(["a", "b", "c", "ä", "😀"]) | st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10
)
ENTRIES = st.lists(st.builds(Entry, KEYS, st.binary(max_size=60)), max_size=40)
SMALL = Limits(request_records=5, request_bytes=200, record_bytes=100)


def packed(entries: Iterable[Entry], limits: Limits = SMALL) -> list[Batch]:
    """Fill batch after batch, each until an entry does not fit."""
    made = [Batch(limits)]
    for entry in entries:
        if not made[-1].fits(entry):
            made.append(Batch(limits))
        made[-1].add(entry)
    return made


@given(ENTRIES)
def test_nothing_lost_and_order_kept(entries: list[Entry]) -> None:
    """The batches hold every entry once, in the order given."""
    assert [entry for batch in packed(entries) for entry in batch] == entries


@given(ENTRIES)
def test_no_limit_is_ever_exceeded(entries: list[Entry]) -> None:
    """Every batch keeps within records and bytes, and counts its bytes right."""
    for batch in packed(entries):
        held = list(batch)
        assert len(held) == len(batch) <= 5
        assert batch.size == sum(len(e.data) + len(e.partition_key.encode()) for e in held) <= 200


@given(ENTRIES)
def test_a_key_occurs_once_in_a_batch(entries: list[Entry]) -> None:
    """Two records of one key are never in one request, whatever else is."""
    for batch in packed(entries):
        keys = [entry.partition_key for entry in batch]
        assert len(set(keys)) == len(keys)


def test_size_counts_the_key_in_bytes() -> None:
    """Kinesis counts the partition key in UTF-8: three data bytes and a two-byte letter are five."""
    assert Entry("ä", b"abc").size == 5


def test_record_limit_is_exact() -> None:
    """A record of exactly the limit passes, one byte more is refused with both sizes named."""
    limits = Limits(record_bytes=10)
    assert checked(Entry("k", b"x" * 9), limits).size == 10
    with pytest.raises(DocumentTooLargeError, match=r"'k' takes 11 bytes .* may have 10"):
        checked(Entry("k", b"x" * 10), limits)


def test_request_limits_are_exact() -> None:
    """A batch takes exactly its bytes and exactly its records, and is full then."""
    batch = Batch(Limits(request_records=2, request_bytes=10, record_bytes=10))
    batch.add(Entry("a", b"1234"))
    assert batch.fits(Entry("b", b"1234"))
    assert not batch.fits(Entry("b", b"12345"))
    assert not batch.full
    batch.add(Entry("b", b"1234"))
    assert batch.full
    with pytest.raises(ValueError, match="does not fit"):
        batch.add(Entry("c", b""))


def test_500_records_make_a_request() -> None:
    """With default limits, 1,001 small records are 500, 500 and 1."""
    made = packed((Entry(str(i), b"") for i in range(1001)), Limits())
    assert [len(batch) for batch in made] == [500, 500, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"request_records": 0},
        {"request_records": 501},
        {"request_bytes": 0},
        {"request_bytes": 10 * 1024 * 1024 + 1},
        {"record_bytes": 0},
        {"record_bytes": 6 * 1024 * 1024},
    ],
)
def test_limits_kinesis_would_not_honour_are_refused(wrong: dict[str, int]) -> None:
    """A limit outside what Kinesis takes is an error that names the range."""
    with pytest.raises(ConfigurationError, match=r"expected 1 to .* found"):
        Limits(**wrong)


@pytest.mark.parametrize("key", ["", "k" * 257])
def test_partition_keys_have_1_to_256_characters(key: str) -> None:
    """A key Kinesis would refuse, and with it the whole request, never gets into one."""
    with pytest.raises(ConfigurationError, match="1 to 256 characters"):
        Entry(key, b"")


def test_repr_shows_no_data() -> None:
    """An entry in a log line does not show the page text."""
    assert "secret" not in repr(Entry("k", b"secret"))
