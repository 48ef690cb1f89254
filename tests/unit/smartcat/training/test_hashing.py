from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.corpus import chunks
from smartcat.training.corpus.fingerprint import Fingerprint
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.hashing import examples_of, hash_documents

if TYPE_CHECKING:
    import pytest

SPEC = FeatureSpec(n_features=2**6)
WORDS = FeaturePart()


def test_a_chunk_holds_whole_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk ends with the document that fills it, and names pages, units and documents by their places."""
    monkeypatch.setattr(chunks, "_PAGES", 2)
    documents = [
        LabelledDocument("a", "x", ("one two",)),
        LabelledDocument("b", "y", ("three", "", "four"), page_labels=("y", "z", "x")),
        LabelledDocument("c", "x", ("five",)),
    ]
    first, last = hash_documents(documents, SPEC, (WORDS,))
    assert first.labels == ("x", "y", "z", "x")
    assert first.examples.tolist() == [0, 1, 3]
    assert first.groups.tolist() == [0, 1, 1, 1]
    assert first.texts == ("one two", "three", "four")
    assert first.counts[WORDS].shape == (3, 64)
    assert first.blank_pages == 1
    assert (last.labels, last.texts, last.groups.tolist()) == (("x",), ("five",), [0])


def test_blank_ends_of_documents_of_several_pages_are_counted() -> None:
    """A blank first page tells something of stacks, unless it is all there is."""
    documents = [
        LabelledDocument("a", "x", ("", "word", "!")),
        LabelledDocument("b", "x", ("",)),
        LabelledDocument("c", "x", ("word", "")),
    ]
    (chunk,) = hash_documents(documents, SPEC, (WORDS,))
    assert (chunk.blank_pages, chunk.blank_first, chunk.blank_last) == (4, 1, 2)


def test_a_unit_is_what_has_a_label() -> None:
    """CountedPages with labels of their own are units each, other documents are units whole."""
    document = LabelledDocument("a", "x", ("one", "two"))
    assert examples_of(document) == [("x", ("one", "two"))]
    apart = replace(document, page_labels=("x", "y"))
    assert examples_of(apart) == [("x", ("one",)), ("y", ("two",))]


def test_a_fingerprint_tells_every_part_apart() -> None:
    """Id, labels, pages and where one text ends and the next begins: each changes the fingerprint."""
    base = LabelledDocument("a", "x", ("one", "two"))
    others = [
        replace(base, document_id="b"),
        replace(base, label="y"),
        replace(base, page_labels=("x", "y")),
        replace(base, pages=("onet", "wo")),
        replace(base, pages=("two", "one")),
    ]
    found = set()
    for document in (base, *others):
        fingerprint = Fingerprint()
        fingerprint.add(document)
        found.add(fingerprint.hexdigest())
    assert len(found) == len(others) + 1
