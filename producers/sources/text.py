"""Text files: one document a file, or a page a file. Knows bytes and names, not where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producers.sources.found import SourceProblem, Trouble
from smartcat.wire_format.document import MAX_PAGES, from_fields
from smartcat.wire_format.errors import WireFormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.sources.files import SourceFile
    from smartcat.wire_format.document import Document


def read_text(name: str, files: Sequence[SourceFile], max_bytes: int) -> Document | SourceProblem:
    """Read a document of one text file, or of a file a page.

    Args:
        name: The id of the document.
        files: One file, in which form feeds end pages; or several, each of which is one page.
        max_bytes: The most bytes they may have together.

    Raises:
        OSError: A file cannot be read.
    """
    if len(files) > MAX_PAGES:
        message = f"{len(files)} pages, a document has at most {MAX_PAGES}"
        return SourceProblem(files[0].shown, None, message, Trouble.TOO_LARGE)
    pages: list[str] = []
    room = max_bytes
    for file in files:
        with file.open() as stream:
            data = stream.read(room + 1)
        if len(data) > room:
            return SourceProblem(file.shown, None, f"more than {max_bytes} bytes", Trouble.TOO_LARGE)
        room -= len(data)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            offset = error.start
        else:
            # Extractors end every page with a form feed, the last one too: that is no empty page behind it.
            pages += text.removesuffix("\f").split("\f")
            continue
        message = f"expected UTF-8, found an invalid byte at offset {offset}"
        return SourceProblem(file.shown, None, message, Trouble.NOT_UTF8)
    return document_of(files[0].shown, {"document_id": name, "pages": pages})


def document_of(shown: str, fields: dict[str, object], line: int | None = None) -> Document | SourceProblem:
    """Make a document of its fields, or a problem of what is wrong with them."""
    try:
        return from_fields(fields)
    except WireFormatError as error:
        return SourceProblem(shown, line, error.detail, error.reason)
