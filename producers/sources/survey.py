"""A look over the inputs before they are read: how many files, and whether they are still the same.

Cheap: names are listed, and only files of many documents, which are taken up in their middle, are asked for
size and time. Opens nothing, asks S3 nothing.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from producers.sources.kinds import kind_of
from producers.sources.local import walk
from producers.sources.read import S3, STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Survey:
    """What was seen.

    Attributes:
        files: Files that will be read, pages of one document counted once; None where nobody can tell.
        inputs: The absolute path or the address of each input, and its fingerprint.
        unrepeatable: Whether an input can be read only once.
    """

    files: int | None
    inputs: list[tuple[str, str]]
    unrepeatable: bool


def survey(paths: Sequence[str]) -> Survey:
    """Look over the inputs.

    The fingerprint of a file changes with its size and its time of change; that of a folder with the names of
    the files below it, and with size and time of those that hold many documents; that of S3 never.

    Args:
        paths: The inputs.
    """
    files = 0
    inputs = []
    for path in paths:
        if path == STDIN or path.startswith(S3):
            inputs.append((path, ""))
            continue
        digest = hashlib.sha256()
        here = Path(path)
        if os.path.isdir(path):  # noqa: PTH112 - pathlib raises what reading is to say of this input alone
            files += _folder(here, digest)
        else:
            files += 1
            digest.update(_state(here))
        inputs.append((os.path.abspath(path), digest.hexdigest()))  # noqa: PTH100 - links stay as they were given
    counted = not any(path == STDIN or path.startswith(S3) for path in paths)
    return Survey(files if counted else None, inputs, STDIN in paths)


def _folder(folder: Path, digest: hashlib._Hash) -> int:
    count = 0
    for prefix, unit in walk(folder, on_error=lambda problem: digest.update(problem.path.encode())):
        count += 1
        for name in unit.files:
            digest.update(os.fsencode(prefix + name) + b"\0")
        kind = kind_of(unit.first)
        if kind is not None and kind.many:
            digest.update(_state(folder / prefix / unit.first))
    return count


def _state(path: Path) -> bytes:
    try:
        found = path.stat()
    except OSError:
        return b"missing"
    return f"{found.st_size} {found.st_mtime_ns}\n".encode()
