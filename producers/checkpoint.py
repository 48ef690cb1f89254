"""The checkpoint of a delivery: how far which inputs were delivered to which stream, in one small file.

A document counts only when it and all before it have receipts, or were refused and said so. Killing the
process at any moment leaves either the old file or the new one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from producers.durable import replace_file
from producers.errors import ProducersError
from producers.sources.found import Position

if TYPE_CHECKING:
    from pathlib import Path

    from producers.sources.survey import Survey

_MAX_BYTES: Final = 64 * 1024 * 1024


class CheckpointError(ProducersError):
    """A checkpoint cannot be read, used or written; the message names the file and what to do."""


class _Place(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    input: NonNegativeInt
    file: str
    line: NonNegativeInt
    offset: NonNegativeInt


class Checkpoint(BaseModel):
    """What the file holds.

    Attributes:
        smartcat_checkpoint: The version of the format.
        stream: Where the documents went.
        inputs: Path or address and fingerprint of each input.
        position: Where to go on; None at the beginning.
        done: Documents and problems before the position.
        finished: Whether nothing is left.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    smartcat_checkpoint: Literal[1] = 1
    stream: str
    inputs: list[tuple[str, str]]
    position: _Place | None = None
    done: NonNegativeInt = 0
    finished: bool = False

    @property
    def start(self) -> Position | None:
        """Where reading goes on."""
        place = self.position
        return Position(place.input, place.file, place.line, place.offset) if place else None


def load(path: Path, stream: str, survey: Survey) -> Checkpoint:
    """Read a checkpoint, or begin one where there is none.

    Args:
        path: The file.
        stream: Where the documents are to go.
        survey: The inputs as they are now.

    Returns:
        The checkpoint, which is for this stream and these inputs.

    Raises:
        CheckpointError: The file is damaged, or of another delivery, or the inputs cannot be read twice.
        OSError: It cannot be read.
    """
    if survey.unrepeatable:
        message = f"{path}: a checkpoint needs inputs that can be read again, and standard input cannot"
        raise CheckpointError(message)
    fresh = Checkpoint(stream=stream, inputs=survey.inputs)
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
    except FileNotFoundError:
        return fresh
    found = _parse(path, data)
    if found.stream != stream:
        raise _other(path, f"the stream {found.stream!r}, not for {stream!r}")
    if found.inputs != fresh.inputs:
        raise _other(path, f"other inputs: {_difference(found.inputs, fresh.inputs)}")
    return found


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Put a checkpoint in place of the one before, whole and on the disk.

    Raises:
        CheckpointError: It cannot be written, and the one before is still there.
    """
    # Names of files need not be text: the escapes of json carry them, and pydantic's own writer refuses them.
    text = json.dumps(checkpoint.model_dump(), separators=(",", ":"))
    try:
        replace_file(path, text.encode("ascii") + b"\n")
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be written: {error.strerror or error}") from error


def advanced(checkpoint: Checkpoint, position: Position | None, done: int, *, finished: bool) -> Checkpoint:
    """Give the checkpoint that stands further on."""
    place = position and _Place(
        input=position.input, file=position.file, line=position.line, offset=position.offset
    )
    return checkpoint.model_copy(update={"position": place, "done": done, "finished": finished})


def _parse(path: Path, data: bytes) -> Checkpoint:
    try:
        fields = json.loads(data)
        fields["inputs"] = [tuple(each) for each in fields["inputs"]]
        return Checkpoint.model_validate(fields)
    except (ValueError, ValidationError, TypeError, KeyError, RecursionError):
        message = f"{path}: is no checkpoint, or a damaged one; delete it to start from the beginning"
    raise CheckpointError(message)


def _other(path: Path, what: str) -> CheckpointError:
    return CheckpointError(f"{path}: is the checkpoint of {what}; use another file, or delete this one")


def _difference(before: list[tuple[str, str]], now: list[tuple[str, str]]) -> str:
    for (path, fingerprint), (path_now, fingerprint_now) in zip(before, now, strict=False):
        if path != path_now:
            return f"{path} then, {path_now} now"
        if fingerprint != fingerprint_now:
            return f"{path} has changed since"
    return f"{len(before)} inputs then, {len(now)} now"
