"""What reading yields: documents, problems, and the position after each. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartcat.wire_format.document import Document


class ProblemCode(StrEnum):
    """Why an input gave no document: stable names by which problems are counted."""

    BAD_CSV = "bad_csv"
    BAD_GZIP = "bad_gzip"
    BAD_PAGES = "bad_pages"
    BAD_PDF = "bad_pdf"
    DUPLICATE_ID = "duplicate_id"
    ENCRYPTED_PDF = "encrypted_pdf"
    INVALID_DOCUMENT = "invalid_document"
    LINK_OUTSIDE = "link_outside"
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
        path: The file, folder or object, as it was given or listed; ``<stdin>`` for standard input.
        line: The line in a file of many documents, from 1; None if the whole file is meant.
        message: What was wrong and what was expected; no page text.
        reason: A ``ProblemCode``, or the reason of a ``WireFormatError``: one of a small fixed set.
    """

    path: str
    line: int | None
    message: str
    reason: str = ProblemCode.INVALID_DOCUMENT

    def __str__(self) -> str:
        """Return the problem in one line, in the form of compilers."""
        return (
            f"{self.path}: {self.message}"
            if self.line is None
            else f"{self.path}:{self.line}: {self.message}"
        )


@dataclass(frozen=True, slots=True)
class Position:
    """A position in the inputs: just after what was read last.

    Attributes:
        input: Index of the input, from 0.
        file: The file below the input, with "/" between folders; the first of its files for a document of
            several; "" if the input itself is the file.
        line: Lines read of that file; 0 for a file of one document.
        offset: Bytes read of that file, after decompression; 0 for a file of one document.
    """

    input: int
    file: str = ""
    line: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ReadResult:
    """One document or problem.

    Attributes:
        position: Where reading resumes after it.
        content: The document, or why there is none.
        files: Files done so far, including the fraction of the one that is being read.
    """

    position: Position
    content: Document | SourceProblem
    files: float


@dataclass(frozen=True, slots=True)
class LineResult:
    """What a line or a row gave, and how much of the file was read.

    Attributes:
        content: The document, or why there is none.
        line: Lines read of the file.
        offset: Bytes read of the file, after decompression.
    """

    content: Document | SourceProblem
    line: int = 0
    offset: int = 0
