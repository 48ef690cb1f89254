"""Documents from the paths a command was given; what could not be read is said at once and counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from producers.sources import SourceProblem, read_documents
from smartcat.cli.console import err, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smartcat.wire_format.document import Document

#: Inputs that are named one by one; what comes after them is counted by its reason.
NAMED_PROBLEMS = 20


class InputError(ValueError):
    """An input cannot be read; the message names the file, the line and what was expected."""


class Skipped:
    """Inputs that were passed over. The first are said when they are met, so that a stopped command has, too.

    Attributes:
        reasons: How many there were of each reason.
    """

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()
        self._unnamed: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many there were."""
        return self.reasons.total()

    def add(self, problem: str, reason: str) -> None:
        """Count one, and say it if it is among the first."""
        self.reasons[reason] += 1
        if self.count <= NAMED_PROBLEMS:
            err.print(f"skipped: {visible(problem)}")
        else:
            self._unnamed[reason] += 1

    def say_rest(self) -> None:
        """Say how many there were that were not named."""
        for reason, count in self._unnamed.most_common():
            err.print(f"skipped: {count} more: {reason}")


def readable_documents(paths: Sequence[str], skipped: Skipped, *, strict: bool) -> Iterator[Document]:
    """Give the documents that can be read, one at a time.

    Args:
        paths: files, folders, S3 prefixes, or "-" for standard input.
        skipped: gets each input that cannot be read.
        strict: stop at the first such input.

    Raises:
        InputError: with ``strict``, for the first input that cannot be read.
    """
    for found in read_documents(paths):
        if isinstance(found, SourceProblem):
            pass_over(found, skipped, strict=strict)
        else:
            yield found


def pass_over(problem: SourceProblem, skipped: Skipped, *, strict: bool) -> None:
    """Pass over an input that gave no document.

    Raises:
        InputError: with ``strict``.
    """
    if strict:
        raise InputError(str(problem))
    skipped.add(str(problem), problem.reason)
