"""Joining rows that are pages to documents, and splitting documents that are labelled page by page."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from smartcat.training.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smartcat.training.corpus.labelled_documents import LabelledDocument


def join_pages(documents: Iterable[LabelledDocument]) -> Iterator[LabelledDocument]:
    """Join the rows that are pages of one document.

    Rows of one document follow one another; its pages are put in the order of their numbers. Where all have
    one label it is the document's, else each page keeps its own. A row that is not a page of
    a document stays a document.

    Args:
        documents: Rows of a corpus, see :func:`smartcat.training.corpus.labelled_documents.read_labelled`.

    Yields:
        The documents.

    Raises:
        CorpusError: Rows of one document do not follow one another, are in several splits, or have the same
            page twice.
    """
    seen: set[str] = set()
    for name, rows in groupby(documents, key=lambda row: row.part_of[0] if row.part_of else None):
        if name is None:
            yield from rows
            continue
        if name in seen:
            raise CorpusError(f"document {name!r}: expected its pages to follow one another in the corpus")
        seen.add(name)
        yield _joined(name, list(rows))


def _joined(name: str, rows: list[LabelledDocument]) -> LabelledDocument:
    rows.sort(key=lambda row: row.part_of or ("", 0))
    if len({row.part_of for row in rows}) < len(rows):
        raise CorpusError(f"document {name!r}: expected each page once")
    if len({row.split for row in rows}) > 1:
        raise CorpusError(f"document {name!r}: expected all its pages in one split")
    labels = tuple(row.label for row in rows)
    return replace(
        rows[0],
        document_id=name,
        pages=tuple(page for row in rows for page in row.pages),
        page_labels=labels if len(set(labels)) > 1 else None,
        corrected=any(row.corrected for row in rows),
        part_of=None,
    )


def by_page(documents: Iterable[LabelledDocument]) -> Iterator[LabelledDocument]:
    """Split the documents whose pages have labels of their own; all others stay whole.

    Yields:
        Documents with one label each. A page is named ``document_id#number``, from 1.
    """
    for document in documents:
        if document.page_labels is None:
            yield document
            continue
        pages = zip(document.pages, document.page_labels, strict=True)
        for number, (page, label) in enumerate(pages, start=1):
            yield replace(
                document,
                document_id=f"{document.document_id}#{number}",
                label=label,
                pages=(page,),
                page_labels=None,
            )
