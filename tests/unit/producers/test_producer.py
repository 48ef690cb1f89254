import json
import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from producers import (
    Aggregation,
    Backoff,
    Bounds,
    ConfigurationError,
    DeliveryError,
    DeliveryReport,
    DocumentTooLargeError,
    Limits,
    Options,
    Producer,
    ProducerClosedError,
    ProducersError,
    Receipt,
    RecordLimitUnknownError,
)
from producers.core.kinesis_limits import LAMBDA_RECORD_BYTES
from producers.record_limit import RecordLimit
from smartcat.wire_format.document import Document, from_bytes
from support.scripted_kinesis import THROTTLED, ScriptedKinesis, md5, users

LONG = 3600.0


def producer(client: ScriptedKinesis, *, linger: float = LONG, **fields: Any) -> Producer:
    """Make a producer that never waits between attempts, and sends only when it must."""
    options = {name: fields.pop(name) for name in ("bounds", "limits", "aggregation") if name in fields}
    backoff = Backoff(first_seconds=0, longest_seconds=0, attempts=3)
    chosen = Options(linger_seconds=linger, backoff=backoff, **options)
    return Producer("stream", client=client, options=chosen, **fields)  # type: ignore[arg-type]


def document(name: str, text: str = "") -> Document:
    """Make a document of one page."""
    return Document(document_id=name, pages=(text,))


def test_documents_arrive_as_they_are_under_their_id() -> None:
    """The stream holds the document that was put; the receipt has shard, sequence number and index."""
    client = ScriptedKinesis()
    with producer(client) as out:
        future = out.put(document("d", "Größe"))
    (record,) = client.stored
    assert (record.key, from_bytes(record.data)) == ("d", document("d", "Größe"))
    assert future.result() == Receipt("d", "shardId-000000000000", "1", 0)


def test_without_aggregation_receipts_have_no_sub_sequence_number() -> None:
    """Each document is a Kinesis record under its id."""
    client = ScriptedKinesis()
    with producer(client, aggregate=False) as out:
        future = out.put(document("d"))
    assert client.keys() == [["d"]]
    assert future.result().sub_sequence_number is None


def test_a_document_is_sent_after_its_linger_time() -> None:
    """Nobody flushes, closes or asks, and it is delivered."""
    arrived = threading.Event()
    out = producer(ScriptedKinesis(), linger=0.0)
    out.put(document("d")).add_done_callback(lambda _: arrived.set())
    assert arrived.wait(10)
    out.close()


def test_asking_a_future_for_its_result_flushes() -> None:
    """Asking for a result never waits for a flush that nobody makes."""
    with producer(ScriptedKinesis()) as out:
        assert out.put(document("d")).result(timeout=10).sequence_number == "1"
        assert out.put(document("e")).exception(timeout=10) is None


def test_report_counts_everything() -> None:
    """Accepted and failed documents, Kinesis records, retries, throttling, bytes and payload units."""
    client = ScriptedKinesis([{0: "NeverHeardOf", 1: THROTTLED}])
    with producer(client, aggregate=False) as out:
        for key in "abc":
            out.put_raw(b"1234", key)
        assert out.report == DeliveryReport()
        expected = DeliveryReport(
            accepted=2,
            failed=(("a", "NeverHeardOf"),),
            retried_records=1,
            requests=2,
            bytes=10,
            kinesis_records=2,
            throttled_records=1,
            bytes_before=8,
            payload_units=2,
        )
        assert out.flush() == out.close() == out.report == expected


def test_report_tells_bytes_before_and_after_packing() -> None:
    """Before: compact JSON. After: what travels, with its partition key."""
    client = ScriptedKinesis()
    page = "Kontoauszug " * 300
    with producer(client) as out:
        out.put(document("d", page))
    plain = json.dumps({"v": 1, "document_id": "d", "pages": [page]}, separators=(",", ":"))
    ((record,),) = client.requests
    assert out.report.bytes_before == len(plain.encode())
    assert out.report.bytes == len(record["Data"]) + len(record["PartitionKey"])


def test_failure_is_in_the_future_and_does_not_stop_the_others() -> None:
    """One failed record raises its error code from its own future, and only there."""
    with producer(ScriptedKinesis([{0: "NeverHeardOf"}]), aggregate=False) as out:
        bad, good = out.put(document("bad")), out.put(document("good"))
    with pytest.raises(DeliveryError, match="'bad' was not delivered: NeverHeardOf"):
        bad.result()
    assert good.exception() is None


def test_futures_cannot_be_cancelled() -> None:
    """A document that was accepted cannot be taken back, and resolving it still works."""
    with producer(ScriptedKinesis()) as out:
        future = out.put(document("d"))
        assert not future.cancel()
    assert future.result()


# ---------------------------------------------------------------------------------------------- too large
def test_too_large_document_is_refused_at_once_and_alone() -> None:
    """The error names the document and both sizes; the documents around it are delivered."""
    client = ScriptedKinesis()
    with producer(client, limits=Limits(record_bytes=100)) as out:
        out.put(document("a"))
        with pytest.raises(
            DocumentTooLargeError, match=r"^document 'big' takes 2\d\d bytes .* may have 100$"
        ):
            out.put(document("big", "x" * 200))
        out.put(document("b"))
    assert [key for key, _ in client.accepted()] == ["a", "b"]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits for the stream's limit, which take no time."""
    waits: list[float] = []
    known = {"clock": time.monotonic, "sleep": waits.append}
    monkeypatch.setattr(RecordLimit.__init__, "__kwdefaults__", known)
    return waits


def test_the_stream_is_asked_for_its_limit_only_when_it_matters(slept: list[float]) -> None:
    """A record above 1 MiB makes the one question, asked until there is an answer; that then counts."""
    client = ScriptedKinesis(record_kib=2048)
    client.described = [ReadTimeoutError(endpoint_url="x"), None, AssertionError("asked again")]
    with producer(client) as out:
        out.put_raw(b"x" * 100, "small")
        assert len(client.described) == 3
        out.put_raw(b"x" * 1_500_000, "large")
        with pytest.raises(DocumentTooLargeError, match="2097152"):
            out.put_raw(b"x" * 2_500_000, "larger")
    assert [key for key, _ in client.accepted()] == ["small", "large"]
    assert slept == [0.2]


@pytest.mark.parametrize(("code", "questions"), [("ThrottlingException", 6), ("AccessDeniedException", 1)])
def test_where_the_limit_is_not_known_a_large_document_is_not_too_large(
    client_error: Any, slept: list[float], code: str, questions: int
) -> None:
    """It is not delivered now, with the code of the answer: only the stream's own number refuses it."""
    client = ScriptedKinesis(record_kib=2048)
    client.described = [client_error(code) for _ in range(questions)] + [
        AssertionError("asked at once again")
    ]
    with producer(client) as out:
        futures = [out.put_raw(b"x" * 1_500_000, name) for name in ("large", "another")]
        out.put_raw(b"x", "small")
    assert [type(future.exception(0)) for future in futures] == [RecordLimitUnknownError] * 2
    assert "did not say how large a record may be" in str(futures[0].exception(0))
    assert out.report.failed == (("large", code), ("another", code))
    assert [key for key, _ in client.accepted()] == ["small"]
    assert len(client.described) == 1
    assert len(slept) == questions - 1


def test_where_the_limit_is_not_known_a_claim_is_right(client_error: Any, slept: list[float]) -> None:
    """With a store for claims nothing is waited for, and the document arrives."""
    claims, client = Claims(), ScriptedKinesis()
    client.described = [client_error("ThrottlingException")]
    with producer(client, claims=claims) as out:
        out.put(noise("large", 1_200_000))
    assert (list(claims.kept), [key for key, _ in client.accepted()], slept) == (["large"], ["large"], [])


def noise(name: str, size: int) -> Document:
    """A document that does not compress below so many bytes."""
    return document(name, random.Random(size).randbytes(size).decode("latin-1"))  # noqa: S311 - no secret


@pytest.mark.parametrize("has_claims", [True, False])
def test_what_lambda_can_never_receive_does_not_go_onto_the_stream(*, has_claims: bool) -> None:
    """A stream may take 10 MiB, and an invocation takes 6 MB in base64: claims begin before that."""
    claims, client = Claims(), ScriptedKinesis(record_kib=10_240)
    largest = LAMBDA_RECORD_BYTES - len("key")
    with producer(client, claims=claims if has_claims else None) as out:
        out.put_raw(b"x" * largest, "key")
        with pytest.raises(DocumentTooLargeError, match=str(LAMBDA_RECORD_BYTES)):
            out.put_raw(b"x" * (largest + 1), "key")
        big = noise("big", 4_600_000)
        if has_claims:
            assert out.put(big).exception() is None
        else:
            with pytest.raises(DocumentTooLargeError, match=str(LAMBDA_RECORD_BYTES)):
                out.put(big)
    assert list(claims.kept) == (["big"] if has_claims else [])


def test_the_key_of_a_document_is_the_same_whatever_the_producer_knows() -> None:
    """Packed, compressed, alone, as a claim, with shards or without, at the limit: its id alone decides."""
    shards, forbidden = ScriptedKinesis(shards=3), ScriptedKinesis(shards=3)
    forbidden.listing_steps = [client_error_of("AccessDeniedException")]
    throttled = ScriptedKinesis(shards=3)
    throttled.listing_steps = [ReadTimeoutError(endpoint_url="x")] * 2
    options: list[dict[str, Any]] = [
        {},
        {"aggregate": False},
        {"aggregation": Aggregation(together=True)},
        {"aggregation": Aggregation(max_bytes=1024)},
        {"claims": Claims(), "limits": Limits(record_bytes=400)},
        {"limits": Limits(record_bytes=24_300)},
    ]
    found: dict[str, set[str]] = {}
    for client in (shards, forbidden, throttled):
        for chosen in options:
            with producer(client, linger=0.0, **chosen) as out:
                for number in range(40):
                    with suppress(DocumentTooLargeError):
                        out.put(noise(f"d{number % 20}", number * 600))
    for client in (shards, forbidden, throttled):
        for record in (record for request in client.requests for record in request):
            for user in users(client._id_of(record), record["Data"]):
                found.setdefault(user, set()).add(record["PartitionKey"])
    assert found == {f"d{number}": {f"lane-{md5(f'd{number}') % 8}"} for number in range(20)}


def client_error_of(code: str) -> ClientError:
    """An error answer with this code."""
    return ClientError({"Error": {"Code": code}}, "ListShards")


class Claims:
    """A store that keeps documents in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, int | None]] = {}

    def store(self, document_id: str, payload: bytes, expires_at: int | None) -> bytes:
        self.kept[document_id] = (payload, expires_at)
        return b"claim of " + document_id.encode()


def test_a_document_too_large_for_the_stream_leaves_a_claim() -> None:
    """The store gets its bytes and expiry, the stream the small record; smaller documents never go there."""
    claims, client = Claims(), ScriptedKinesis()
    big = Document(document_id="big", pages=("x" * 500,), expires_at=7)
    with producer(client, limits=Limits(record_bytes=200), claims=claims) as out:
        out.put(document("small"))
        receipt = out.put(big)
    payload, expires_at = claims.kept.pop("big")
    assert (from_bytes(payload), expires_at, claims.kept) == (big, 7, {})
    assert ("big", b"claim of big") in client.accepted()
    assert receipt.result().partition_key == "big"


def test_put_raises_what_the_claim_store_raises() -> None:
    """Its error comes out of put, and nothing of the document is on the stream."""

    class Broken(Claims):
        def store(self, document_id: str, payload: bytes, expires_at: int | None) -> bytes:
            raise ConfigurationError("no such bucket")

    client = ScriptedKinesis()
    with (
        producer(client, limits=Limits(record_bytes=200), claims=Broken()) as out,
        pytest.raises(ConfigurationError, match="no such bucket"),
    ):
        out.put(document("big", "x" * 500))
    assert client.stored == []


def test_a_closed_producer_uploads_nothing() -> None:
    """An object without its claim would stay in the bucket unused."""
    claims = Claims()
    out = producer(ScriptedKinesis(), limits=Limits(record_bytes=200), claims=claims)
    out.close()
    with pytest.raises(ProducerClosedError):
        out.put(document("big", "x" * 500))
    assert claims.kept == {}


# ---------------------------------------------------------------------------------------------- endings
def leave_by(error: BaseException, out: Producer) -> Future[Receipt]:
    """Put a document, leave the context by an error, and give the future."""
    future = out.put(document("d"))

    def work() -> None:
        with out:
            raise error

    with pytest.raises(type(error)):
        work()
    return future


def test_error_in_the_context_still_delivers() -> None:
    """Leaving with an exception sends what was put, and the exception goes on."""
    future = leave_by(ZeroDivisionError(), producer(ScriptedKinesis()))
    assert future.result(timeout=0).sequence_number == "1"


def test_interrupt_in_the_context_fails_what_was_not_sent() -> None:
    """Leaving by Ctrl-C sends nothing more; what waited fails with a clear reason and is counted."""
    client = ScriptedKinesis()
    out = producer(client)
    future = leave_by(KeyboardInterrupt(), out)
    assert client.requests == []
    with pytest.raises(DeliveryError, match=r"'d' .* Interrupted: sending was stopped before its turn"):
        future.result(timeout=0)
    assert out.report.failed == (("d", "Interrupted"),)


class Held(ScriptedKinesis):
    """A Kinesis that answers a request only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let = threading.Event(), threading.Event()

    def put_records(self, **call: Any) -> dict[str, Any]:
        self.begun.set()
        assert self.let.wait(10)
        return super().put_records(**call)


def test_interrupt_waits_for_requests_in_flight() -> None:
    """A request in flight is answered before the end; what waits behind it is never sent."""
    client = Held()
    out = producer(client, linger=0.0)
    sent = out.put(document("sent"))
    assert client.begun.wait(10)
    waiting = out.put(document("waiting"))
    waiting.add_done_callback(lambda _: client.let.set())  # only then may the request be answered
    out.abandon()
    assert sent.result(timeout=0).sequence_number == "1"
    assert isinstance(waiting.exception(timeout=0), DeliveryError)
    assert (out.report.accepted, out.report.failed) == (1, (("waiting", "Interrupted"),))


def test_a_second_interrupt_resolves_every_future(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped while it waits for the last answer: the document's error says that the outcome is unknown."""
    client = Held()
    out = producer(client, linger=0.0)
    future = out.put(document("d"))
    assert client.begun.wait(10)

    def interrupted(timeout: float | None = None) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(out._senders._progress, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        out.abandon()
    with pytest.raises(DeliveryError, match=r"'d' .* before Kinesis answered; it may have been accepted"):
        future.result(timeout=0)
    client.let.set()


def test_closed_producer_takes_no_more() -> None:
    """After close a put is an error; closing and flushing again only report."""
    out = producer(ScriptedKinesis())
    out.put(document("d"))
    assert out.close() == out.close() == out.flush()
    with pytest.raises(ProducerClosedError, match="closed"):
        out.put(document("e"))


def test_a_closed_producer_leaves_no_thread() -> None:
    """What it started has ended when close returns."""
    before = set(threading.enumerate())
    out = producer(ScriptedKinesis())
    out.put(document("d"))
    assert {thread.name for thread in set(threading.enumerate()) - before} == {
        f"smartcat-producer-{n}" for n in range(4)
    }
    out.close()
    assert set(threading.enumerate()) <= before


def test_failures_are_logged_on_leaving_without_text(caplog: pytest.LogCaptureFixture) -> None:
    """Who ignores futures and report is still told, in one line without ids or text."""
    client = ScriptedKinesis([{0: "NeverHeardOf"}])
    with caplog.at_level(logging.WARNING), producer(client, aggregate=False) as out:
        out.put(document("d", "secret"))
        out.put(document("e"))
    assert caplog.messages == [
        "1 of 2 documents were not delivered to stream stream; the first error code was NeverHeardOf"
    ]


def test_a_bug_in_the_producer_leaves_no_future_hanging(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever breaks inside, every document gets its error, and no text is in the log."""
    out = producer(ScriptedKinesis())

    def broken(*_: Any) -> Any:
        raise RuntimeError("secret")

    monkeypatch.setattr(out._senders._scheduler, "handle_response", broken)
    with pytest.raises(DeliveryError, match=r"'d' .* RuntimeError: .* a bug in the producer"):
        out.put(document("d")).result(timeout=10)
    assert "secret" not in caplog.text


def within(seconds: float, work: Callable[[], Any]) -> None:
    """Do it on a thread that may hang, and not hang with it."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it hangs"


@pytest.mark.parametrize("name", ["flush", "abandon", "close"])
def test_callbacks_of_an_abandoned_producer_wait_for_nothing(name: str) -> None:
    """They run on the thread that abandons it, and may use it as they may elsewhere."""
    out = producer(ScriptedKinesis())
    futures = [out.put(document(name)) for name in "ab"]
    for future in futures:
        future.add_done_callback(lambda _: getattr(out, name)())
    within(10, out.abandon)
    assert [type(future.exception(0)) for future in futures] == [DeliveryError] * 2


def test_callbacks_after_a_defect_wait_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever flushes or abandons a producer that broke down, in a callback or not, is not held up."""
    out = producer(ScriptedKinesis())
    monkeypatch.setattr(out._senders._scheduler, "handle_response", None)
    future = out.put(document("d"))
    future.add_done_callback(lambda _: out.flush())
    within(10, out.flush)
    within(10, out.abandon)
    assert out.report.failed == (("d", "TypeError"),)


def test_what_waits_when_the_producer_breaks_down_has_failed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document behind the defect was not sent, says so, and is counted like the one before it."""
    client = Held()
    out = producer(client, linger=0.0)
    monkeypatch.setattr(out._senders._scheduler, "handle_response", None)
    out.put(document("a"))
    assert client.begun.wait(10)
    waiting = out.put(document("b"))
    client.let.set()
    out.flush()
    assert "before its turn" in str(waiting.exception(0))
    assert sorted(out.report.failed) == [("a", "TypeError"), ("b", "Interrupted")]


def test_an_interrupt_in_a_callback_resolves_every_future() -> None:
    """A second Ctrl-C while abandoned documents are told: it is raised, and all have their answer."""

    def interrupt(_: Future[Receipt]) -> None:
        raise KeyboardInterrupt

    out = producer(ScriptedKinesis())
    futures = [out.put(document(str(number))) for number in range(3)]
    for future in futures:
        future.add_done_callback(interrupt)
    with pytest.raises(KeyboardInterrupt):
        out.abandon()
    assert all(future.done() for future in futures)
    within(10, out.abandon)
    assert len(out.report.failed) == 3


def test_a_callback_that_exits_holds_nobody_up(caplog: pytest.LogCaptureFixture) -> None:
    """SystemExit in a callback ends no thread of the producer: the other documents have their answer."""

    def leave(_: Future[Receipt]) -> None:
        raise SystemExit("secret")

    out = producer(ScriptedKinesis(), linger=0.0, bounds=Bounds(requests=1))
    first = out.put(document("a"))
    first.add_done_callback(leave)
    within(10, out.flush)
    out.put(document("b"))
    within(10, out.close)
    assert out.report.accepted == 2
    assert caplog.messages == ["a callback raised SystemExit"]


def test_close_waits_though_a_callback_has_closed() -> None:
    """Closed in a callback while a request is out: whoever closes it then still waits for the answer."""
    client = Held()
    low, high = "a", next(name for name in map(str, range(99)) if md5(name) >> 127 != md5("a") >> 127)
    client.let.set()
    client.shards = ScriptedKinesis(shards=2).shards
    out = producer(client, linger=0.0)
    closed = threading.Event()

    def close(_: Future[Receipt]) -> None:
        client.let.clear()
        client.begun.clear()
        late.append(out.put(document(high)))
        assert client.begun.wait(10)
        out.close()
        closed.set()

    late: list[Future[Receipt]] = []
    out.put(document(low)).add_done_callback(close)
    assert closed.wait(10)
    threading.Timer(0.2, client.let.set).start()
    out.close()
    assert late[0].done()


def test_without_a_thread_nothing_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no thread, put says so, and works when there is one again."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    out = producer(ScriptedKinesis())
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(ProducersError, match="no thread can be started"):
            out.put(document("a"))
        out.flush()
    out.put(document("b"))
    assert out.close().accepted == 1


def test_an_interrupt_while_threads_start_closes_the_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that was not started is not waited for, and no document waits for it."""

    def interrupted(_: threading.Thread) -> None:
        raise KeyboardInterrupt

    out = producer(ScriptedKinesis())
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            out.put(document("a"))
    with pytest.raises(ProducerClosedError):
        out.put(document("b"))
    assert out.close().accepted == 0


def test_an_interrupt_inside_put_leaves_nothing_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while a document is being packed: what was put is answered, and the producer is closed."""
    out = producer(ScriptedKinesis())
    before = out.put(document("before"))

    def interrupted(_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(out._senders._scheduler, "add", interrupted)
        with pytest.raises(KeyboardInterrupt):
            out.put(document("d"))
    assert before.done()
    within(10, out.close)
    with pytest.raises(ProducerClosedError):
        out.put(document("e"))


# ---------------------------------------------------------------------------------------------- threads
def test_put_waits_while_the_producer_is_full() -> None:
    """The second document is taken when the first is answered, and not before."""
    client = Held()
    out = producer(client, linger=0.0, bounds=Bounds(documents=1))
    out.put(document("a"))
    taken = threading.Event()
    putting = threading.Thread(target=lambda: (out.put(document("b")), taken.set()))
    putting.start()
    assert client.begun.wait(10)
    assert not taken.is_set()
    client.let.set()
    assert taken.wait(10)
    putting.join()
    assert out.close().accepted == 2


def test_bytes_bound_the_queue_too() -> None:
    """Three documents of 60 bytes never wait together where 100 bytes may."""
    client = ScriptedKinesis()
    with producer(client, linger=0.0, aggregate=False, bounds=Bounds(bytes=100)) as out:
        for key in "abc":
            out.put_raw(b"x" * 60, key)
    assert client.keys() == [["a"], ["b"], ["c"]]


def test_a_full_producer_does_not_linger() -> None:
    """If everything it may hold lingers, it is sent at once: no batch could grow."""
    with producer(ScriptedKinesis(), linger=LONG, bounds=Bounds(documents=2)) as out:
        for number in range(7):
            out.put(document(str(number)))
    assert out.report.accepted == 7


def test_a_full_producer_of_single_records_does_not_linger_either() -> None:
    """The same where each document is a Kinesis record, which is ready at once and lingers in its queue."""
    out = producer(ScriptedKinesis(), linger=LONG, bounds=Bounds(documents=2), aggregate=False)
    within(10, lambda: [out.put(document(str(number))) for number in range(7)])
    assert out.close().accepted == 7


def test_callback_may_put_the_next_document() -> None:
    """A callback of a future can use the producer, even a full one, and what it puts is delivered too."""
    client = ScriptedKinesis()
    with producer(client, bounds=Bounds(documents=1)) as out:
        out.put(document("a")).add_done_callback(lambda _: out.put(document("b")))
    assert [key for key, _ in client.accepted()] == ["a", "b"]


def test_flush_has_seen_the_callbacks_run() -> None:
    """When flush returns, whoever is told by a callback has been told."""
    told: list[str] = []
    out = producer(ScriptedKinesis())
    for name in "abc":
        out.put(document(name)).add_done_callback(lambda done: told.append(done.result().partition_key))
    out.flush()
    assert sorted(told) == ["a", "b", "c"]
    out.close()


def test_flush_in_a_callback_does_not_wait_for_itself() -> None:
    """It requests the flush and returns."""
    with producer(ScriptedKinesis()) as out:
        out.put(document("a")).add_done_callback(lambda _: out.flush())
        assert out.flush().accepted == 1


def test_threads_share_a_producer() -> None:
    """Documents put from several threads are all delivered once, in order within each id."""
    client = ScriptedKinesis(shards=3)
    with producer(client, linger=0.0) as out:

        def work(name: str) -> None:
            for number in range(200):
                out.put(document(name, str(number)))

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name in "abcd":
        pages = [from_bytes(data).pages[0] for key, data in client.accepted() if key == name]
        assert pages == [str(number) for number in range(200)]


def test_rate_spaces_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten documents at 5 a second: each waits for its slot, a fifth of a second after the one before."""
    waits: list[float] = []
    monkeypatch.setattr("producers.producer.time.monotonic", lambda: 100.0)
    monkeypatch.setattr("producers.producer.time.sleep", waits.append)
    with producer(ScriptedKinesis(), rate=5.0) as out:
        for number in range(10):
            out.put(document(str(number)))
    assert waits == pytest.approx([0.2 * number for number in range(1, 10)])


# ---------------------------------------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("named", "region"),
    [("stream", None), ("arn:aws:kinesis:eu-west-3:123456789012:stream/stream", "eu-west-3")],
)
def test_an_arn_says_the_region(monkeypatch: pytest.MonkeyPatch, named: str, region: str | None) -> None:
    """Whatever region is configured: the stream is in that of its ARN."""
    asked: list[str | None] = []

    def client(*, region: str | None) -> ScriptedKinesis:
        asked.append(region)
        return ScriptedKinesis()

    monkeypatch.setattr("producers.producer.kinesis_client", client)
    Producer(named).close()
    assert asked == [region]


# ---------------------------------------------------------------------------------------------- wrong use
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"stream_name": ""}, "stream name"),
        ({"rate": 0.0}, "rate: expected more than 0"),
        ({"rate": float("nan")}, "rate: expected more than 0"),
    ],
)
def test_senseless_producers_are_refused(fields: dict[str, Any], message: str) -> None:
    """What could never work is said before anything is sent."""
    with pytest.raises(ConfigurationError, match=message):
        Producer(**{"stream_name": "stream", "client": ScriptedKinesis(), **fields})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Options(linger_seconds=-1), None),
        (lambda: Bounds(documents=0), "bounds"),
        (lambda: Bounds(requests=65), "bounds"),
        (lambda: Aggregation(max_bytes=2**20 + 1), "bytes of an aggregate"),
    ],
)
def test_senseless_options_are_refused(make: Any, message: str | None) -> None:
    """Each says its range."""
    with pytest.raises(ConfigurationError, match=message):
        Producer("stream", client=ScriptedKinesis(), options=make())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "hash_key"),
    [
        ("", None),
        ("k" * 257, None),
        ("\ud800", None),
        ("\ud800", "7"),
        ("k", "x"),
        ("k", str(2**128)),
        ("k", "007"),
        ("k", "+7"),
        ("k", " 7"),
        ("k", "1_0"),
        ("k", "\u0667"),
    ],
)
def test_keys_that_kinesis_would_refuse_are_refused(key: str, hash_key: str | None) -> None:
    """One such key would have its whole request refused."""
    with producer(ScriptedKinesis()) as out, pytest.raises(ConfigurationError):
        out.put_raw(b"", key, explicit_hash_key=hash_key)


# ---------------------------------------------------------------------------------------------- property
TIMEOUT = ReadTimeoutError(endpoint_url="x")
STEPS = (
    st.dictionaries(st.integers(0, 4), st.sampled_from([THROTTLED, "InternalFailure", "NeverHeardOf"]))
    | st.just(TIMEOUT)
    | st.just([TIMEOUT])
    | st.just({"answer": {}})
)
PUTS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 30)), max_size=40)


@settings(max_examples=30)
@given(PUTS, st.lists(STEPS, max_size=20), st.booleans())
def test_every_put_is_answered_truly_whatever_fails(
    puts: list[tuple[str, int]],
    script: list[Any],
    aggregate: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """With real threads: each future names the very record on the stream or an error, and the sums agree."""
    client = ScriptedKinesis(script, shards=2)
    limits = Limits(request_records=5, request_bytes=3000, record_bytes=2000)
    documents = [document(key, f"{number}" + "." * size) for number, (key, size) in enumerate(puts)]
    with producer(client, linger=0.0, limits=limits, aggregate=aggregate) as out:
        futures = [out.put(each) for each in documents]
    by_receipt = {(a.shard, a.sequence, a.sub): from_bytes(a.data) for a in client.stored}
    for future, each in zip(futures, documents, strict=True):
        error = future.exception(timeout=0)
        if error is None:
            receipt = future.result()
            key = (receipt.shard_id, receipt.sequence_number, receipt.sub_sequence_number)
            assert by_receipt[key] == each
        else:
            assert isinstance(error, DeliveryError)
    assert out.report.accepted + len(out.report.failed) == len(puts)
    assert out.report.requests == len(client.requests)
