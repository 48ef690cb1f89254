"""Text files: one document or one page per file. Knows bytes and names, not where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producers.sources.formats.read_result import ProblemCode, SourceProblem
from smartcat.wire_format.document import MAX_PAGES, from_fields
from smartcat.wire_format.errors import WireFormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.sources.formats.source_file import SourceFile
    from smartcat.wire_format.document import Document


def read_text(name: str, files: Sequence[SourceFile], max_bytes: int) -> Document | SourceProblem:
    """Read a document of one text file, or of one file per page.

    Args:
        name: The id of the document.
        files: One file, in which form feeds end pages; or several, each of which is one page.
        max_bytes: The most bytes they may have together.

    Raises:
        OSError: A file cannot be read.
    """
    if len(files) > MAX_PAGES:
        message = f"{len(files)} pages; a document has at most {MAX_PAGES}"
        return SourceProblem(files[0].display_name, None, message, ProblemCode.TOO_LARGE)
    pages: list[str] = []
    bytes_left = max_bytes
    for file in files:
        with file.open() as stream:
            data = stream.read(bytes_left + 1)
        if len(data) > bytes_left:
            message = f"more than {max_bytes} bytes"
            return SourceProblem(file.display_name, None, message, ProblemCode.TOO_LARGE)
        bytes_left -= len(data)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            offset = error.start
        else:
            # Extractors end every page with a form feed, the last one too: no empty page follows it.
            text = text.removesuffix("\f")
            if (count := len(pages) + text.count("\f") + 1) > MAX_PAGES:
                message = f"{count} pages; a document has at most {MAX_PAGES}"
                return SourceProblem(file.display_name, None, message, ProblemCode.TOO_LARGE)
            pages += text.split("\f")
            continue
        message = f"expected UTF-8, found an invalid byte at offset {offset}"
        return SourceProblem(file.display_name, None, message, ProblemCode.NOT_UTF8)
    return make_document(files[0].display_name, {"document_id": name, "pages": pages})


def make_document(
    display_name: str, fields: dict[str, object], line: int | None = None
) -> Document | SourceProblem:
    """Return the document with these fields, or the problem with them."""
    try:
        return from_fields(fields)
    except WireFormatError as error:
        return SourceProblem(display_name, line, error.detail, error.reason)
