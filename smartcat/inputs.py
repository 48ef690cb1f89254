"""Documents from the paths a command was given; what could not be read is said at once and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producers.sources import SourceProblem, read_documents
from smartcat.console import err, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wire_format.document import Document


class InputError(ValueError):
    """An input cannot be read; the message names the file, the line and what was expected."""


class Skipped:
    """Inputs that were passed over. Said when they are met, so that a stopped command has said them, too."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, problem: str) -> None:
        """Say one and count it."""
        self.count += 1
        err.print(f"skipped: {visible(problem)}")


def readable_documents(paths: Sequence[str], skipped: Skipped, *, strict: bool) -> Iterator[Document]:
    """Give the documents that can be read, one at a time.

    Args:
        paths: files, folders, or "-" for standard input.
        skipped: gets each input that cannot be read.
        strict: stop at the first such input.

    Raises:
        InputError: with ``strict``, for the first input that cannot be read.
    """
    for found in read_documents(paths):
        if not isinstance(found, SourceProblem):
            yield found
        elif strict:
            raise InputError(str(found))
        else:
            skipped.add(str(found))
