"""Uses of a spool that end by SIGKILL, each in a forked child: `python killed_spools.py USE FOLDER`.

A program of its own, for only a process with one thread can be forked safely. It fails where something is
lost, and prints what it counted.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections import Counter
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from producers.core.outcomes import Receipt
from producers.spool import database, sender, spool
from producers.spool.spool import Spool
from smartcat.wire_format.document import Document, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def kill() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def in_child(
    use: Callable[[Callable[[str], None]], None], words: int | None = None
) -> tuple[list[str], bool]:
    """Run something in a child that reports by words; kill it after so many.

    Returns:
        The words, and whether it was killed.
    """
    read, write = os.pipe()
    if not (child := os.fork()):
        try:
            use(lambda word: void(os.write(write, f"{word}\n".encode())))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(write)
    with os.fdopen(read) as said:
        found = [said.readline() for _ in range(words or 0)]
        if words is not None:
            os.kill(child, signal.SIGKILL)
        found += said.readlines()
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), status
    return [word.strip() for word in found], status == signal.SIGKILL


def void(_: object) -> None:
    """Return nothing."""


def show(*figures: int) -> None:
    """Print figures for the test that started this."""
    sys.stdout.write(" ".join(map(str, figures)) + "\n")


def writer(folder: Path) -> None:
    """Append until killed at a random moment, 40 times: every record is there that was appended, in order."""
    chance, kept = random.Random(14), 0  # noqa: S311 - a script of kills
    for _ in range(40):

        def use(say: Callable[[str], None], first: int = kept) -> None:
            queue = Spool(folder, "papers", limit=1 << 28)
            for number in range(first, 1 << 30):
                queue.append(b"%d " % number + bytes(number * 7919 % 6000))
                say(str(number))
                if number % 50 == 49:
                    queue.sync()

        words, _ = in_child(use, chance.choice([1, 2, 10, chance.randrange(1, 200)]))
        appended = int(words[-1]) + 1
        with Spool(folder, "papers", limit=1 << 28) as queue:
            found = [int(record.data.split()[0]) for record in queue.take(1 << 20, 1 << 40, timeout=0)]
        assert found == list(range(len(found)))
        # One more where it was killed before it could say so.
        assert len(found) in (appended, appended + 1), (len(found), appended)
        kept = len(found)
    show(kept)


def every_line(folder: Path) -> None:
    """Kill a use of the spool before each line of its code, at a random one of the times that it comes by."""
    spool._NOTE_RECORDS = 1
    passed: Counter[tuple[str, int]] = Counter()

    def note(frame: FrameType) -> None:
        passed[frame.f_code.co_filename, frame.f_lineno] += 1

    folder.mkdir(exist_ok=True)
    traced(note, lambda: use_all(folder / "whole", lambda _: None))
    chance = random.Random(15)  # noqa: S311 - a script of kills
    for number, (line, times) in enumerate(passed.items()):
        here = folder / str(number)
        left = chance.randrange(times) + 1

        def strike(frame: FrameType, line: tuple[str, int] = line) -> None:
            nonlocal left
            left -= (frame.f_code.co_filename, frame.f_lineno) == line
            if not left:
                kill()

        said, killed = in_child(
            lambda say, here=here, strike=strike: traced(strike, lambda: use_all(here, say))
        )
        assert killed, line
        check(here, said)
    show(len(passed))


def traced(note: Callable[[FrameType], None], use: Callable[[], None]) -> None:
    """Run something, and call back before each line of the spool's code."""
    files = {database.__file__, spool.__file__}

    def trace(frame: FrameType, event: str, _: object) -> object:
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            note(frame)
        return trace

    sys.settrace(trace)
    try:
        use()
    finally:
        sys.settrace(None)


def use_all(folder: Path, say: Callable[[str], None]) -> None:
    """Use all that a spool can do; say `+n` when a record is appended, `-n` before one is acknowledged."""
    with Spool(folder, "papers", limit=1 << 16) as queue:
        for number in range(3):
            queue.append(b"%d" % number + bytes(3000))
            say(f"+{number}")
        queue.sync()
        for record in queue.take(2, 1 << 20):
            say(f"-{record.number}")
            queue.acknowledge(record)
        queue.append(b"3")
        say("+3")
    with Spool(folder, "papers", limit=1 << 16) as queue:
        for record in queue.take(9, 1 << 20):
            say(f"-{record.number}")
            queue.acknowledge(record)


def check(folder: Path, said: list[str]) -> None:
    """Make sure that a spool holds what was appended and not acknowledged, in order, and takes more."""
    appended = [int(word[1:]) for word in said if word[0] == "+"]
    acknowledged = [int(word[1:]) for word in said if word[0] == "-"]
    with Spool(folder, "papers", limit=1 << 16) as queue:
        found = [int(record.data[:1]) for record in queue.take(9, 1 << 20, timeout=0)]
        queue.append(b"more")
        assert [record.data for record in queue.take(9, 1 << 20)] == [b"more"]
    assert found == sorted(set(found)), (said, found)
    assert set(appended) - set(acknowledged) <= set(found) <= {*appended, len(appended)}, (said, found)
    # Only the last acknowledgement can have been cut short.
    assert set(found) & set(acknowledged[:-1]) == set(), (said, found)


class DyingProducer:
    """Accepts what it is given, and dies after so many: before the last is sent, or before its receipt."""

    def __init__(self, say: Callable[[str], None], lives: int, *, sends_last: bool) -> None:
        self._say = say
        self._lives = lives
        self._sends_last = sends_last

    def put(self, document: Document) -> Future[Receipt]:
        self._lives -= 1
        if self._lives or self._sends_last:
            self._say(document.pages[0])
        if not self._lives:
            kill()
        receipt: Future[Receipt] = Future()
        receipt.set_result(Receipt(document.document_id, "shard", "1"))
        return receipt

    def flush(self) -> None:
        """Nothing is under way."""


def sending(folder: Path, ids: int, lives: int, note: int) -> None:
    """Empty a spool by processes that die, each after so many documents: all are sent, and it ends."""
    documents = 2000
    spool._NOTE_RECORDS = note
    with Spool(folder, "papers") as queue:
        for number in range(documents):
            queue.append(to_bytes(Document(document_id=f"d{number % ids}", text=f"{number:04}")))
    sent: list[int] = []
    rounds, killed = 0, True
    while killed:

        def use(say: Callable[[str], None], *, sends_last: bool = rounds % 2 == 0) -> None:
            producer = DyingProducer(say, lives, sends_last=sends_last)
            with Spool(folder, "papers") as queue:
                sending = sender.SpoolSender(queue, producer, lambda: 0.0)
                sending.finish()
                sending.run()
                assert sending.error is None

        words, killed = in_child(use)
        sent += map(int, words)
        rounds += 1
        assert rounds <= documents // (lives - note) + 2, "it must get on, however often it is killed"
    with Spool(folder, "papers") as queue:
        assert queue.waiting == 0
    assert set(sent) == set(range(documents))
    for number in range(ids):
        mine = [each for each in sent if each % ids == number]
        # Sent again from an earlier one on, perhaps; but the last is the latest, and none is passed over.
        assert mine[-1] == max(mine)
        assert list(dict.fromkeys(mine)) == sorted(set(mine))
    show(rounds, len(sent))


if __name__ == "__main__":
    {
        "writer": writer,
        "every_line": every_line,
        "sender": lambda folder: sending(folder, ids=2000, lives=700, note=500),
        "sender_of_versions": lambda folder: sending(folder, ids=50, lives=230, note=1),
    }[sys.argv[1]](Path(sys.argv[2]))
