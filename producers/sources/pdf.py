"""PDFs with a text layer, by pypdf, which only this file knows and only imports when a PDF is met.

What is bounded: bytes of the file, pages, bytes of text, and the time between pages; what a page's streams
unpack to is bounded by pypdf itself (75 MB a stream). A page that keeps pypdf busy cannot be interrupted.
"""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from producers.sources.found import SourceProblem, Trouble
from producers.sources.text import document_of
from smartcat.distribution import install_command
from smartcat.wire_format.document import MAX_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pypdf import PdfReader

    from smartcat.wire_format.document import Document

MAX_PDF_BYTES: Final = 256 * 1024 * 1024
"""Bytes of a PDF that is opened: scans with a text layer are large, and pypdf reads a file where it is."""

MAX_SECONDS: Final = 60.0
"""Seconds after which no further page of a PDF is read."""


class _RefusedError(Exception):
    def __init__(self, message: str, reason: Trouble) -> None:
        super().__init__(message, reason)
        self.message = message
        self.reason = reason


def read_pdf(
    name: str, shown: str, stream: IO[bytes], max_bytes: int, clock: Callable[[], float]
) -> Document | SourceProblem:
    """Read the text of a PDF, page by page.

    Args:
        name: The id of the document.
        shown: The name for people.
        stream: The file, which can be searched.
        max_bytes: The most bytes of text in UTF-8.
        clock: Gives seconds, from any beginning.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        with _silence():
            pages = _pages(stream, max_bytes, clock)
    except _RefusedError as refused:
        return SourceProblem(shown, None, refused.message, refused.reason)
    return document_of(shown, {"document_id": name, "pages": pages})


def _pages(stream: IO[bytes], max_bytes: int, clock: Callable[[], float]) -> list[str]:
    try:
        from pypdf import PdfReader  # noqa: PLC0415 - an extra, and not quick to import
    except ModuleNotFoundError:
        message = f"PDFs are read with pypdf, which is not installed: {install_command('pdf')}"
        raise _RefusedError(message, Trouble.MISSING_LIBRARY) from None
    deadline = clock() + MAX_SECONDS
    try:
        reader = PdfReader(stream)
        _unlock(reader)
        count = len(reader.pages)
        if count > MAX_PAGES:
            message = f"{count} pages, a document has at most {MAX_PAGES}"
            raise _RefusedError(message, Trouble.TOO_LARGE)  # noqa: TRY301 - the reasons are told apart below
        pages = _texts(reader, count, max_bytes, lambda: clock() > deadline)
    except (_RefusedError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - "broken PDF files might cause other Exceptions", says pypdf
        name = type(error).__name__
    else:
        if any(page.strip() for page in pages):
            return pages
        message = f"no text on any of its {count} pages: a scan without a text layer needs OCR first"
        raise _RefusedError(message, Trouble.NO_TEXT)
    # Outside the handler: pypdf's own message may carry parts of the page.
    raise _RefusedError(f"damaged, or no PDF: {name}", Trouble.BAD_PDF)


def _unlock(reader: PdfReader) -> None:
    """Open what everybody may open: most locked PDFs have a password for changing, and none for reading."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise _RefusedError("encrypted: it needs a password", Trouble.ENCRYPTED_PDF)


def _texts(reader: PdfReader, count: int, max_bytes: int, late: Callable[[], bool]) -> list[str]:
    pages: list[str] = []
    room = max_bytes
    for number in range(count):
        if late():
            message = f"page {number + 1} of {count} was not reached within {MAX_SECONDS:.0f} s"
            raise _RefusedError(message, Trouble.TOO_LARGE)
        # A wrong table of characters can give halves of characters, which no UTF-8 holds.
        data = reader.pages[number].extract_text().encode("utf-16", "surrogatepass")
        text = data.decode("utf-16", "replace")
        room -= len(text.encode())
        if room < 0:
            raise _RefusedError(f"more than {max_bytes} bytes of text", Trouble.TOO_LARGE)
        pages.append(text)
    return pages


@contextmanager
def _silence() -> Iterator[None]:
    """Keep pypdf from saying anything meanwhile: its warnings may quote the page."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
