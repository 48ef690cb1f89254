"""PDFs with a text layer, by pypdf; only this file knows pypdf, and imports it with the first PDF.

Bounded are the bytes of the file, the pages, the bytes of text, and the time between pages; pypdf itself
bounds the decompressed streams of a page (75 MB each). A page that keeps pypdf busy cannot be interrupted.
"""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from producers.sources.formats.plain_text import make_document
from producers.sources.formats.read_result import ProblemCode, SourceProblem
from smartcat.distribution import install_command
from smartcat.wire_format.document import MAX_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pypdf import PdfReader

    from smartcat.wire_format.document import Document

MAX_PDF_BYTES: Final = 256 * 1024 * 1024
"""The most bytes of a PDF: scans with a text layer are large, and pypdf reads a file in place."""

MAX_SECONDS: Final = 60.0
"""Seconds after which no further page of a PDF is read."""


class _UnreadablePdfError(Exception):
    def __init__(self, message: str, reason: ProblemCode) -> None:
        super().__init__(message, reason)
        self.message = message
        self.reason = reason


def read_pdf(
    name: str, display_name: str, stream: IO[bytes], max_bytes: int, clock: Callable[[], float]
) -> Document | SourceProblem:
    """Read the text of a PDF, page by page.

    Args:
        name: The id of the document.
        display_name: The file's name in messages.
        stream: The file; must be able to seek.
        max_bytes: The most bytes of text in UTF-8.
        clock: Returns seconds of a steady clock.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        with _silenced():
            pages = _pages(stream, max_bytes, clock)
    except _UnreadablePdfError as error:
        return SourceProblem(display_name, None, error.message, error.reason)
    return make_document(display_name, {"document_id": name, "pages": pages})


def _pages(stream: IO[bytes], max_bytes: int, clock: Callable[[], float]) -> list[str]:
    try:
        from pypdf import PdfReader  # noqa: PLC0415 - an extra, and not quick to import
    except ModuleNotFoundError:
        message = f"PDFs are read with pypdf, which is not installed: {install_command('pdf')}"
        raise _UnreadablePdfError(message, ProblemCode.MISSING_LIBRARY) from None
    deadline = clock() + MAX_SECONDS
    try:
        reader = PdfReader(stream)
        _unlock(reader)
        count = len(reader.pages)
        if count > MAX_PAGES:
            message = f"{count} pages; a document has at most {MAX_PAGES}"
            raise _UnreadablePdfError(message, ProblemCode.TOO_LARGE)  # noqa: TRY301 - the reasons are told apart below
        pages = _texts(reader, count, max_bytes, lambda: clock() > deadline)
    except (_UnreadablePdfError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - "broken PDF files might cause other Exceptions", says pypdf
        name = type(error).__name__
    else:
        if any(page.strip() for page in pages):
            return pages
        message = f"no text on any of its {count} pages: a scan without a text layer needs OCR first"
        raise _UnreadablePdfError(message, ProblemCode.NO_TEXT)
    # Outside the handler: pypdf's own message may quote the page.
    raise _UnreadablePdfError(f"damaged, or not a PDF: {name}", ProblemCode.BAD_PDF)


def _unlock(reader: PdfReader) -> None:
    """Unlock a PDF that anybody may read: most locked PDFs have a password for changes, none for reading."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise _UnreadablePdfError("encrypted: it needs a password", ProblemCode.ENCRYPTED_PDF)


def _texts(reader: PdfReader, count: int, max_bytes: int, is_late: Callable[[], bool]) -> list[str]:
    pages: list[str] = []
    bytes_left = max_bytes
    for number in range(count):
        if is_late():
            message = f"page {number + 1} of {count} was not reached within {MAX_SECONDS:.0f} s"
            raise _UnreadablePdfError(message, ProblemCode.TOO_LARGE)
        # A wrong character table can give half surrogate pairs, which UTF-8 cannot hold.
        data = reader.pages[number].extract_text().encode("utf-16", "surrogatepass")
        text = data.decode("utf-16", "replace")
        bytes_left -= len(text.encode())
        if bytes_left < 0:
            raise _UnreadablePdfError(f"more than {max_bytes} bytes of text", ProblemCode.TOO_LARGE)
        pages.append(text)
    return pages


@contextmanager
def _silenced() -> Iterator[None]:
    """Silence pypdf meanwhile: its warnings may quote the page."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
