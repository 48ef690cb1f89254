"""Reading labelled documents from JSON lines, as a stream. Knows no features, so it imports fast.

``producers.sources`` reads the same files without their labels, and must give the same ids and pages:
tests/contract/test_same_text_same_label.py holds the two together, for neither may import the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from smartcat.training.corpus.json_lines import read_id, read_label, read_pages, read_rows
from smartcat.training.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A document with its label.

    Attributes:
        document_id: Its id; may repeat.
        label: Its label.
        pages: The texts of its pages, at least one; each may be blank.
        split: The part of the corpus it belongs to (``train``, ``test``), if the row names one.
        page_labels: The label of each page, where pages have labels of their own; ``label`` is the first.
        corrected: Whether the label is a correction.
        part_of: The document that this is a page of, and the page's number, if the row names them.
    """

    document_id: str
    label: str
    pages: tuple[str, ...]
    split: str | None = None
    page_labels: tuple[str, ...] | None = None
    corrected: bool = False
    part_of: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class UnlabelledDocument:
    """A document of a corpus without a label.

    Attributes:
        document_id: Its id; may repeat.
        pages: As in :class:`LabelledDocument`.
        split: As in :class:`LabelledDocument`.
    """

    document_id: str
    pages: tuple[str, ...]
    split: str | None = None


AnyDocument = TypeVar("AnyDocument", LabelledDocument, LabelledDocument | UnlabelledDocument)


def read_labelled(path: Path, *, split: str | None = None) -> Iterator[LabelledDocument]:
    """Read a corpus: one JSON object a line, UTF-8, gzip recognised by its first bytes.

    Each object has ``label``, exactly one of ``text`` and ``pages``, and optionally ``split`` and ``id`` or
    ``document_id`` (``id`` wins; without either, the line number names the document). With ``pages`` it may
    have ``labels``, one a page, instead of ``label``. A ``document_id`` beside a whole number ``page`` says
    which page of which document a text is: see :func:`smartcat.training.corpus.pages.join_pages`. Other
    fields and blank lines are ignored. A field that is null is present, and is wrong.

    Args:
        path: The file.
        split: Yield only documents of this split; ``None`` for all.

    Yields:
        The documents in the order of the file.

    Raises:
        CorpusError: While iterating: the file cannot be read, a line is not as described, there is no
            document at all, or none of the split asked for.
    """
    for document in _documents(path, split, _labelled):
        if split is None or document.split == split:
            yield document


def read_partly_labelled(
    path: Path, *, split: str | None = None
) -> Iterator[LabelledDocument | UnlabelledDocument]:
    """Read a corpus in which labels may be missing, with the documents of every split.

    Args:
        path: The file.
        split: A split that must be in it; ``None`` for none.

    Yields:
        The documents in the order of the file.

    Raises:
        CorpusError: As :func:`read_labelled`, but for a label that is missing. One that is null is wrong.
    """
    yield from _documents(path, split, _partly_labelled)


def _documents(
    path: Path, split: str | None, make: Callable[[dict[str, Any], str, int], AnyDocument]
) -> Iterator[AnyDocument]:
    seen: set[str] = set()
    empty = True
    for number, row in read_rows(path):
        document = make(row, f"{path}:{number}", number)
        empty = False
        if document.split is not None:
            seen.add(document.split)
        yield document
    if empty:
        raise CorpusError(f"{path}: holds no document; expected one JSON object a line")
    if split is not None and split not in seen:
        splits = ", ".join(sorted(seen)) or "none"
        raise CorpusError(f"{path}: no document has the split {split!r}; splits in the file: {splits}")


def _labelled(row: dict[str, Any], where: str, number: int) -> LabelledDocument:
    pages = read_pages(row, where)
    page_labels = _page_labels(row, where, len(pages))
    return LabelledDocument(
        split=_split(row, where),
        document_id=read_id(row, where, f"line-{number}"),
        label=read_label(row, where) if page_labels is None else page_labels[0],
        pages=pages,
        page_labels=page_labels,
        part_of=_part_of(row),
    )


def _partly_labelled(row: dict[str, Any], where: str, number: int) -> LabelledDocument | UnlabelledDocument:
    if "label" in row or "labels" in row:
        return _labelled(row, where, number)
    return UnlabelledDocument(
        split=_split(row, where),
        document_id=read_id(row, where, f"line-{number}"),
        pages=read_pages(row, where),
    )


def _part_of(row: dict[str, Any]) -> tuple[str, int] | None:
    document, page = row.get("document_id"), row.get("page")
    # True is an int to Python.
    if "text" in row and isinstance(document, str) and type(page) is int:
        return document, page
    return None


def _page_labels(row: dict[str, Any], where: str, pages: int) -> tuple[str, ...] | None:
    if "labels" not in row:
        return None
    labels = row["labels"]
    if "label" in row or "pages" not in row or not isinstance(labels, list) or len(labels) != pages:
        raise CorpusError(
            f"{where}: expected 'labels' to be a list beside 'pages', one a page, without 'label'"
        )
    return tuple(read_label({"label": label}, where) for label in labels)


def _split(row: dict[str, Any], where: str) -> str | None:
    split = row.get("split")
    if split is not None and not isinstance(split, str):
        raise CorpusError(f"{where}: expected 'split' to be a text")
    return split
