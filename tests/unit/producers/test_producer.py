import logging
import threading
from concurrent.futures import CancelledError, Future
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from producers import (
    Backoff,
    ConfigurationError,
    DeliveryError,
    DeliveryReport,
    DocumentTooLargeError,
    Limits,
    Producer,
    ProducerClosedError,
    Receipt,
)
from producers.put_records import RecordSender
from wire_format.document import Document, from_bytes

THROTTLED = "ProvisionedThroughputExceededException"


def producer(client: Any, *, attempts: int = 3, **options: Any) -> Producer:
    """Make a producer that does not really wait."""
    sender = RecordSender(client, "stream", backoff=Backoff(attempts=attempts), sleep=lambda _: None)
    return Producer("stream", sender=sender, **options)


def document(name: str, text: str = "") -> Document:
    """Make a document of one page."""
    return Document(document_id=name, pages=(text,))


def test_documents_arrive_as_they_are_with_their_id_as_key(fake_kinesis: Any) -> None:
    """What is on the stream reads as the document that was put; the future gives shard and number."""
    client = fake_kinesis()
    with producer(client) as out:
        future = out.put(document("d", "Größe"))
    key, data = client.accepted[0]
    assert (key, from_bytes(data)) == ("d", document("d", "Größe"))
    assert future.result() == Receipt("d", "shardId-000000000000", "1")


def test_nothing_is_sent_before_it_must_be(fake_kinesis: Any) -> None:
    """Records wait for a full request; the 500th sends it, and flush sends the rest."""
    client = fake_kinesis()
    with producer(client) as out:
        for i in range(499):
            out.put_raw(b"", str(i))
        assert client.requests == []
        out.put_raw(b"", "499")
        assert [len(keys) for keys in client.requests] == [500]
        out.put_raw(b"", "500")
        out.flush()
    assert [len(keys) for keys in client.requests] == [500, 1]


def test_request_bytes_make_a_request(fake_kinesis: Any) -> None:
    """A record that would exceed the request's bytes starts the next one."""
    client = fake_kinesis()
    with producer(client, limits=Limits(request_bytes=10, record_bytes=10)) as out:
        for key in "abc":
            out.put_raw(b"1234", key)
    assert client.requests == [["a", "b"], ["c"]]


def test_repeated_id_sends_first(fake_kinesis: Any) -> None:
    """Two versions of a document are never in one request."""
    client = fake_kinesis()
    with producer(client) as out:
        for key in "abab":
            out.put_raw(b"", key)
    assert client.requests == [["a", "b"], ["a", "b"]]


def test_report_counts_everything(fake_kinesis: Any) -> None:
    """Accepted records and bytes, failures with code, retries and requests; flush and close agree."""
    client = fake_kinesis([{0: "NeverHeardOf", 1: THROTTLED}])
    with producer(client) as out:
        for key in "abc":
            out.put_raw(b"1234", key)
        assert out.report == DeliveryReport()
        expected = DeliveryReport(2, (("a", "NeverHeardOf"),), 1, 2, 10)
        assert out.flush() == out.close() == out.report == expected


def test_failure_is_in_the_future_and_does_not_stop_the_others(fake_kinesis: Any) -> None:
    """One failed document raises its error code from its own future, and only there."""
    with producer(fake_kinesis([{0: "NeverHeardOf"}])) as out:
        bad, good = out.put(document("bad")), out.put(document("good"))
    with pytest.raises(DeliveryError, match="'bad' was not delivered: NeverHeardOf"):
        bad.result()
    assert isinstance(bad.exception(), DeliveryError)
    assert good.exception() is None


def test_asking_a_future_sends_what_it_waits_for(fake_kinesis: Any) -> None:
    """Asking for a result never waits for a flush that nobody makes."""
    with producer(fake_kinesis()) as out:
        assert out.put(document("d")).result(timeout=1).sequence_number == "1"
        assert out.put(document("e")).exception(timeout=1) is None


def test_futures_cannot_be_cancelled(fake_kinesis: Any) -> None:
    """A document that was accepted cannot be taken back by cancelling, and resolving it still works."""
    with producer(fake_kinesis()) as out:
        future = out.put(document("d"))
        assert not future.cancel()
    try:
        assert future.result()
    except CancelledError:
        pytest.fail("a future of the producer was cancelled")


def test_too_large_document_is_refused_at_once_and_alone(fake_kinesis: Any) -> None:
    """The error names the document and both sizes; the documents around it are delivered."""
    client = fake_kinesis()
    limits = Limits(record_bytes=100)
    with producer(client, limits=limits) as out:
        out.put(document("a"))
        with pytest.raises(
            DocumentTooLargeError, match=r"^document 'big' takes 2\d\d bytes .* may have 100$"
        ):
            out.put(document("big", "x" * 200))
        out.put(document("b"))
    assert client.requests == [["a", "b"]]


def leave_by(error: BaseException, out: Producer) -> Future[Receipt]:
    """Put a document, leave the context by an error, and give the future."""
    future = out.put(document("d"))

    def work() -> None:
        with out:
            raise error

    with pytest.raises(type(error)):
        work()
    return future


def test_error_in_the_context_still_delivers(fake_kinesis: Any) -> None:
    """Leaving with an exception sends what was put, and the exception goes on."""
    future = leave_by(ZeroDivisionError(), producer(fake_kinesis()))
    assert future.result(timeout=0).sequence_number == "1"


def test_interrupt_in_the_context_fails_what_was_not_sent(fake_kinesis: Any) -> None:
    """Leaving by Ctrl-C sends nothing more; what waited fails with a clear reason and is counted."""
    client = fake_kinesis()
    out = producer(client)
    future = leave_by(KeyboardInterrupt(), out)
    assert client.requests == []
    with pytest.raises(DeliveryError, match="Interrupted: sending was broken off before its turn"):
        future.result(timeout=0)
    assert out.report.failed == (("d", "Interrupted"),)


def test_interrupt_while_sending_resolves_every_future(fake_kinesis: Any) -> None:
    """Ctrl-C inside a request: its documents may have been accepted, and their futures say so."""
    out = producer(fake_kinesis([[KeyboardInterrupt()]]))
    futures = [out.put(document(key)) for key in "ab"]
    with pytest.raises(KeyboardInterrupt):
        out.close()
    for future in futures:
        with pytest.raises(DeliveryError, match="it may have been accepted"):
            future.result(timeout=0)
    assert out.report.failed == (("a", "Interrupted"), ("b", "Interrupted"))


def test_interrupt_while_put_sends_is_counted(fake_kinesis: Any) -> None:
    """Where a put makes a request and is stopped, the documents of the request are accounted for."""
    out = producer(fake_kinesis([KeyboardInterrupt()]), limits=Limits(request_records=2))
    out.put(document("a"))
    with pytest.raises(KeyboardInterrupt):
        out.put(document("b"))
    assert out.report.failed == (("a", "Interrupted"), ("b", "Interrupted"))


def test_unforeseen_error_of_the_client_resolves_futures_and_is_raised(fake_kinesis: Any) -> None:
    """A bug below us is not hidden, and leaves no future hanging."""
    out = producer(fake_kinesis([TypeError("bug")]))
    future = out.put(document("d"))
    with pytest.raises(TypeError, match="bug"):
        out.flush()
    assert future.done()


def test_closed_producer_takes_no_more(fake_kinesis: Any) -> None:
    """After close a put is an error; closing and flushing again only report."""
    out = producer(fake_kinesis())
    out.put(document("d"))
    assert out.close() == out.close() == out.flush()
    with pytest.raises(ProducerClosedError, match="closed"):
        out.put(document("e"))


def test_failures_are_logged_on_leaving_without_text(
    fake_kinesis: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Who ignores futures and report is still told, in one line without ids or text."""
    with caplog.at_level(logging.WARNING), producer(fake_kinesis([{0: "NeverHeardOf"}])) as out:
        out.put(document("d", "secret"))
        out.put(document("e"))
    assert caplog.messages == [
        "1 of 2 documents were not delivered to stream stream; the first error code was NeverHeardOf"
    ]


def test_callback_may_put_the_next_document(fake_kinesis: Any) -> None:
    """A callback of a future can use the producer, and what it puts is delivered too."""
    client = fake_kinesis()
    with producer(client, limits=Limits(request_records=1)) as out:
        out.put(document("a")).add_done_callback(lambda _: out.put(document("b")))
    assert client.requests == [["a"], ["b"]]


def test_flush_delivers_what_callbacks_put(fake_kinesis: Any) -> None:
    """Flush returns with nothing waiting, also where callbacks put more meanwhile."""
    client = fake_kinesis()
    out = producer(client)
    out.put(document("a")).add_done_callback(lambda _: out.put(document("b")))
    assert out.flush().accepted == 2


def test_threads_share_a_producer(fake_kinesis: Any) -> None:
    """Documents put from several threads are all delivered once, in order within each id."""
    client = fake_kinesis()
    with producer(client, limits=Limits(request_records=7)) as out:

        def work(name: str) -> None:
            for version in range(50):
                out.put_raw(str(version).encode(), name)

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name in "abcd":
        assert [int(data) for key, data in client.accepted if key == name] == list(range(50))


def test_stream_needs_a_name() -> None:
    """An empty stream name is refused before anything is sent."""
    with pytest.raises(ConfigurationError, match="stream name"):
        Producer("")


FAILURES = st.sampled_from([THROTTLED, "InternalFailure", "NeverHeardOf"])
STEPS = (
    st.dictionaries(st.integers(0, 4), FAILURES)
    | st.just(ReadTimeoutError(endpoint_url="x"))
    | st.just([ReadTimeoutError(endpoint_url="x")])
    | st.just({"answer": {}})
)
PUTS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 30)), max_size=40)


def check_future(future: Future[Receipt], key: str, data: bytes, accepted: list[tuple[str, bytes]]) -> None:
    """A receipt names the very record on the stream; a failure is a DeliveryError of this key."""
    error = future.exception(timeout=0)
    if error is None:
        assert accepted[int(future.result().sequence_number) - 1] == (key, data)
    else:
        assert isinstance(error, DeliveryError)
        assert error.partition_key == key


@given(PUTS, st.lists(STEPS, max_size=30))
def test_nothing_lost_and_order_kept_whatever_fails(
    fake_kinesis: Any, puts: list[tuple[str, int]], script: list[Any]
) -> None:
    """Every document has a true receipt or an error, the sums agree, and no id's order is reversed."""
    client = fake_kinesis(script)
    limits = Limits(request_records=5, request_bytes=100, record_bytes=50)
    records = [(key, f"{version:04}".encode() + b"." * size) for version, (key, size) in enumerate(puts)]
    with producer(client, limits=limits) as out:
        futures = [out.put_raw(data, key) for key, data in records]
    for future, (key, data) in zip(futures, records, strict=True):
        check_future(future, key, data, client.accepted)
    report = out.report
    assert report.accepted + len(report.failed) == len(puts)
    assert report.requests == len(client.requests)
    for key in "abcdef":
        versions = [int(data[:4]) for found, data in client.accepted if found == key]
        assert versions == sorted(versions)
