"""Reading JSON lines, and the fields of a row that corpora and corrections share.

Strict: what JSON parsers disagree about is refused. No message holds a document's text.
"""

from __future__ import annotations

import gzip
import json
import zlib
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn, cast

from smartcat.classifier.format_limits import MAX_LABEL_CHARS
from smartcat.training.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_LINE_BYTES: Final = 64 * 2**20
_GZIP_MAGIC: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read JSON objects: one a line, UTF-8, gzip recognised by its first bytes, blank lines skipped.

    Args:
        path: The file.

    Yields:
        The number of the line, from 1, and the object.

    Raises:
        CorpusError: While iterating: the file cannot be read, or a line is not a JSON object.
    """
    for number, line in read_lines(path):
        yield number, read_object(line, f"{path}:{number}")


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Read the lines that are not blank, decompressed and without byte order marks.

    Args:
        path: The file.

    Yields:
        The number of the line, from 1, and its bytes.

    Raises:
        CorpusError: While iterating: the file cannot be read, or a line is longer than ``MAX_LINE_BYTES``.
    """
    number = 0
    try:
        with _opened(path) as stream:
            for number, line in enumerate(iter(partial(stream.readline, MAX_LINE_BYTES + 1), b""), start=1):
                if len(line) > MAX_LINE_BYTES:
                    raise CorpusError(f"{path}:{number}: expected lines of at most {MAX_LINE_BYTES} bytes")
                content = line.removeprefix(_BOM)
                if content.strip():
                    yield number, content
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise CorpusError(
            f"{path}:{number + 1}: expected whole gzip data, but it is damaged or cut"
        ) from None
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror or type(error).__name__})") from None


def read_object(line: bytes, where: str) -> dict[str, Any]:
    """Return the JSON object of a line.

    Args:
        line: Its bytes.
        where: File and line, for an error.

    Raises:
        CorpusError: It is not one, or JSON parsers would disagree about it.
    """
    text = decode_line(line, where)
    try:
        row = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        problem = f"{error.msg} at character {error.pos + 1}"
        raise CorpusError(f"{where}: expected a JSON object ({problem})") from None
    except _NotStrictError as error:
        raise CorpusError(f"{where}: expected a JSON object ({error})") from None
    except (ValueError, RecursionError):
        # A number of thousands of digits, or thousands of brackets.
        raise CorpusError(f"{where}: expected a JSON object, not one beyond all measure") from None
    if not isinstance(row, dict):
        raise CorpusError(f"{where}: expected a JSON object, not a {type(row).__name__}")
    return row


def decode_line(line: bytes, where: str) -> str:
    """Return the text of a line.

    Raises:
        CorpusError: It is not UTF-8.
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{where}: expected UTF-8, but byte {error.start + 1} of the line is not") from None


def read_id(row: Mapping[str, Any], where: str, otherwise: str | None = None) -> str:
    """Return the id: ``id``, or ``document_id``.

    Args:
        row: The fields.
        where: File and line, for an error.
        otherwise: The id of a row that has neither; ``None`` refuses such a row.

    Raises:
        CorpusError: It is missing, or not an id.
    """
    name = row.get("id", row.get("document_id", otherwise))
    if not isinstance(name, str) or not name or not _encodable(name):
        raise CorpusError(f"{where}: expected 'id' to be a text of whole characters that is not empty")
    return name


def read_label(row: Mapping[str, Any], where: str) -> str:
    """Return the label.

    Raises:
        CorpusError: It is missing, or not one that a model may have.
    """
    label = row.get("label")
    if label is None:
        raise CorpusError(f"{where}: expected a field 'label'")
    if not isinstance(label, str) or not label.strip():
        raise CorpusError(f"{where}: expected 'label' to be a text that is not blank")
    if len(label) > MAX_LABEL_CHARS or not label.isprintable():
        raise CorpusError(f"{where}: expected 'label' to be at most {MAX_LABEL_CHARS} printable characters")
    if label != label.strip():
        # It would be learned as another label than the same word without the space.
        raise CorpusError(f"{where}: expected 'label' without white space around it")
    return label


def read_pages(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """Return the texts of the pages: of ``pages``, or of ``text``, which is one page.

    Raises:
        CorpusError: Neither is present, or both, or something else than text.
    """
    if ("text" in row) == ("pages" in row):
        raise CorpusError(f"{where}: expected exactly one of the fields 'text' and 'pages'")
    field = "'text' to be a text" if "text" in row else "'pages' to be a list of texts that is not empty"
    pages = [row["text"]] if "text" in row else row["pages"]
    if not isinstance(pages, list) or not pages or not all(isinstance(page, str) for page in pages):
        raise CorpusError(f"{where}: expected {field}")
    if not all(_encodable(page) for page in pages):
        raise CorpusError(f"{where}: expected text of whole characters, but there is half a surrogate pair")
    return tuple(pages)


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as probe:
        packed = probe.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")


class _NotStrictError(ValueError):
    """JSON that parsers disagree about; the message holds nothing of the input."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise _NotStrictError("a name occurs twice in one object")
    return row


def _refuse_constant(_: str) -> NoReturn:
    raise _NotStrictError("NaN and Infinity are not JSON")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
