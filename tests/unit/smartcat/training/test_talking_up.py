"""What cannot talk a trained model up: repeated, blank and near-blank pages, documents joined to others."""

from __future__ import annotations

from itertools import chain, combinations
from typing import TYPE_CHECKING

import pytest

from smartcat.cli.samples.paperwork import generate
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train

if TYPE_CHECKING:
    from smartcat.classifier.classifier import Classifier
    from smartcat.classifier.decision import Decision

FOOTERS = tuple(f"Page {number} of 4" for number in range(1, 5))
UNSEEN = tuple(document.pages for document in generate(40, seed=11))


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """A model of generated paperwork."""
    documents = [
        LabelledDocument(str(number), document.label, document.pages)
        for number, document in enumerate(generate(200, seed=10))
    ]
    return train(documents, options=TrainingOptions.quick(n_features=2**14)).classifier()


def not_surer(after: Decision, *before: Decision) -> None:
    """Check that a document is no surer than the surest of others, nor accepted where none of them is."""
    assert after.confidence <= max(each.confidence for each in before) + 1e-9
    if all(each.decision == "review" for each in before):
        assert after.decision == "review"


def test_repeated_pages_change_nothing(classifier: Classifier) -> None:
    """Four, sixteen and sixty-four times the same pages are the same document."""
    plain = classifier.classify(UNSEEN, reasons=3)
    for times in (4, 16, 64):
        repeated = classifier.classify([pages * times for pages in UNSEEN[:4]], reasons=3)
        for one, other in zip(plain, repeated, strict=False):
            assert (one.label, one.confidence, one.decision, one.why) == (
                other.label,
                other.confidence,
                other.decision,
                other.why,
            )
            assert one.reasons == other.reasons


@pytest.mark.parametrize("more", [("", " \n"), FOOTERS[:1], FOOTERS[:3], ("2", "", "2 / 3")])
def test_blank_and_near_blank_pages_raise_nothing(classifier: Classifier, more: tuple[str, ...]) -> None:
    """Footers on sheets of their own turn no review into an acceptance."""
    plain = classifier.classify(UNSEEN, reasons=0)
    padded = classifier.classify([(*pages, *more) for pages in UNSEEN], reasons=0)
    for one, other in zip(plain, padded, strict=True):
        not_surer(other, one)
        assert one.label == other.label


def test_joined_documents_are_no_surer_than_the_surest_of_them(classifier: Classifier) -> None:
    """Two documents that share no label in one file."""
    decisions = classifier.classify(UNSEEN, reasons=0)
    labels = [{said.label, *said.page_labels} - {None} for said in decisions]
    pairs = [
        (one, other) for one, other in combinations(range(len(UNSEEN)), 2) if not labels[one] & labels[other]
    ][::7]
    assert len(pairs) > 40
    joined = classifier.classify([UNSEEN[one] + UNSEEN[other] for one, other in pairs], reasons=0)
    for said, (one, other) in zip(joined, pairs, strict=True):
        not_surer(said, decisions[one], decisions[other])


def test_a_pile_read_as_one_document_is_for_review(classifier: Classifier) -> None:
    """Forty documents in one file, and five, are not accepted, and the reason is not the threshold."""
    files = [UNSEEN, *(UNSEEN[first : first + 5] for first in range(0, 40, 5))]
    piles = [tuple(chain.from_iterable(file)) for file in files]
    for said in classifier.classify(piles, reasons=0):
        assert said.decision == "review"
        assert said.why in {"looks_like_a_stack", "pages_disagree", "unfamiliar"}
