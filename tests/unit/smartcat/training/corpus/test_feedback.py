from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.training.corpus.corrections import Correction
from smartcat.training.corpus.feedback import FeedbackCounts, apply_feedback, read_with_feedback
from smartcat.training.corpus.labelled_documents import LabelledDocument, UnlabelledDocument
from smartcat.training.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    Document = LabelledDocument | UnlabelledDocument


def learned(
    documents: Iterable[Document], *corrections: Correction, split: str | None = None
) -> tuple[list[LabelledDocument], FeedbackCounts]:
    """Apply corrections."""
    counts = FeedbackCounts()
    return list(apply_feedback(documents, corrections, counts, split=split)), counts


A = LabelledDocument("a", "letter", ("text of a",))
B = LabelledDocument("b", "letter", ("text of b",))
C = UnlabelledDocument("c", ("text of c",))


def corrected(name: str, label: str, pages: tuple[str, ...], split: str | None = None) -> LabelledDocument:
    """A document whose label somebody gave."""
    return LabelledDocument(name, label, pages, split, corrected=True)


def test_a_correction_replaces_the_label_and_nothing_else() -> None:
    """The order stays, and so do the texts; the last correction of a document holds."""
    found, counts = learned([A, B], Correction("b", "payslip"), Correction("b", "contract"))
    assert found == [A, corrected("b", "contract", B.pages)]
    assert (counts.corrected, counts.changed) == (1, 1)


def test_a_confirmation_is_counted_and_changes_nothing() -> None:
    """Somebody looked, and the label was right."""
    found, counts = learned([A], Correction("a", "letter"))
    assert found == [corrected("a", "letter", A.pages)]
    assert (counts.corrected, counts.changed) == (1, 0)


def test_a_document_without_a_label_is_learned_once_somebody_says_what_it_is() -> None:
    """Others of its kind are passed over and counted."""
    found, counts = learned([A, C, UnlabelledDocument("d", ("text",))], Correction("c", "payslip"))
    assert found == [A, corrected("c", "payslip", C.pages)]
    assert (counts.corrected, counts.changed, counts.unlabelled) == (1, 1, 1)


def test_every_document_of_an_id_is_corrected() -> None:
    """Ids may repeat."""
    found, counts = learned([A, A], Correction("a", "payslip"))
    assert [document.label for document in found] == ["payslip", "payslip"]
    assert counts.corrected == 2


def test_a_correction_with_text_is_a_document_of_its_own() -> None:
    """It takes the place of the corpus's document, once, or comes behind all others."""
    corrections = (Correction("x", "payslip", pages=("mine",)), Correction("a", "contract", pages=("new",)))
    found, counts = learned([A, B, A], *corrections)
    assert found == [
        corrected("a", "contract", ("new",)),
        B,
        corrected("x", "payslip", ("mine",)),
    ]
    assert (counts.corrected, counts.added, counts.unmatched) == (1, 1, [])


def test_corrections_of_unknown_documents_are_named() -> None:
    """A few of them, and how many more there are."""
    _, counts = learned([A], *(Correction(f"x-{number}", "payslip") for number in range(7)))
    assert len(counts.unmatched) == 7
    assert list(counts.notes()) == [
        "No document in the corpus for the corrections of: x-0, x-1, x-2, x-3, x-4 and 2 more."
    ]


def test_nothing_is_said_where_nothing_was_done() -> None:
    """Without corrections there are no notes."""
    found, counts = learned([A, B])
    assert found == [A, B]
    assert list(counts.notes()) == []


def test_a_document_of_another_split_is_neither_learned_nor_missing() -> None:
    """A correction must not bring the documents that the model is tested on into training."""
    test = LabelledDocument("t", "letter", ("held out",), "test")
    train = LabelledDocument("a", "letter", ("text",), "train")
    corrections = (
        Correction("t", "payslip", pages=("held out",)),
        Correction("a", "payslip"),
        Correction("new", "contract", pages=("mine",)),
    )
    found, counts = learned([test, train], *corrections, split="train")
    assert found == [
        corrected("a", "payslip", ("text",), "train"),
        corrected("new", "contract", ("mine",)),
    ]
    assert (counts.corrected, counts.added, counts.unmatched) == (1, 1, [])


def test_a_text_for_an_id_of_both_splits_stands_in_for_the_one_of_ours() -> None:
    """The one of the other split was not given, and so was not replaced."""
    documents = [LabelledDocument("a", "letter", ("old",), split) for split in ("test", "train")]
    found, _ = learned(documents, Correction("a", "payslip", pages=("new",)), split="train")
    assert found == [corrected("a", "payslip", ("new",), "train")]


IDS = st.sampled_from("abcd")
LABELS = st.sampled_from("xyz")
PAGES = st.sampled_from([("one",), ("one", "two")])
SPLITS = st.sampled_from([None, "train", "test"])
DOCUMENTS = st.lists(
    st.builds(LabelledDocument, IDS, LABELS, PAGES, SPLITS)
    | st.builds(UnlabelledDocument, IDS, PAGES, SPLITS),
    max_size=8,
)
CORRECTIONS = st.lists(
    st.builds(
        lambda name, label, pages: Correction(name, label, pages=pages), IDS, LABELS, st.none() | PAGES
    ),
    max_size=6,
)


@given(DOCUMENTS, CORRECTIONS, SPLITS)
def test_every_correction_holds_and_is_counted_once(
    documents: list[Document], corrections: list[Correction], split: str | None
) -> None:
    """What is learned has the last label said of it; each correction was used, is named, or is elsewhere."""
    found, counts = learned(documents, *corrections, split=split)
    said = {each.document_id: each for each in corrections}
    for document in found:
        if correction := said.get(document.document_id):
            assert document.label == correction.label
            assert correction.pages in {None, document.pages}
    assert all(split is None or each.split in {split, None} for each in found)
    in_corpus = {document.document_id for document in documents}
    assert {*counts.unmatched} == {n for n, each in said.items() if n not in in_corpus and not each.pages}
    assert counts.added == sum(n not in in_corpus and bool(each.pages) for n, each in said.items())
    ours = [each for each in documents if split is None or each.split == split]
    plain = [each for each in ours if each.document_id not in said and isinstance(each, LabelledDocument)]
    assert len(found) == len(plain) + counts.corrected + counts.added
    left = [e for e in ours if e.document_id not in said and isinstance(e, UnlabelledDocument)]
    assert counts.unlabelled == len(left)


def files(tmp_path: Path, rows: list[dict[str, Any]], corrections: list[dict[str, Any]]) -> tuple[Path, Path]:
    """A corpus and corrections of it."""
    paths = tmp_path / "corpus.jsonl", tmp_path / "corrections.jsonl"
    for path, content in zip(paths, (rows, corrections), strict=True):
        path.write_text("".join(f"{json.dumps(row)}\n" for row in content))
    return paths


ROWS = [
    {"id": "a", "label": "letter", "text": "one", "split": "train"},
    {"id": "b", "text": "two", "split": "train"},
]


def test_files_are_read_together(tmp_path: Path) -> None:
    """With corrections a label may be missing; without them it may not."""
    corpus, corrections = files(tmp_path, ROWS, [{"id": "b", "label": "payslip"}])
    counts = FeedbackCounts()
    found = list(read_with_feedback([corpus], corrections, counts, split="train"))
    assert [(document.document_id, document.label) for document in found] == [
        ("a", "letter"),
        ("b", "payslip"),
    ]
    assert counts.corrected == 1
    with pytest.raises(CorpusError, match=":2: expected a field 'label'"):
        list(read_with_feedback([corpus], None, counts))


@pytest.mark.parametrize(
    ("rows", "split", "expected"),
    [
        ([*ROWS, {"id": "c", "label": None, "text": "x"}], None, ":3: expected a field 'label'"),
        ([*ROWS, {"id": "c"}], None, ":3: expected exactly one of the fields"),
        (ROWS, "test", ": no document has the split 'test'; splits in the file: train"),
        ([], None, "holds no document"),
    ],
)
def test_a_corpus_is_as_strict_as_before(
    tmp_path: Path, rows: list[dict[str, Any]], split: str | None, expected: str
) -> None:
    """A label that is null, a text that is missing, a split that is not there."""
    corpus, corrections = files(tmp_path, rows, [{"id": "b", "label": "payslip"}])
    with pytest.raises(CorpusError, match=expected):
        list(read_with_feedback([corpus], corrections, FeedbackCounts(), split=split))


def test_bad_corrections_are_said_before_the_corpus_is_read(tmp_path: Path) -> None:
    """Nobody waits for an hour to be told."""
    _, corrections = files(tmp_path, [], [{"id": "b"}])
    with pytest.raises(CorpusError, match=r"corrections\.jsonl:1: expected a field 'label'"):
        read_with_feedback([tmp_path / "never read"], corrections, FeedbackCounts())
