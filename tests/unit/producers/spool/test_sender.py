from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.core.outcomes import Receipt
from producers.errors import (
    ClaimStoreError,
    ConfigurationError,
    DeliveryError,
    DocumentTooLargeError,
    RecordLimitUnknownError,
)
from producers.spool.sender import RetryPolicy, SpoolSender
from producers.spool.spool import Spool
from smartcat.wire_format.document import Document, to_bytes
from support.clock import Clock


class Line:
    """A producer whose connection works or not, by a script; a flush answers what was put."""

    def __init__(self, script: list[set[int] | str]) -> None:
        self.script = script
        self.accepted: list[str] = []
        self._open: list[tuple[Document, Future[Receipt]]] = []
        self.error: Exception | None = None
        self.code = "EndpointConnectionError"
        self.answer: Callable[[str], DeliveryError] | None = None

    def put(self, document: Document) -> Future[Receipt]:
        if document.document_id == "huge":
            raise DocumentTooLargeError("huge", 9, 1)
        if self.error is not None:
            raise self.error
        future: Future[Receipt] = Future()
        self._open.append((document, future))
        return future

    def flush(self) -> None:
        step = self.script.pop(0) if self.script else set()
        for number, (document, future) in enumerate(self._open):
            if isinstance(step, str) or number in step:
                code = step if isinstance(step, str) else self.code
                future.set_exception(
                    DeliveryError(document.document_id, code, "why")
                    if self.answer is None
                    else self.answer(document.document_id)
                )
            else:
                self.accepted.append(document.pages[0])
                future.set_result(Receipt(document.document_id, "shard", "1"))
        self._open.clear()


class ShardedLine(Line):
    """A producer of which one shard refuses the documents of some ids."""

    def __init__(self, refused: str) -> None:
        super().__init__([])
        self.refused = refused

    def flush(self) -> None:
        ids = [document.document_id for document, _ in self._open]
        self.script = [{number for number, name in enumerate(ids) if name in self.refused}]
        self.code = "InternalFailure"
        super().flush()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """An empty spool."""
    with Spool(tmp_path, "papers") as spool:
        yield spool


def fill(spool: Spool, ids: str) -> list[str]:
    """Append a document for each letter, its text being letter and number."""
    texts = [f"{letter}{number}" for number, letter in enumerate(ids)]
    for text in texts:
        spool.append(to_bytes(Document(document_id=text[0], text=text)))
    return texts


def sender_into(spool: Spool, line: Line, clock: Clock) -> SpoolSender:
    """Make a sender for which time passes only while it pauses."""

    def pause(seconds: float) -> None:
        clock.now += seconds

    return SpoolSender(spool, line, clock, RetryPolicy(give_up_after=60), pause=pause)


def test_an_outage_is_waited_out_and_all_arrives_in_order(spool: Spool) -> None:
    """While nothing gets through nothing is lost, and then everything comes in the order it was kept."""
    clock, line = Clock(), Line(["EndpointConnectionError"] * 5)
    texts = fill(spool, "abcde")
    sender = sender_into(spool, line, clock)
    sender.finish()
    sender.run()
    assert line.accepted == texts
    assert clock.now - 1000 == pytest.approx(0.5 + 1 + 2 + 4 + 8)
    assert (sender.delivered, sender.retries, sender.error, spool.waiting) == (5, 25, None, 0)


@settings(max_examples=60)
@given(st.text("abc", max_size=14), st.lists(st.sets(st.integers(0, 5)), max_size=12))
def test_no_document_overtakes_an_earlier_one_of_its_id(
    tmp_path_factory: pytest.TempPathFactory, ids: str, script: list[set[int] | str]
) -> None:
    """Whichever documents fail however often, each arrives once, and those of an id in order."""
    clock, line = Clock(), Line(script)
    with Spool(tmp_path_factory.mktemp("spool"), "papers") as spool:
        texts = fill(spool, ids)
        sender = sender_into(spool, line, clock)
        sender.finish()
        sender.run()
        assert spool.waiting == 0
    assert sorted(line.accepted) == sorted(texts)
    for letter in "abc":
        assert [text for text in line.accepted if text[0] == letter] == [t for t in texts if t[0] == letter]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_what_waiting_cannot_mend_ends_it_at_once(spool: Spool, code: str) -> None:
    """No such stream, or no permission: it is said, and everything is kept."""
    clock = Clock()
    fill(spool, "ab")
    sender = sender_into(spool, Line([code]), clock)
    sender.run()
    assert code in str(sender.error)
    assert (spool.waiting, clock.now) == (2, 1000)


def test_giving_up_counts_from_the_end_of_the_inputs(spool: Spool) -> None:
    """While there may be more to keep it waits for ever; afterwards it gives up, and everything is kept."""
    clock = Clock()
    fill(spool, "a")
    line = Line(["EndpointConnectionError"] * 1000)
    sender = sender_into(spool, line, clock)

    def pause(seconds: float) -> None:
        clock.now += seconds
        if clock.now > 5000 and sender._finished_at is None:
            sender.finish()

    sender.pause = pause
    sender.run()
    assert "AWS took nothing for 60 s: EndpointConnectionError" in str(sender.error)
    assert 5060 < clock.now < 5100
    assert spool.waiting == 1


def test_a_document_that_this_run_cannot_send_stays_and_holds_up_only_its_id(tmp_path: Path) -> None:
    """It is named, and so that the next run keeps the order, what comes later under its id stays too."""
    huge = [to_bytes(Document(document_id="huge", text=text)) for text in ("1", "2")]
    with Spool(tmp_path, "papers") as spool:
        spool.append(huge[0])
        fill(spool, "a")
        spool.append(huge[1])
        sender = sender_into(spool, line := Line([]), Clock())
        sender.finish()
        sender.run()
        assert spool.waiting == 2
    assert line.accepted == ["a0"]
    assert (sender.error, len(sender.unsendable)) == (None, 1)
    assert "'huge'" in sender.unsendable[0]
    with Spool(tmp_path, "papers") as spool:
        assert [record.data for record in spool.take(9, 2**20, timeout=0)] == huge


def test_what_one_shard_refuses_does_not_hold_up_the_others(spool: Spool) -> None:
    """All that they take is delivered while it refuses, newly read documents too; then it is waited for."""
    clock, line = Clock(), ShardedLine(refused="abc")
    texts = fill(spool, "axbycz" * 20)
    sender = sender_into(spool, line, clock)
    appended: list[str] = []

    def pause(seconds: float) -> None:
        clock.now += seconds
        if not appended:
            appended.extend(fill(spool, "xa"))
        elif clock.now > 1100:
            sender.finish()
        if clock.now > 1120:
            line.refused = ""

    sender.pause = pause
    sender.run()
    assert (sender.error, spool.waiting) == (None, 0)
    others = [text for text in [*texts, *appended] if text[0] in "xyz"]
    assert sorted(line.accepted[: len(others)]) == sorted(others)
    for letter in "abcxyz":
        accepted = [text for text in line.accepted if text[0] == letter]
        assert accepted == [text for text in [*texts, *appended] if text[0] == letter]


def test_a_shard_that_stays_ill_is_given_up_and_its_documents_are_kept(spool: Spool) -> None:
    """The others have all theirs, and the run ends when its time is over."""
    clock, line = Clock(), ShardedLine(refused="abc")
    texts = fill(spool, "axbycz" * 20)
    sender = sender_into(spool, line, clock)
    sender.finish()
    sender.run()
    assert "AWS took nothing for 60 s: InternalFailure" in str(sender.error)
    assert sorted(line.accepted) == sorted(text for text in texts if text[0] in "xyz")
    assert spool.waiting == 60


def test_what_is_no_document_ends_it(spool: Spool) -> None:
    """A spool that holds something else is not emptied into the stream, and says so."""
    spool.append(b"something else")
    sender = sender_into(spool, Line([]), Clock())
    sender.run()
    assert "record 0 of the spool is not a document" in str(sender.error)


def test_errors_of_the_producer_reach_whoever_fills_the_spool(spool: Spool) -> None:
    """A producer that cannot be used ends it with its reason; anything else is a bug, and raised."""
    fill(spool, "a")
    line = Line([])
    line.error = ConfigurationError("no region")
    sender = sender_into(spool, line, Clock())
    sender.run()
    assert str(sender.error) == "no region"
    with pytest.raises(type(sender.error or ValueError()), match="no region"):
        spool.append(b"x")


@pytest.mark.parametrize(("transient", "said"), [(False, "NoSuchBucket"), (True, "AWS took nothing")])
def test_a_store_for_large_documents_that_is_not_there_is_named_at_once(
    spool: Spool, said: str, *, transient: bool
) -> None:
    """What only people can mend is not waited for; what may come back is, and either way all is kept."""
    fill(spool, "a")
    line, clock = Line([]), Clock()
    line.error = ClaimStoreError("a", "my-claims", "NoSuchBucket", transient=transient)
    began = clock.now
    sender = sender_into(spool, line, clock)
    sender.finish()
    sender.run()
    assert said in str(sender.error)
    assert (clock.now > began) == transient
    assert spool.waiting == 1


def test_a_bug_is_raised_and_nobody_waits(spool: Spool) -> None:
    """An error that nobody expects comes out, and does not leave the other side waiting."""
    fill(spool, "a")
    line = Line([])
    line.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        sender_into(spool, line, Clock()).run()


def test_stopping_begins_nothing_more(spool: Spool) -> None:
    """After Ctrl-C what is kept stays kept."""
    fill(spool, "ab")
    sender = sender_into(spool, line := Line([]), Clock())
    sender.stop()
    sender.run()
    assert line.accepted == []
    assert spool.waiting == 2


def test_while_nothing_gets_through_only_a_few_are_tried(spool: Spool) -> None:
    """An outage of hours costs a few requests a minute, whatever is kept; then everything goes at once."""
    clock = Clock()
    texts = [f"{number:03}" for number in range(300)]
    for text in texts:
        spool.append(to_bytes(Document(document_id=text, text=text)))
    line = Line(["EndpointConnectionError"] * 4)
    sender = sender_into(spool, line, clock)
    sender.finish()
    sender.run()
    assert sorted(line.accepted) == texts
    assert sender.retries == 300 + 3 * 20


def test_what_a_producer_needs_and_misses_is_waited_for(spool: Spool) -> None:
    """An error of delivery that `put` raises itself is an outage like another."""
    clock, line = Clock(), Line([])
    texts = fill(spool, "ab")
    line.error = DeliveryError("a", "SlowDown", "the store for large documents is away")
    sender = sender_into(spool, line, clock)

    def pause(seconds: float) -> None:
        clock.now += seconds
        line.error = None

    sender.pause = pause
    sender.finish()
    sender.run()
    assert (line.accepted, sender.error) == (texts, None)


def test_a_receipt_is_acknowledged_before_the_batch_is_done(spool: Spool) -> None:
    """Of a process that dies in the middle of a batch, what had its receipt is not sent again."""
    clock, line = Clock(), Line([{1}])
    fill(spool, "abc")
    kept: list[int] = []
    flush = line.flush

    def answer() -> None:
        flush()
        kept.append(spool.waiting)

    line.flush = answer  # type: ignore[method-assign]
    sender = sender_into(spool, line, clock)
    sender.finish()
    sender.run()
    assert kept == [1, 0]
    assert (sender.delivered, sender.retries) == (3, 1)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (6, 15.0), (2000, 15.0)]
)
def test_the_wait_doubles_to_an_end(failures: int, seconds: float) -> None:
    """From half a second to a quarter of a minute, however long an outage lasts."""
    assert RetryPolicy().seconds(failures) == seconds


def test_a_limit_that_is_not_known_is_no_refusal_of_the_stream(spool: Spool) -> None:
    """Large documents are tried again and kept; no code of the question ends the delivery of the others."""
    clock, line = Clock(), ShardedLine(refused="a")
    line.answer = lambda name: RecordLimitUnknownError(name, "AccessDeniedException", "may not ask")
    texts = fill(spool, "abacab")
    sender = sender_into(spool, line, clock)
    sender.finish()
    sender.run()
    assert "the record limit is not known: AccessDeniedException" in str(sender.error)
    assert line.accepted == [text for text in texts if text[0] != "a"]
    assert spool.waiting == 3
