"""Reading labelled documents from JSON lines. Streams; knows nothing of features, so it imports fast.

``producers.sources`` reads the same files without their labels, and must give the same ids and pages:
tests/contract/test_same_text_same_label.py holds the two together, for neither may import the other.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn, cast

from classifier.limits import MAX_LABEL_CHARS
from training.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINE_BYTES: Final = 64 * 2**20
_GZIP_MAGIC: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A document and what somebody said it is.

    Attributes:
        document_id: Its name; may repeat.
        label: What it is.
        pages: The texts of its pages, at least one; each may be blank.
        split: The part of the corpus it belongs to (``train``, ``test``), where the corpus says so.
    """

    document_id: str
    label: str
    pages: tuple[str, ...]
    split: str | None = None


def read_labelled(path: Path, *, split: str | None = None) -> Iterator[LabelledDocument]:
    """Read a corpus: one JSON object a line, UTF-8, gzip recognised by its first bytes.

    Each object has ``label``, exactly one of ``text`` and ``pages``, and optionally ``split`` and ``id`` or
    ``document_id`` (``id`` wins; without either, the line number names the document). Other fields are
    ignored, blank lines too. A field that is null is there, and is wrong.

    Args:
        path: The file.
        split: Give only documents of this split; ``None`` for all.

    Yields:
        The documents in the order of the file.

    Raises:
        CorpusError: While iterating: the file cannot be read, a line is not as described, there is no
            document at all, or none of the split asked for.
    """
    seen: set[str] = set()
    empty = True
    for number, line in _lines(path):
        document = _document(line, f"{path}:{number}", number)
        empty = False
        if document.split is not None:
            seen.add(document.split)
        if split is None or document.split == split:
            yield document
    if empty:
        raise CorpusError(f"{path}: holds no document; expected one JSON object a line")
    if split is not None and split not in seen:
        found = ", ".join(sorted(seen)) or "none"
        raise CorpusError(f"{path}: no document has the split {split!r}; splits in the file: {found}")


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Give the file's lines that are not blank, with their numbers from 1."""
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


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as probe:
        packed = probe.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")


def _document(line: bytes, where: str, number: int) -> LabelledDocument:
    row = _json_object(line, where)
    split = row.get("split")
    if split is not None and not isinstance(split, str):
        raise CorpusError(f"{where}: expected 'split' to be a text")
    return LabelledDocument(
        document_id=_document_id(row, where, number),
        label=_label(row, where),
        pages=_pages(row, where),
        split=split,
    )


def _document_id(row: dict[str, Any], where: str, number: int) -> str:
    name = row.get("id", row.get("document_id", f"line-{number}"))
    if not isinstance(name, str) or not name or not _encodable(name):
        raise CorpusError(f"{where}: expected 'id' to be a text of whole characters that is not empty")
    return name


def _json_object(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise CorpusError(f"{where}: expected UTF-8, but byte {error.start + 1} of the line is not") from None
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


class _NotStrictError(ValueError):
    """JSON that readers disagree about; the message holds nothing of the input."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise _NotStrictError("a name occurs twice in one object")
    return row


def _refuse_constant(_: str) -> NoReturn:
    raise _NotStrictError("NaN and Infinity are not JSON")


def _label(row: dict[str, Any], where: str) -> str:
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


def _pages(row: dict[str, Any], where: str) -> tuple[str, ...]:
    if ("text" in row) == ("pages" in row):
        raise CorpusError(f"{where}: expected exactly one of the fields 'text' and 'pages'")
    field = "'text' to be a text" if "text" in row else "'pages' to be a list of texts that is not empty"
    pages = [row["text"]] if "text" in row else row["pages"]
    if not isinstance(pages, list) or not pages or not all(isinstance(page, str) for page in pages):
        raise CorpusError(f"{where}: expected {field}")
    if not all(_encodable(page) for page in pages):
        raise CorpusError(f"{where}: expected text of whole characters, but there is half a surrogate pair")
    return tuple(pages)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
