"""Documents from the paths a command was given, with what could not be read put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producers.sources import SourceProblem, read_documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wire_format.document import Document


class InputError(ValueError):
    """An input cannot be read; the message names the file, the line and what was expected."""


def readable_documents(paths: Sequence[str], problems: list[str], *, strict: bool) -> Iterator[Document]:
    """Give the documents that can be read, one at a time.

    Args:
        paths: files, folders, or "-" for standard input.
        problems: gets one line for each input that cannot be read.
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
            problems.append(str(found))
