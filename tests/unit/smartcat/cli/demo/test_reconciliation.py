from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.demo.reconciliation import RecordIdentity, reconcile


def record(number: int) -> RecordIdentity:
    """Name a record of one shard."""
    return RecordIdentity("shard-0", str(number))


def test_closes_when_every_record_is_stored_or_quarantined() -> None:
    """Accepted = stored + quarantined, and the accuracy counts stored documents only."""
    account = reconcile(
        {record(1): "a", record(2): "b", record(3): None},
        {"a": "x", "b": "y"},
        [record(3)],
        {"a": "x", "b": "x", "never-sent": "x"},
    )
    assert account.balanced
    assert (account.accepted, account.stored, account.quarantined, account.lost) == (3, 2, 1, 0)
    assert account.accuracy == 0.5


def test_a_record_in_neither_place_is_lost() -> None:
    """A document without item and a poison record without object are both counted as lost."""
    account = reconcile({record(1): "a", record(2): None}, {}, [], {})
    assert account.lost == 2
    assert not account.balanced
    assert account.accuracy is None


def test_what_nobody_sent_is_unexpected() -> None:
    """An item, or an object, that no accepted record explains keeps the account open."""
    assert reconcile({record(1): "a"}, {"a": "x", "ghost": "x"}, [], {}).unexpected == 1
    assert reconcile({record(1): "a"}, {"a": "x"}, [record(9)], {}).unexpected == 1


def test_a_second_object_for_one_record_is_unexpected() -> None:
    """Exactly one quarantine object a record: two are one too many."""
    account = reconcile({record(1): None}, {}, [record(1), record(1)], {})
    assert account.unexpected == 1
    assert not account.balanced


def test_a_record_in_both_places_is_unexpected() -> None:
    """A document that is stored and quarantined breaks the promise of exactly one."""
    assert reconcile({record(1): "a"}, {"a": "x"}, [record(1)], {}).unexpected == 1


def test_the_same_sequence_number_in_two_shards_is_two_records() -> None:
    """Sequence numbers are unique within their shard only."""
    first, second = RecordIdentity("shard-0", "7"), RecordIdentity("shard-1", "7")
    account = reconcile({first: "a", second: None}, {"a": "x"}, [second], {})
    assert account.balanced


@given(
    st.dictionaries(st.integers(0, 30), st.one_of(st.none(), st.sampled_from("abcdef"))),
    st.sets(st.sampled_from("abcdefgh")),
    st.lists(st.integers(0, 35)),
)
def test_every_accepted_record_is_somewhere(
    sent: dict[int, str | None], stored: set[str], quarantined: list[int]
) -> None:
    """Stored, quarantined and lost cover the accepted records, counting those in both places once."""
    account = reconcile(
        {record(number): document for number, document in sent.items()},
        dict.fromkeys(stored, "x"),
        map(record, quarantined),
        {},
    )
    assert account.accepted == len(sent)
    assert account.stored + account.quarantined + account.lost >= account.accepted
    if account.balanced:
        assert account.stored + account.quarantined == account.accepted
