from __future__ import annotations

import unicodedata
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from smartcat.training.corpus.copies import MAX_CONFLICTS, CorpusSurvey, text_hash
from smartcat.training.corpus.labelled_documents import LabelledDocument
from support.labelled import labelled_documents, labelled_pages

PAGES = st.lists(st.text(), min_size=1, max_size=3)


def surveyed(
    documents: list[LabelledDocument], *, keep_ids: bool = False
) -> tuple[CorpusSurvey, list[LabelledDocument]]:
    """Return the survey of documents, and those that are no copies."""
    survey = CorpusSurvey(keep_ids=keep_ids)
    return survey, list(survey.distinct(documents))


def ascii_only(pages: list[str]) -> list[str]:
    """Return the pages without what is not ASCII: Unicode has letters whose capitals are others'."""
    return [page.encode("ascii", "ignore").decode() for page in pages]


@given(PAGES, st.sampled_from(["\n", "  ", "\t\u00a0"]))
def test_case_spaces_and_unicode_form_make_no_other_text(pages: list[str], space: str) -> None:
    """The same words in capitals, with other spaces around and between them, have the same hash."""
    spaced = [space + space.join(page.split()) + space for page in pages]
    assert text_hash(spaced) == text_hash(pages)
    assert text_hash([page.upper() for page in ascii_only(pages)]) == text_hash(ascii_only(pages))
    assert text_hash(["Cafe\u0301 \ufb01nal"]) == text_hash(["CAFÉ FINAL"])


@given(PAGES, PAGES)
def test_other_words_or_pages_make_another_text(one: list[str], other: list[str]) -> None:
    """Different words have different hashes, and so do the same words on other pages."""
    if text_hash(one) == text_hash(other):
        assert len(one) == len(other)
        for page, same in zip(one, other, strict=True):
            folded = (
                "".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in (page, same)
            )
            assert len(set(folded)) == 1
    assert text_hash([*one, "more"]) != text_hash(one)
    assert text_hash(["a", "b"]) != text_hash(["a b"])
    assert text_hash(["total 12"]) != text_hash(["total 13"])


def test_the_first_of_equal_documents_is_learned_from() -> None:
    """Copies go, wherever they stand; the others keep their order, their ids and their labels."""
    documents = labelled_documents(per_label=4)
    copies = [replace(each, document_id=f"copy of {each.document_id}") for each in documents]
    survey, kept = surveyed([*documents, *copies[::-1]], keep_ids=True)
    assert kept == documents
    assert survey.ids == [each.document_id for each in documents]
    assert len(survey.texts) == len(survey.examples) == len(set(survey.texts)) == 12
    report = survey.report()
    assert (report.documents, report.copies, report.conflicting) == (24, 12, 0)
    assert report.examples == {"contract": 4, "invoice": 4, "letter": 4}


def test_equal_texts_with_different_labels_are_kept_and_listed() -> None:
    """Each is listed once by its id with both labels, and a copy with one of the labels is still a copy."""
    texts = [f"text {number}" for number in range(7)]
    documents = [LabelledDocument(f"{label}-{text}", label, (text,)) for label in "aba" for text in texts]
    survey, kept = surveyed(documents)
    report = survey.report()
    assert len(kept) == 14
    assert (report.copies, report.conflicting, len(report.conflicts)) == (7, 7, MAX_CONFLICTS)
    first = report.conflicts[0]
    assert (first.document_id, first.label, first.earlier_label) == ("b-text 0", "b", "a")


def test_blank_documents_are_no_copies_of_one_another() -> None:
    """They are counted, and stay: what has no text is not twice the same."""
    documents = [
        LabelledDocument(str(number), "a", pages) for number, pages in enumerate([("",), ("", " - ")] * 2)
    ]
    survey, kept = surveyed(documents)
    assert kept == documents
    assert (survey.report().blank, survey.report().copies, list(survey.texts)) == (4, 0, [0] * 4)


def test_scans_are_copies_where_all_their_page_labels_are_equal() -> None:
    """Every page with a label of its own is an example that can be recognised alone."""
    scans = labelled_pages(6)
    other = replace(scans[0], page_labels=tuple("other" for _ in scans[0].pages))
    survey, kept = surveyed([*scans, scans[1], other])
    assert kept == [*scans, other]
    assert survey.report().conflicting == 1
    assert list(survey.examples[:2]) == [text_hash([page]) for page in scans[0].pages[:2]]


def test_a_blank_page_with_a_label_is_no_text_that_was_learned_from() -> None:
    """Of a scan that has one the other pages are recognised, and no other blank page is."""
    scan = LabelledDocument("scan", "deed", ("some words", " "), page_labels=("deed", "letter"))
    assert list(surveyed([scan])[0].examples) == [text_hash(["some words"])]
