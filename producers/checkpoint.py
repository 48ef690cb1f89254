"""The checkpoint file of a delivery: how much of which inputs was delivered to which stream.

A document counts only when it and all before it have receipts, or were rejected and reported. If the process
is killed at any moment, either the old file or the new one is there.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from producers.atomic_file import replace_file
from producers.errors import ProducersError
from producers.sources import Position
from producers.sources.inputs import S3

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from producers.sources.fingerprint import InputFingerprints

_MAX_BYTES: Final = 64 * 1024 * 1024


class CheckpointError(ProducersError):
    """A checkpoint cannot be read, used or written; the message names the file and the remedy."""


class _SavedPosition(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    input: NonNegativeInt
    file: str
    line: NonNegativeInt
    offset: NonNegativeInt


class Checkpoint(BaseModel):
    """The content of the file.

    Attributes:
        smartcat_checkpoint: The version of the format.
        stream: The stream the documents go to.
        inputs: Path or address and fingerprint of each input.
        position: Where reading resumes; None at the beginning.
        done: Documents and problems before the position.
        skipped: How many of these gave no document, or one too large to send.
        finished: Whether everything is delivered.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    smartcat_checkpoint: Literal[1] = 1
    stream: str
    inputs: list[tuple[str, str]]
    position: _SavedPosition | None = None
    done: NonNegativeInt = 0
    skipped: NonNegativeInt = 0
    finished: bool = False

    @property
    def start(self) -> Position | None:
        """Where reading resumes; None for the beginning."""
        saved = self.position
        return Position(saved.input, saved.file, saved.line, saved.offset) if saved else None

    def changed(self, inputs: InputFingerprints) -> list[str]:
        """Return the inputs in S3 that are not known to be as they were when the delivery began.

        They are no reason to refuse it: objects may come at any time. But not all of them were delivered.
        """
        now = dict(inputs.inputs)
        return [path for path, found in self.inputs if path.startswith(S3) and not found == now[path] != ""]


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Keep a checkpoint for this run, from before it is loaded; a file ``.lock`` is beside it meanwhile.

    Raises:
        CheckpointError: Another run uses it, or the lock cannot be made.
    """
    lock = path.with_name(f"{path.name}.lock")
    descriptor = _lock(path, lock)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _lock(path: Path, lock: Path) -> int:
    while True:
        try:
            descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise _not_writable(path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The run before may have removed the file meanwhile, and another may have made it anew.
            if os.path.samestat(os.fstat(descriptor), lock.stat()):
                return descriptor
        except FileNotFoundError:
            pass
        except OSError as error:
            os.close(descriptor)
            if not isinstance(error, BlockingIOError):  # a file system without locks
                raise _not_writable(path, error) from error
            raise CheckpointError(f"{path}: is in use by another run; wait for it, or use another") from None
        os.close(descriptor)


def load(path: Path, stream: str, inputs: InputFingerprints) -> Checkpoint:
    """Return the checkpoint in a file, or a new one if there is no file.

    Args:
        path: The file.
        stream: The stream the documents are to go to.
        inputs: The inputs as they are now.

    Returns:
        A checkpoint for this stream and these inputs.

    Raises:
        CheckpointError: The file is not valid, or of another delivery, or an input cannot be read twice.
        OSError: It cannot be read.
    """
    if inputs.unrepeatable:
        message = f"{path}: a checkpoint needs inputs that can be read again, and standard input cannot"
        raise CheckpointError(message)
    fresh = Checkpoint(stream=stream, inputs=inputs.inputs)
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
    except FileNotFoundError:
        return fresh
    saved = _parse(path, data)
    if saved.stream != stream:
        raise _other_delivery(path, f"the stream {saved.stream!r}, not for {stream!r}")
    if _comparable(saved.inputs) != _comparable(fresh.inputs):
        raise _other_delivery(path, f"other inputs: {_difference(saved.inputs, fresh.inputs)}")
    return saved


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint file in one step; it is on the disk when this returns.

    Raises:
        CheckpointError: It cannot be written, and the one before is still there.
    """
    # File names need not be valid text: json escapes them, and pydantic's own writer refuses them.
    text = json.dumps(checkpoint.model_dump(), separators=(",", ":"))
    try:
        replace_file(path, text.encode("ascii") + b"\n")
    except OSError as error:
        raise _not_writable(path, error) from error


def advanced(
    checkpoint: Checkpoint, position: Position | None, done: int, *, skipped: int = 0, finished: bool
) -> Checkpoint:
    """Return the checkpoint moved to a later position; ``skipped`` are those since this one."""
    saved = position and _SavedPosition(
        input=position.input, file=position.file, line=position.line, offset=position.offset
    )
    return checkpoint.model_copy(
        update={
            "position": saved,
            "done": done,
            "skipped": checkpoint.skipped + skipped,
            "finished": finished,
        }
    )


def _parse(path: Path, data: bytes) -> Checkpoint:
    try:
        fields = json.loads(data)
        fields["inputs"] = [tuple(each) for each in fields["inputs"]]
        return Checkpoint.model_validate(fields)
    except (ValueError, ValidationError, TypeError, KeyError, RecursionError):
        message = f"{path}: not a valid checkpoint file; delete it to start from the beginning"
    raise CheckpointError(message)


def _not_writable(path: Path, error: OSError) -> CheckpointError:
    return CheckpointError(f"{path}: cannot be written: {error.strerror or error}")


def _other_delivery(path: Path, what: str) -> CheckpointError:
    return CheckpointError(f"{path}: is a checkpoint for {what}; use another file, or delete this one")


def _comparable(inputs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(path, "" if path.startswith(S3) else fingerprint) for path, fingerprint in inputs]


def _difference(before: list[tuple[str, str]], now: list[tuple[str, str]]) -> str:
    for (path, fingerprint), (path_now, fingerprint_now) in zip(before, now, strict=False):
        if path != path_now:
            return f"{path} then, {path_now} now"
        if fingerprint != fingerprint_now and not path.startswith(S3):
            return f"{path} has changed since"
    return f"{len(before)} inputs then, {len(now)} now"
