"""Fingerprints of the inputs: whether they are still the same when a delivery resumes, and how many files.

Cheap: names are listed, and only files of many documents, which reading may resume in their middle, are asked
for size and time. Opens nothing; whoever wants to know of S3 brings what asks it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from producers.sources.formats.file_kinds import file_kind
from producers.sources.inputs import S3, STDIN
from producers.sources.local_files import walk_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class InputFingerprints:
    """The inputs as they are now.

    Attributes:
        files: Files that will be read, pages of one document counted once; None if they cannot be counted.
        inputs: The absolute path or the address of each input, and its fingerprint.
        unrepeatable: Whether an input can be read only once.
    """

    files: int | None
    inputs: list[tuple[str, str]]
    unrepeatable: bool


def fingerprint_inputs(
    paths: Sequence[str], *, of_buckets: Callable[[str], str] = lambda _: ""
) -> InputFingerprints:
    """Return the fingerprint of each input.

    The fingerprint of a file changes with its size and its modification time; that of a folder with the names
    of the files below it, and with size and time of those that hold many documents; that of S3 as is asked
    for.

    Args:
        paths: The inputs.
        of_buckets: Returns the fingerprint of the objects at an address in S3; "" for one that is not known.
    """
    files = 0
    inputs = []
    for path in paths:
        if path == STDIN or path.startswith(S3):
            inputs.append((path, of_buckets(path) if path.startswith(S3) else ""))
            continue
        digest = hashlib.sha256()
        if os.path.isdir(path):  # noqa: PTH112 - pathlib raises what reading is to report for this input alone
            files += _add_folder(Path(path), digest)
        else:
            files += 1
            digest.update(_size_and_time(Path(path)))
        inputs.append((os.path.abspath(path), digest.hexdigest()))  # noqa: PTH100 - links stay as they were given
    countable = not any(path == STDIN or path.startswith(S3) for path in paths)
    return InputFingerprints(files if countable else None, inputs, STDIN in paths)


def _add_folder(folder: Path, digest: hashlib._Hash) -> int:
    """Add the names of a folder to the digest, and return the number of its file groups."""
    count = 0
    for prefix, group in walk_groups(folder, on_error=lambda problem: digest.update(problem.path.encode())):
        count += 1
        for name in group.files:
            digest.update(os.fsencode(prefix + name) + b"\0")
        kind = file_kind(group.first)
        if kind is not None and kind.has_many_documents:
            digest.update(_size_and_time(folder / prefix / group.first))
    return count


def _size_and_time(path: Path) -> bytes:
    try:
        status = path.stat()
    except OSError:
        return b"missing"
    return f"{status.st_size} {status.st_mtime_ns}\n".encode()
