"""The command with a producer that is a list, so that no AWS is needed and nothing waits."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import pytest
from botocore.exceptions import EndpointConnectionError

from producers.checkpoint import exclusive
from producers.core.outcomes import Receipt
from producers.errors import DeliveryError, DocumentTooLargeError
from producers.producer import DeliveryReport
from producers.spool.database import SpoolError
from producers.spool.spool import Spool
from smartcat.cli import aws_clients
from smartcat.cli.produce import deliver
from smartcat.wire_format.document import Document

Command = Callable[..., Any]


class FakeProducer:
    """Accepts all, in windows of ten; can be interrupted, and can refuse, at a document."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.stacks: list[str] = []
        self.failed: list[tuple[str, str]] = []
        self.interrupt_at = self.refuse_at = -1
        self.down = False
        self._open: list[tuple[str, Future[Receipt]]] = []
        self._count = 0

    @property
    def report(self) -> DeliveryReport:
        return DeliveryReport(accepted=len(self.accepted), failed=tuple(self.failed), requests=1, bytes=1)

    def put(self, document: Document) -> Future[Receipt]:
        self._count += 1
        if self._count == self.interrupt_at:
            signal.raise_signal(signal.SIGINT)
        if document.document_id == "huge":
            raise DocumentTooLargeError("huge", 9, 1)
        self.stacks += [document.document_id] if document.stack else []
        future: Future[Receipt] = Future()
        self._open.append((document.document_id, future))
        if len(self._open) == 10:
            self.flush()
        return future

    def flush(self) -> None:
        self._answer("ServiceUnavailable" if self.down else "")

    def _answer(self, code: str) -> None:
        waiting, self._open = self._open, []
        for name, future in waiting:
            refused = code or ("AccessDeniedException" if len(self.accepted) == self.refuse_at else "")
            if refused:
                self.failed.append((name, refused))
                future.set_exception(DeliveryError(name, refused, "why"))
            else:
                self.accepted.append(name)
                future.set_result(Receipt(name, "shard", "1"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._answer("" if kind is None or issubclass(kind, Exception) else "Interrupted")


class FakeKinesis:
    """A stream that is there, or an endpoint that is not."""

    def __init__(self) -> None:
        self.down = False
        self.region: str | None = None
        self.named: dict[str, str] = {}

    def in_region(self, region: str | None) -> Self:
        self.region = region
        return self

    def describe_stream_summary(self, **named: str) -> dict[str, Any]:
        self.named = named
        if self.down:
            raise EndpointConnectionError(endpoint_url="https://kinesis")
        return {"StreamDescriptionSummary": {"OpenShardCount": 2}}


@pytest.fixture
def kinesis(monkeypatch: pytest.MonkeyPatch) -> FakeKinesis:
    """Put a fake in place of AWS."""
    fake = FakeKinesis()
    monkeypatch.setattr(aws_clients, "client", lambda _, region: fake.in_region(region))
    return fake


@pytest.fixture
def make(kinesis: FakeKinesis, monkeypatch: pytest.MonkeyPatch) -> Callable[[], FakeProducer]:
    """Give a function that makes the producer of the next run."""

    def make_one() -> FakeProducer:
        fake = FakeProducer()
        monkeypatch.setattr(deliver, "make_producer", lambda _: fake)
        return fake

    return make_one


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A hundred documents, with two bad lines among them."""
    path = tmp_path / "in.jsonl"
    rows = [json.dumps({"id": f"d{number:02}", "text": "x"}) for number in range(100)]
    rows[30:30] = ["{", '{"id":"bad"}']
    path.write_text("\n".join(rows) + "\n")
    return path


ALL = [f"d{number:02}" for number in range(100)]


def test_the_summary_as_json_has_its_keys(
    make: Callable[[], FakeProducer], lines: Path, command: Command
) -> None:
    """Scripts depend on these names, and docs/produce.md explains each."""
    producer = make()
    done = command("produce", str(lines), "--stream", "papers", "--json")
    found = json.loads(done.out)
    assert (done.code, producer.accepted) == (1, ALL)
    assert list(found) == [
        *("accepted", "failed", "interrupted", "kept", "skipped", "problems", "done_before"),
        *("skipped_before",),
        *("retried_records", "requests", "bytes", "seconds", "documents_per_second"),
    ]
    assert found | {"seconds": 0, "documents_per_second": 0} == {
        "accepted": 100,
        "failed": 0,
        "interrupted": 0,
        "kept": 0,
        "skipped": 2,
        "problems": {"bad_json": 1, "invalid_document": 1},
        "done_before": 0,
        "skipped_before": 0,
        "retried_records": 0,
        "requests": 1,
        "bytes": 1,
        "seconds": 0,
        "documents_per_second": 0,
    }
    said = done.err.splitlines()
    assert said[0].startswith(f"skipped: {lines}:31: expected a JSON object")
    assert said[-1] == "error: 2 of the inputs were skipped"
    page = (Path(__file__).resolve().parents[5] / "docs" / "produce.md").read_text("utf-8")
    assert [key for key in found if f"`{key}`" not in page] == []


def test_strict_ends_at_the_first_bad_line(
    make: Callable[[], FakeProducer], lines: Path, command: Command
) -> None:
    """What was read before it is delivered, and the error names the line."""
    producer = make()
    done = command("produce", str(lines), "--stream", "papers", "--strict")
    assert (done.code, producer.accepted) == (1, ALL[:30])
    assert f"error: {lines}:31: expected a JSON object" in done.err


@pytest.mark.parametrize("options", [(), ("--stack",)])
def test_every_document_can_be_marked_as_a_stack(
    make: Callable[[], FakeProducer], tmp_path: Path, options: tuple[str, ...], command: Command
) -> None:
    """With the option all are; without it those whose line says so."""
    path = tmp_path / "in.jsonl"
    path.write_text('{"id":"a","text":"x"}\n{"id":"b","text":"x","stack":true}\n')
    producer = make()
    assert command("produce", str(path), "--stream", "papers", *options).code == 0
    assert producer.stacks == (["a", "b"] if options else ["b"])


def test_ctrl_c_says_what_was_not_sent_and_a_second_run_goes_on(
    make: Callable[[], FakeProducer], lines: Path, tmp_path: Path, command: Command
) -> None:
    """Exit code 130; with the checkpoint the rest follows, without loss and with few repeats."""
    checkpoint = ["--checkpoint", str(tmp_path / "c.json"), "--json"]
    first = make()
    first.interrupt_at = 56
    done = command("produce", str(lines), "--stream", "papers", *checkpoint)
    found = json.loads(done.out)
    assert done.code == 130
    assert (found["accepted"], found["failed"], found["interrupted"]) == (50, 5, 5)
    assert "not delivered: d50: Interrupted" in done.err
    assert done.err.endswith("error: stopped by SIGINT\n")
    second = make()
    done = command("produce", str(lines), "--stream", "papers", *checkpoint)
    assert (first.accepted + second.accepted, json.loads(done.out)["done_before"]) == (ALL, 52)
    third = make()
    done = command("produce", str(lines), "--stream", "papers", *checkpoint)
    assert (done.code, third.accepted, json.loads(done.out)["skipped_before"]) == (1, [], 2)
    said = "everything was delivered but 2 inputs that were skipped; delete this file to send it again"
    assert said in done.err


def test_what_an_earlier_run_has_skipped_is_not_forgotten(
    make: Callable[[], FakeProducer], tmp_path: Path, command: Command
) -> None:
    """Exit code 1 and a reason, in the run that delivers the rest and in those that find all done."""
    path = tmp_path / "in.jsonl"
    path.write_text('{\n{"id":"a","text":"x"}\n{"id":"huge","text":"x"}\n{"id":"b","text":"x"}\n')
    arguments = ["produce", str(path), "--stream", "papers", "--checkpoint", str(tmp_path / "c.json")]
    first = make()
    first.interrupt_at = 3
    assert command(*arguments).code == 130
    for delivered in (["b"], []):
        producer = make()
        done = command(*arguments)
        assert (done.code, producer.accepted[-1:]) == (1, delivered)
        assert "were skipped by an earlier run" in done.err
    path.write_text('{"id":"a","text":"x"}\n')
    (tmp_path / "c.json").unlink()
    for _ in range(2):
        make()
        done = command(*arguments)
        assert (done.code, "skipped" in done.err) == (0, False)
    assert "everything was delivered; delete this file to send it again" in done.err


def test_objects_that_came_since_are_not_said_to_be_delivered(
    make: Callable[[], FakeProducer], tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, with the address, until somebody decides to send everything again."""
    listed = ["1", "1", "2"]
    monkeypatch.setattr("producers.sources.s3.bucket_fingerprint", lambda _: listed.pop(0))
    monkeypatch.setattr("smartcat.cli.produce.deliver.read_inputs", lambda *_, **__: [])
    arguments = ["produce", "s3://papers/in/", "--stream", "papers", "--checkpoint", str(tmp_path / "c.json")]
    found = []
    for _ in range(3):
        make()
        found.append(command(*arguments))
    assert [done.code for done in found] == [0, 0, 1]
    assert "everything was delivered; delete" in found[1].err
    assert (
        "everything was delivered but objects of s3://papers/in/ that were added or changed" in found[2].err
    )


def test_a_second_run_on_one_checkpoint_is_refused(
    make: Callable[[], FakeProducer], lines: Path, tmp_path: Path, command: Command
) -> None:
    """One line, exit code 1, nothing is sent, and the first run goes on."""
    path = tmp_path / "c.json"
    producer = make()
    with exclusive(path):
        done = command("produce", str(lines), "--stream", "papers", "--checkpoint", str(path))
    assert (done.code, producer.accepted) == (1, [])
    assert done.err == f"error: {path}: is in use by another run; wait for it, or use another\n"


def test_the_checkpoint_moves_while_the_last_documents_are_sent(
    make: Callable[[], FakeProducer], lines: Path, tmp_path: Path, command: Command
) -> None:
    """A run that is killed again and again while it sends what it has read still comes to an end."""
    path, found = tmp_path / "c.json", []

    class Slow(FakeProducer):
        def __exit__(self, *error: object) -> None:
            ends = time.monotonic() + 10
            while not found and time.monotonic() < ends:
                if json.loads(path.read_bytes() if path.exists() else "{}").get("done", 0) >= 100:
                    found.append(path.read_bytes())
            super().__exit__(*error)

    slow = Slow()
    make()
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(deliver, "make_producer", lambda _: slow)
    with monkeypatch.context():
        command("produce", str(lines), "--stream", "papers", "--checkpoint", str(path))
    monkeypatch.undo()
    assert found


def test_what_failed_is_sent_by_the_next_run(
    make: Callable[[], FakeProducer], lines: Path, tmp_path: Path, command: Command
) -> None:
    """A record without a receipt holds the checkpoint before it."""
    first = make()
    first.refuse_at = 95
    arguments = ["produce", str(lines), "--stream", "papers", "--checkpoint", str(tmp_path / "c.json")]
    done = command(*arguments)
    assert done.code == 1
    assert "not delivered: d95: AccessDeniedException" in done.err
    second = make()
    assert command(*arguments).code == 1  # two lines were skipped
    assert second.accepted == ALL[95:]


def test_what_could_not_be_read_is_read_by_the_next_run(
    make: Callable[[], FakeProducer], tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk or a connection that was away for a moment costs no document with a checkpoint."""
    scans = tmp_path / "scans"
    scans.mkdir()
    for name in "abc":
        (scans / f"{name}.txt").write_text(name)
    real = os.open

    def refuse(path: Any, *how: Any, **where: Any) -> int:
        if str(path).endswith("b.txt"):
            raise OSError(5, "Input/output error", str(path))
        return real(path, *how, **where)

    arguments = ["produce", str(scans), "--stream", "papers", "--checkpoint", str(tmp_path / "c.json")]
    first = make()
    with monkeypatch.context() as broken:
        broken.setattr(os, "open", refuse)
        assert command(*arguments).code == 1
    second = make()
    assert command(*arguments).code == 0
    assert (first.accepted, second.accepted) == (["a.txt", "c.txt"], ["b.txt", "c.txt"])


def test_the_checkpoint_of_other_inputs_is_refused(
    make: Callable[[], FakeProducer], lines: Path, tmp_path: Path, command: Command
) -> None:
    """One line, exit code 1, and nothing is sent."""
    arguments = ["produce", str(lines), "--stream", "papers", "--checkpoint", str(tmp_path / "c.json")]
    make()
    command(*arguments)
    with lines.open("a") as file:
        file.write('{"id":"new","text":"x"}\n')
    producer = make()
    done = command(*arguments)
    assert (done.code, producer.accepted) == (1, [])
    assert done.err == (
        f"error: {tmp_path}/c.json: is a checkpoint for other inputs: {lines} has changed since; use another"
        " file, or delete this one\n"
    )


def test_a_full_disk_for_the_checkpoint_is_one_line(
    make: Callable[[], FakeProducer],
    lines: Path,
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file that could not be written is named."""
    make()

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    done = command("produce", str(lines), "--stream", "papers", "--checkpoint", str(tmp_path / "c.json"))
    assert done.code == 1
    assert f"error: {tmp_path}/c.json: cannot be written: No space left on device\n" in done.err


def test_a_spool_is_sent_first_by_the_next_run(
    make: Callable[[], FakeProducer], kinesis: FakeKinesis, lines: Path, tmp_path: Path, command: Command
) -> None:
    """While AWS is away everything is kept, and a run without inputs delivers it in order."""
    threads = threading.active_count()
    spool = ["--spool", str(tmp_path / "spool"), "--stream", "papers", "--json"]
    producer = make()
    producer.down = kinesis.down = True
    done = command("produce", str(lines), *spool, "--spool-wait", "0")
    assert (done.code, producer.accepted, json.loads(done.out)["kept"]) == (1, [], 100)
    assert "note: AWS cannot be reached; documents are kept in" in done.err
    assert "error: AWS took nothing for 0 s: ServiceUnavailable" in done.err
    producer, kinesis.down = make(), False
    done = command("produce", *spool)
    assert (done.code, producer.accepted, json.loads(done.out)["kept"]) == (0, ALL, 0)
    assert "100 documents of an earlier run are sent first" in done.err
    assert threading.active_count() == threads


def test_a_spool_that_cannot_be_synced_is_one_line_and_leaves_no_thread(
    make: Callable[[], FakeProducer],
    lines: Path,
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A disk that refuses at the very end is said, and nobody waits for documents that will not come."""
    make()
    others = set(threading.enumerate())

    def refuse(spool: Spool) -> None:
        while spool.waiting:
            time.sleep(0.01)
        raise SpoolError("cannot keep documents: No space left on device")

    monkeypatch.setattr(Spool, "sync", refuse)
    done = command("produce", str(lines), "--spool", str(tmp_path / "spool"), "--stream", "papers")
    assert done.code == 1
    assert "error: cannot keep documents: No space left on device\n" in done.err
    left = set(threading.enumerate()) - others
    for thread in left:
        thread.join(5)
    assert not any(thread.is_alive() for thread in left)


def test_with_a_rate_little_is_taken_out_of_the_spool_at_a_time(
    make: Callable[[], FakeProducer],
    lines: Path,
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A slow rate must not look like a stream that takes nothing: what is delivered is noted soon."""
    producer, batches = make(), list[int]()
    answer = producer.flush

    def flush() -> None:
        batches.append(len(producer.accepted))
        answer()

    monkeypatch.setattr(producer, "flush", flush)
    spool = ["--spool", str(tmp_path / "spool"), "--stream", "papers"]
    assert command("produce", str(lines), *spool, "--rate", "2").code == 1
    assert producer.accepted == ALL
    assert max(after - before for before, after in pairwise(batches)) <= 4  # how many were there to take


def test_with_a_spool_the_checkpoint_need_not_wait_for_aws(
    make: Callable[[], FakeProducer], lines: Path, tmp_path: Path, command: Command
) -> None:
    """What is on the disk is safe, so the next run reads nothing twice."""
    options = [
        "--spool",
        str(tmp_path / "spool"),
        "--checkpoint",
        str(tmp_path / "c.json"),
        "--stream",
        "papers",
    ]
    producer = make()
    producer.down = True
    assert command("produce", str(lines), *options, "--spool-wait", "0").code == 1
    producer = make()
    assert command("produce", str(lines), *options).code == 1  # two lines were skipped
    assert producer.accepted == ALL


def test_hopeless_answers_end_a_spool_at_once(
    make: Callable[[], FakeProducer], lines: Path, tmp_path: Path, command: Command
) -> None:
    """Nobody waits for a permission; what is kept is kept."""
    producer = make()
    producer.refuse_at = 0
    done = command("produce", str(lines), "--spool", str(tmp_path / "spool"), "--stream", "papers")
    assert done.code == 1
    assert "error: the stream takes nothing: AccessDeniedException" in done.err


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_stream_of_another_account_is_named_by_its_arn(
    make: Callable[[], FakeProducer],
    kinesis: FakeKinesis,
    lines: Path,
    command: Command,
    options: tuple[str, ...],
) -> None:
    """It is asked for in the region and by the ARN that were given."""
    make()
    arn = "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/papers"
    assert command("produce", str(lines), "--stream", arn, *options).code == 1  # two lines are bad
    assert (kinesis.region, kinesis.named) == ("cn-north-1", {"StreamARN": arn})
    command("produce", str(lines), "--stream", "papers", *options)
    assert (kinesis.region, kinesis.named) == (None, {"StreamName": "papers"})


def test_a_document_too_large_is_skipped_and_a_spool_keeps_it(
    make: Callable[[], FakeProducer], tmp_path: Path, command: Command
) -> None:
    """It is named, the others are delivered; out of a spool nothing goes without a receipt."""
    path = tmp_path / "in.jsonl"
    path.write_text('{"id":"huge","text":"x"}\n{"id":"b","text":"x"}\n')
    producer = make()
    done = command("produce", str(path), "--stream", "papers", "--json")
    assert (done.code, producer.accepted, json.loads(done.out)["problems"]) == (1, ["b"], {"too_large": 1})
    assert "skipped: document 'huge' takes 9 bytes" in done.err
    spool = tmp_path / "spool"
    for inputs, accepted in ([str(path)], ["b"]), ([], []):
        producer = make()
        done = command("produce", *inputs, "--stream", "papers", "--json", "--spool", str(spool))
        assert (done.code, producer.accepted, json.loads(done.out)["kept"]) == (1, accepted, 1)
        assert "kept: document 'huge' takes 9 bytes" in done.err
        assert f"{spool}: 1 documents are too large for this stream, and stay" in done.err
        assert "--claims BUCKET sends them" in done.err
        assert done.err.endswith("error: 1 documents are kept for the next run\n")


def test_a_dry_run_sends_nothing(make: Callable[[], FakeProducer], lines: Path, command: Command) -> None:
    """Records, bytes, shards, time and cost, with and without a stream; its keys are documented."""
    producer = make()
    done = command("produce", str(lines), "--dry-run", "--json", "--stream", "papers")
    found = json.loads(done.out)
    assert done.code == 1
    assert (found["documents"], found["skipped"], found["shards"], found["seconds"]) == (100, 2, 2, 0.05)
    page = (Path(__file__).resolve().parents[5] / "docs" / "produce.md").read_text("utf-8")
    assert [key for key in [*found, *found["single"]] if f"`{key}`" not in page] == []
    done = command("produce", str(lines), "--dry-run")
    assert done.out.startswith("Dry run: nothing was sent.\n")
    assert "shards       unknown without the stream" in done.out
    assert "100 with 100 pages" in done.out
    assert "aggregated   1 records, 1 payload units" in done.out
    assert producer.accepted == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--stream", "s"], "PATHS"),
        (["--dry-run", "--spool", "x"], "PATHS"),
        (["a.txt"], "--stream"),
        (["a.txt", "--stream", "arn:aws:kinesis:eu-west-1:1:stream/s"], "--stream"),
        (["a.txt", "--stream", "s", "--spool-limit", "much"], "--spool-limit"),
        (["a.txt", "--stream", "s", "--rate", "0"], "--rate"),
        (["a.txt", "--stream", "s", "--spool-wait", "-1"], "--spool-wait"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_code_2(
    arguments: list[str], named: str, command: Command
) -> None:
    """The option is named, and nothing is read."""
    done = command("produce", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert named in done.err


def test_no_such_file_is_skipped_and_said(
    make: Callable[[], FakeProducer], tmp_path: Path, command: Command
) -> None:
    """The other inputs are delivered, and the exit code tells."""
    (tmp_path / "a.txt").write_text("x")
    producer = make()
    done = command("produce", str(tmp_path / "none.txt"), str(tmp_path / "a.txt"), "--stream", "papers")
    assert (done.code, producer.accepted) == (1, ["a.txt"])
    assert f"skipped: {tmp_path}/none.txt: no such file or folder" in done.err


def test_a_thousand_bad_lines_are_a_few_lines(
    make: Callable[[], FakeProducer], tmp_path: Path, command: Command
) -> None:
    """The first are named, the others counted by their reason."""
    path = tmp_path / "in.jsonl"
    path.write_text("{\n" * 1000)
    make()
    done = command("produce", str(path), "--stream", "papers")
    assert len(done.err.splitlines()) == 22
    assert "skipped: 980 more: bad_json\n" in done.err
