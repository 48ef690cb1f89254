"""Text that is unlike all that was learned: it goes to people, and no label of it is claimed."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from smartcat.cli.samples.paperwork import generate
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.hyperparameters import CHARACTERS, HEAD_WORDS, WORDS, TrainingOptions
from smartcat.training.train import train
from support import gibberish

if TYPE_CHECKING:
    from smartcat.classifier.classifier import Classifier
    from smartcat.classifier.decision import Decision
    from smartcat.classifier.spec import FeaturePart

LETTERS = string.ascii_lowercase
KINDS: dict[str, tuple[tuple[FeaturePart, ...], int]] = {
    "words": ((WORDS,), 350),
    "words-and-head": ((WORDS, HEAD_WORDS), 350),
    "characters": ((CHARACTERS,), 150),
}
GIBBERISH = {
    "letters": gibberish.words(LETTERS),
    "greek": gibberish.words(gibberish.GREEK),
    "digits": gibberish.words(string.digits),
    "base64": gibberish.words(gibberish.BASE64),
    "an attachment": gibberish.one_line(),
    "one known word": gibberish.with_one_word(["salary", "tenant", "mortgage", "invoice"]),
    "hardly any text": [["salary"], ["tenant tenant tenant"], ["the"], ["the and of in to"], ["!?", "."]],
    "one sentence over and over": [["salary " * 500], ["monthly net salary " * 100]],
    "five pages": [page * 5 for page in gibberish.words(LETTERS, documents=3)],
}


def paperwork(language: str, count: int, seed: int) -> list[LabelledDocument]:
    """Give generated paperwork in one language."""
    return [
        LabelledDocument(made.document_id, made.label, made.pages)
        for made in generate(count, seed=seed)
        if made.language == language
    ]


@pytest.fixture(scope="module", params=KINDS)
def classifier(request: pytest.FixtureRequest) -> Classifier:
    """A model of English paperwork, of words or of characters."""
    parts, count = KINDS[request.param]
    options = replace(TrainingOptions.quick(*parts, n_features=2**18), target_precision=0.9)
    return train(paperwork("en", count, 1), options=options).classifier()


def answers(classifier: Classifier, documents: list[LabelledDocument]) -> list[tuple[Decision, str]]:
    """Give what is said of documents, and what they are."""
    decisions = classifier.classify([document.pages for document in documents], reasons=0)
    return list(zip(decisions, (document.label for document in documents), strict=True))


@pytest.mark.parametrize("kind", GIBBERISH)
def test_gibberish_goes_to_people_and_claims_no_label(classifier: Classifier, kind: str) -> None:
    """Whatever it is made of, it is unfamiliar, never accepted, and hardly surer than a toss of a coin."""
    for decision in classifier.classify(GIBBERISH[kind], reasons=0):
        assert (decision.decision, decision.is_in_distribution) == ("review", False)
        assert decision.confidence < 0.6


@pytest.mark.parametrize("pages", [[], [""], ["", " \n\t"]])
def test_no_text_claims_nothing(classifier: Classifier, pages: list[str]) -> None:
    """Nothing is known, so the confidence is nought."""
    (decision,) = classifier.classify([pages])
    assert (decision.decision, decision.is_in_distribution, decision.confidence) == ("review", False, 0.0)


def test_another_language_goes_to_people(classifier: Classifier) -> None:
    """German is hardly ever accepted by a model of English; where it is, for its figures, it is right."""
    said = answers(classifier, paperwork("de", 150, 2))
    accepted = [decision.label == label for decision, label in said if decision.decision == "accepted"]
    assert all(accepted)
    assert len(accepted) <= 0.06 * len(said)
    assert sum(not decision.is_in_distribution for decision, _ in said) >= 0.94 * len(said)
    assert sum(decision.confidence for decision, _ in said) / len(said) < 0.5


def test_the_same_kind_of_documents_is_familiar_and_right(classifier: Classifier) -> None:
    """Unseen English paperwork is accepted for the most part, and nine of ten of the accepted are right."""
    said = answers(classifier, paperwork("en", 300, 3))
    accepted = [decision.label == label for decision, label in said if decision.decision == "accepted"]
    assert sum(not decision.is_in_distribution for decision, _ in said) < 0.05 * len(said)
    assert len(accepted) > 0.7 * len(said)
    assert sum(accepted) / len(accepted) >= 0.9


def test_known_words_in_no_order_are_not_sure_of_anything(classifier: Classifier) -> None:
    """A jumble of words from all documents is familiar, and still hardly a document of any kind."""
    pages = [page.split() for document in paperwork("en", 200, 1) for page in document.pages if page.split()]
    mixed = [[" ".join(page[number % len(page)] for page in pages[number:][:100])] for number in range(40)]
    decisions = classifier.classify(mixed, reasons=0)
    assert sum(decision.decision == "accepted" for decision in decisions) <= 4
    assert sum(decision.confidence for decision in decisions) / len(decisions) < 0.5
