from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from smartcat.training.corpus.labelled_documents import LabelledDocument, read_labelled
from smartcat.training.corpus.pages import by_page, join_pages
from smartcat.training.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path


def row(
    name: str | None, page: int, label: str = "x", split: str | None = None, *, corrected: bool = False
) -> LabelledDocument:
    """Give a row that is a page of a document, or a document of its own."""
    return LabelledDocument(
        f"{name}-{page}",
        label,
        (f"page {page} of {name}",),
        split,
        corrected=corrected,
        part_of=None if name is None else (name, page),
    )


def test_rows_of_one_document_become_its_pages() -> None:
    """In the order of their numbers, under the document's name, with its one label."""
    (joined,) = join_pages([row("a", 10), row("a", 2), row("a", 1)])
    assert joined == LabelledDocument("a", "x", ("page 1 of a", "page 2 of a", "page 10 of a"))


def test_pages_with_several_labels_keep_them() -> None:
    """The document's own label is that of its first page."""
    (joined,) = join_pages([row("a", 2, "y"), row("a", 1, "x")])
    assert (joined.label, joined.page_labels) == ("x", ("x", "y"))


def test_rows_that_are_no_page_of_anything_stay_as_they_are() -> None:
    """Whole documents and joined ones may be mixed, and neighbours without a name are not one document."""
    rows = [row(None, 1), row(None, 2), row("a", 1), row("b", 1), row("b", 2), row(None, 3)]
    joined = list(join_pages(rows))
    assert [document.document_id for document in joined] == ["None-1", "None-2", "a", "b", "None-3"]
    assert joined[0] is rows[0]
    assert [len(document.pages) for document in joined] == [1, 1, 1, 2, 1]


def test_a_correction_of_a_page_is_one_of_its_document() -> None:
    """One corrected page is enough; the split is that of all."""
    (joined,) = join_pages([row("a", 1, split="train"), row("a", 2, split="train", corrected=True)])
    assert (joined.corrected, joined.split, joined.part_of) == (True, "train", None)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("a", 1), row("b", 1), row("a", 2)], "document 'a': expected its pages to follow one another"),
        ([row("a", 1), row("a", 1, "y")], "document 'a': expected each page once"),
        ([row("a", 1, split="train"), row("a", 2, split="test")], "'a': expected all its pages in one split"),
    ],
)
def test_pages_that_cannot_be_joined_are_named(rows: list[LabelledDocument], expected: str) -> None:
    """Apart, twice, or on both sides of a split: one clear error each."""
    with pytest.raises(CorpusError, match=expected):
        list(join_pages(rows))


def test_rows_are_joined_as_they_are_read() -> None:
    """A document is given as soon as the next one begins; a corpus is never held whole."""
    taken: list[int] = []

    def rows() -> object:
        for number in range(100):
            taken.append(number)
            yield row(str(number // 2), number)

    joined = join_pages(rows())  # type: ignore[arg-type]
    next(joined)
    assert len(taken) <= 4


def test_documents_are_taken_apart_by_the_labels_of_their_pages() -> None:
    """CountedPages with labels become documents with names and numbers; all else stays whole."""
    scan = LabelledDocument("s", "x", ("one", "two"), "test", ("x", "y"))
    whole = LabelledDocument("w", "x", ("one", "two"))
    assert list(by_page([scan, whole])) == [
        LabelledDocument("s#1", "x", ("one",), "test"),
        LabelledDocument("s#2", "y", ("two",), "test"),
        whole,
    ]


def test_a_corpus_of_pages_is_joined_as_it_was_written(tmp_path: Path) -> None:
    """From lines with a document_id and a page to documents, by their ids, whatever "id" says."""
    lines = [
        {"id": "1", "document_id": "scan-1", "page": 1, "text": "one", "label": "x"},
        {"document_id": "scan-1", "page": 2, "text": "two", "label": "y"},
        {"id": "whole", "text": "three", "label": "y"},
    ]
    file = tmp_path / "corpus.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert list(join_pages(read_labelled(file))) == [
        LabelledDocument("scan-1", "x", ("one", "two"), page_labels=("x", "y")),
        LabelledDocument("whole", "y", ("three",)),
    ]
