"""Reads documents from the paths of a command; reports and counts the inputs that cannot be read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from producers.sources import SourceProblem, read_documents
from smartcat.cli.console import err, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smartcat.wire_format.document import Document

#: Skipped inputs that are named one by one; the rest is counted by reason.
NAMED_PROBLEMS = 20


class InputError(ValueError):
    """An input cannot be read; the message names the file, the line and what was expected."""


class Skipped:
    """Inputs that were skipped. The first are printed at once, so that a stopped command has named them, too.

    Attributes:
        reasons: Number of skipped inputs by reason.
    """

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()
        self._unnamed: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """Number of skipped inputs."""
        return self.reasons.total()

    def add(self, problem: str, reason: str) -> None:
        """Count a skipped input, and print it if it is among the first."""
        self.reasons[reason] += 1
        if self.count <= NAMED_PROBLEMS:
            err.print(f"skipped: {visible(problem)}")
        else:
            self._unnamed[reason] += 1

    def print_rest(self) -> None:
        """Print the number of skipped inputs that were not named."""
        for reason, count in self._unnamed.most_common():
            err.print(f"skipped: {count} more: {reason}")


def readable_documents(paths: Sequence[str], skipped: Skipped, *, strict: bool) -> Iterator[Document]:
    """Yield the documents that can be read.

    Args:
        paths: Files, folders, S3 prefixes, or "-" for standard input.
        skipped: Collects the inputs that cannot be read.
        strict: Raise for the first such input.

    Raises:
        InputError: With ``strict``, an input cannot be read.
    """
    for found in read_documents(paths):
        if isinstance(found, SourceProblem):
            skip_input(found, skipped, strict=strict)
        else:
            yield found


def skip_input(problem: SourceProblem, skipped: Skipped, *, strict: bool) -> None:
    """Count an input that holds no document as skipped.

    Raises:
        InputError: With ``strict``.
    """
    if strict:
        raise InputError(str(problem))
    skipped.add(str(problem), problem.reason)
