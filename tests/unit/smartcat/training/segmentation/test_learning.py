from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from smartcat.classifier.segmentation_parameters import SegmentationParameters
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train

if TYPE_CHECKING:
    from smartcat.training.trained_model import TrainedModel

TOP = {"letter": "dear sirs", "deed": "notary roll", "offer": "terms rates"}
BODY = "meeting payment house garden street number signature clause amount"


def paper(
    number: int, label: str, pages: int, *, page_labels: tuple[str, ...] | None = None
) -> LabelledDocument:
    """A document whose first page says what it is, with a name of its own on every page."""
    draw = random.Random(f"{label}{number}")  # noqa: S311 - generates test data
    texts = [
        f"{TOP[label] if page == 0 else 'continued'} {' '.join(draw.choices(BODY.split(), k=15))}"
        f" Name{number}{label} Ref{number}"
        for page in range(pages)
    ]
    return LabelledDocument(f"{label}-{number}", label, tuple(texts), page_labels=page_labels)


def papers(count: int = 24) -> list[LabelledDocument]:
    """Letters of one page, deeds of three, offers of two."""
    return [
        paper(n, label, pages)
        for n in range(count)
        for label, pages in (("letter", 1), ("deed", 3), ("offer", 2))
    ]


OPTIONS = TrainingOptions.quick()


@pytest.fixture(scope="module")
def learned() -> TrainedModel:
    """A model that learned of stacks."""
    return train(papers(), options=OPTIONS)


def test_transitions_are_those_of_the_documents(learned: TrainedModel) -> None:
    """Each label begins a third of the documents; a letter ends with its page, a deed with every third."""
    rule = learned.model.rule.segmentation
    assert learned.model.labels == ("deed", "letter", "offer")
    assert rule.start_probabilities == pytest.approx((1 / 3,) * 3)
    deed, letter, offer = rule.end_probabilities
    assert letter > 0.9
    assert deed == pytest.approx(1 / 3, abs=0.05)
    assert offer == pytest.approx(1 / 2, abs=0.05)
    assert rule.transitions == ()


def test_stacks_come_apart_as_they_were_put_together(learned: TrainedModel) -> None:
    """Documents unseen in training are found again, each with its label."""
    stack = [
        paper(100 + n, label, pages)
        for n, (label, pages) in enumerate([("deed", 3), ("letter", 1)] * 3 + [("offer", 2)])
    ]
    (pieces,) = learned.classifier().split([[page for document in stack for page in document.pages]])
    assert [(piece.pages, piece.label) for piece in pieces] == [
        (len(each.pages), each.label) for each in stack
    ]
    assert all(piece.boundary_probability > 0.5 for piece in pieces)
    assert all(piece.document_decision.reasons for piece in pieces)


def test_the_opening_is_a_log_odds(learned: TrainedModel) -> None:
    """First pages are above 0, later ones below, and a blank page says nothing."""
    document = paper(200, "deed", 3)
    first, second, third, blank = learned.classifier().boundary_logits([*document.pages, ""])
    assert first is not None
    assert second is not None
    assert third is not None
    assert first > 0 > max(second, third)
    assert blank is None


def test_names_that_documents_share_keep_their_pages_together(learned: TrainedModel) -> None:
    """A page that repeats the names of the one before is likely to go with it."""
    assert learned.model.rule.segmentation.similarity_weight > 0
    assert 0 < learned.model.rule.segmentation.typical_similarity < 1


def test_documents_of_one_page_teach_nothing_but_beginnings() -> None:
    """Without documents of several pages only the mix of labels is known."""
    pages = [document for document in papers() if len(document.pages) == 1]
    others = [LabelledDocument(f"o{n}", "offer", (f"terms rates {n}",)) for n in range(12)]
    trained = train([*pages, *others], options=OPTIONS)
    assert trained.model.columns == ()
    rule = trained.model.rule.segmentation
    assert rule.start_probabilities == pytest.approx((24.5 / 37, 12.5 / 37))
    assert rule == SegmentationParameters(start_probabilities=rule.start_probabilities)


def test_labels_of_pages_teach_what_follows_what() -> None:
    """Where pages have labels of their own, the steps between them are counted."""
    documents = [paper(n, "deed", 3, page_labels=("deed", "offer", "offer")) for n in range(24)]
    documents += [paper(n, "letter", 1) for n in range(24)]
    rule = train(documents, options=OPTIONS).model.rule.segmentation
    assert rule.transitions == ((0, 2, 1.0),)


def test_the_same_documents_teach_the_same(learned: TrainedModel) -> None:
    """Stacks are shuffled by the seed, so that a model's version can be made again."""
    assert train(papers(), options=OPTIONS).model.rule.segmentation == learned.model.rule.segmentation


def test_blank_pages_are_counted_where_documents_have_them() -> None:
    """Two in front and one behind, and one that is imagined: 2.25 of 4 lead; single pages do not count."""
    blank = [
        LabelledDocument("x", "deed", pages)
        for pages in [("", "deed roll"), ("", "roll deed"), ("deed roll", " "), ("",)]
    ]
    rule = train([*papers(), *blank], options=OPTIONS).model.rule.segmentation
    assert rule.blank_begins == 2.25 / 4


def test_the_first_page_with_text_opens_a_document() -> None:
    """A blank cover does not make the title page a later one."""
    documents = [replace(document, pages=("", *document.pages)) for document in papers()]
    classifier = train(documents, options=OPTIONS).classifier()
    first, second, _ = classifier.boundary_logits(paper(300, "deed", 3).pages)
    assert first is not None
    assert second is not None
    assert first > 0 > second
