"""What a program sees at its end. Programs of their own, since an interpreter ends only once."""

import signal
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]

BEGINNING = f"""
import logging, sys
sys.path[:0] = [{str(TESTS)!r}, {str(TESTS.parent)!r}]
logging.basicConfig(format="%(message)s")
from producers import Document, Options, Producer
from support.scripted_kinesis import ScriptedKinesis
"""


def started(program: str) -> subprocess.Popen[str]:
    """Start a program."""
    return subprocess.Popen(
        [sys.executable, "-c", BEGINNING + program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_producer_that_nobody_closed_hangs_nothing() -> None:
    """The program ends by itself, and says how many documents were not sent, without ids or text."""
    program = started(
        """
producer = Producer("stream", client=ScriptedKinesis(), options=Options(linger_seconds=3600))
for number in range(3):
    producer.put(Document(document_id=f"d{number}", pages=("secret",)))
"""
    )
    _, said = program.communicate(timeout=60)
    assert (program.returncode, said) == (
        0,
        "3 documents were not sent: their producer was not closed\n",
    )


def test_ctrl_c_finishes_what_is_under_way_and_says_what_was_not_sent() -> None:
    """SIGINT while a request is out: its document is accepted, the one behind it is Interrupted."""
    program = started(
        """
import threading
out, answer = threading.Event(), threading.Event()
class Kinesis(ScriptedKinesis):
    def put_records(self, **call):
        out.set()
        answer.wait(30)
        return super().put_records(**call)
producer = Producer("stream", client=Kinesis(), options=Options(linger_seconds=0))
first = producer.put(Document(document_id="first", pages=("secret",)))
try:
    with producer:
        out.wait(30)
        second = producer.put(Document(document_id="second", pages=("secret",)))
        second.add_done_callback(lambda _: answer.set())
        print("waiting", flush=True)
        threading.Event().wait(60)
except KeyboardInterrupt:
    print(first.result(0).partition_key, second.exception(0).code, producer.report.failed, flush=True)
"""
    )
    assert program.stdout is not None
    with program:
        assert program.stdout.readline() == "waiting\n"
        program.send_signal(signal.SIGINT)
        said, logged = program.communicate(timeout=60)
    assert said == "first Interrupted (('second', 'Interrupted'),)\n"
    assert "secret" not in logged


def test_a_forked_process_waits_for_nothing_of_its_parent() -> None:
    """A producer that was used is closed in the child, flush and exit hang nothing; one not used works."""
    program = started(
        """
import os, threading, warnings
out, answer = threading.Event(), threading.Event()
class Kinesis(ScriptedKinesis):
    def put_records(self, **call):
        out.set()
        answer.wait(30)
        return super().put_records(**call)
used = Producer("stream", client=Kinesis(), options=Options(linger_seconds=0))
fresh = Producer("stream", client=ScriptedKinesis())
used.put(Document(document_id="d", pages=("",)))
out.wait(30)
used.put(Document(document_id="waiting", pages=("",)))
# From 3.12 on Python warns of what is tried here.
warnings.simplefilter("ignore", DeprecationWarning)
child = os.fork()
if child:
    status = os.waitpid(child, 0)[1]
    answer.set()
    print(status, used.close().accepted)
else:
    used.flush()
    fresh.put(Document(document_id="e", pages=("",)))
    print(fresh.close().accepted, flush=True)
    try:
        used.put(Document(document_id="f", pages=("",)))
    except Exception as error:
        print(type(error).__name__, flush=True)
"""
    )
    try:
        said, logged = program.communicate(timeout=30)
    finally:
        program.kill()
    assert (said, logged) == ("1\nProducerClosedError\n0 2\n", "")
