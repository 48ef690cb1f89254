"""What reading gives: documents, problems, and the position behind each. Plain data; reads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartcat.wire_format.document import Document


class Trouble(StrEnum):
    """Why an input gave no document: stable names by which problems are counted."""

    BAD_CSV = "bad_csv"
    BAD_GZIP = "bad_gzip"
    BAD_PAGES = "bad_pages"
    BAD_PDF = "bad_pdf"
    DUPLICATE_ID = "duplicate_id"
    ENCRYPTED_PDF = "encrypted_pdf"
    INVALID_DOCUMENT = "invalid_document"
    MISSING_LIBRARY = "missing_library"
    NOT_FOUND = "not_found"
    NOT_UTF8 = "bad_utf8"
    NO_DOCUMENTS = "no_documents"
    NO_TEXT = "no_text"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    WRONG_KIND = "wrong_kind"


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """An input that gave no document.

    Attributes:
        path: The file, folder or object as it was given or found; ``<stdin>`` for standard input.
        line: The line of a file of many documents, from 1; None where the whole file is meant.
        message: What was wrong and what was expected; no page text.
        reason: A ``Trouble``, or the reason of a ``WireFormatError``; of a small fixed number.
    """

    path: str
    line: int | None
    message: str
    reason: str = Trouble.INVALID_DOCUMENT

    def __str__(self) -> str:
        """Give the whole problem in one line, as compilers do."""
        return (
            f"{self.path}: {self.message}"
            if self.line is None
            else f"{self.path}:{self.line}: {self.message}"
        )


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the inputs: just behind what was read last.

    Attributes:
        input: Which of the inputs, from 0.
        file: The file below the input, "/" between folders; the first of its files for a document of several;
            "" where the input itself is the file.
        line: Lines of that file that were read; 0 for a file of one document.
        offset: Bytes of that file that were read, after decompression; 0 for a file of one document.
    """

    input: int
    file: str = ""
    line: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that reading came upon.

    Attributes:
        position: Where reading goes on behind it.
        content: The document, or why there is none.
        files: Files done so far, with the fraction of the one that is being read.
    """

    position: Position
    content: Document | SourceProblem
    files: float
