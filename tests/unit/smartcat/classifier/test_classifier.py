from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.classifier import Classifier, load_classifier
from smartcat.classifier.decision import decide
from smartcat.classifier.errors import ModelError
from smartcat.classifier.features import count_features
from smartcat.classifier.sklearn_engine import SklearnScorer
from smartcat.classifier.spec import FeatureSpec
from support.hand_made import hand_made

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from smartcat.classifier.scorer import PageScores
    from smartcat.training.trained_model import TrainedModel

KNOWN = ["agreement", "clause", "amount", "total", "tax", "dear", "regards", "enclosed", "the", "and"]
WORD = st.sampled_from([*KNOWN, "unseenword", "\u00df", "\ud800", "12"])
PAGE = st.lists(WORD, max_size=12).map(" ".join)
DOCUMENT = st.lists(PAGE, max_size=4)
CONTRACT = "agreement party clause signature termination whereas the and of agreement clause party whereas"
INVOICE = "amount total due payment tax the and of total amount payment due"


class Spy(SklearnScorer):
    """Counts the calls, and how many pages each was about."""

    def __init__(self, trained: TrainedModel) -> None:
        super().__init__(trained.model)
        self.scored: list[int] = []

    def score(self, texts: Sequence[str]) -> Any:
        self.scored.append(len(texts))
        return super().score(texts)


class Broken(SklearnScorer):
    """Fails as told at every call."""

    error: Exception = RuntimeError("broken")

    def score(self, texts: Sequence[str]) -> NoReturn:
        raise self.error

    def rescore(self, scores: PageScores) -> NoReturn:
        raise self.error


def test_nothing_in_nothing_out(classifier: Classifier) -> None:
    """An empty batch is an empty answer."""
    assert classifier.classify([]) == []


def test_a_batch_is_one_vectorised_call(trained: TrainedModel) -> None:
    """The pages of all documents are hashed and scored together, however many there are."""
    spy = Spy(trained)
    assert len(Classifier(spy).classify([["total"], [], ["dear", "regards"]])) == 3
    assert spy.scored == [3]


def test_obvious_documents_get_their_label(classifier: Classifier) -> None:
    """The model learned what it was shown, and says which pages said so."""
    contract, invoice = classifier.classify([[CONTRACT, "", CONTRACT], [INVOICE]])
    assert (contract.label, contract.decision) == ("contract", "accepted")
    assert contract.page_labels == ("contract", None, "contract")
    assert (invoice.label, invoice.decision) == ("invoice", "accepted")
    assert invoice.confidence > 0.5


@given(st.lists(DOCUMENT, max_size=6))
def test_a_batch_answers_as_single_calls_do(rich: TrainedModel, documents: list[list[str]]) -> None:
    """Who else is in the batch changes no bit of a document's answer."""
    classifier = rich.classifier()
    assert classifier.classify(documents) == [classifier.classify([pages])[0] for pages in documents]


@given(DOCUMENT.flatmap(lambda pages: st.tuples(st.just(pages), st.permutations(pages))))
def test_the_order_of_pages_changes_nothing(rich: TrainedModel, orders: tuple[list[str], ...]) -> None:
    """Label, confidence, candidates, known share and reasons of shuffled pages are the same to the bit."""
    plain, shuffled = rich.classifier().classify(orders)
    assert replace(plain, page_labels=()) == replace(shuffled, page_labels=())


@pytest.mark.parametrize("pages", [[], [""], ["  \n", "!"], ["zzzz qqqq"]])
def test_documents_without_known_words_are_reviewed(classifier: Classifier, pages: list[str]) -> None:
    """No pages, blank pages and words never seen are all no evidence: confidence 0, no reasons."""
    (decision,) = classifier.classify([pages])
    assert (decision.confidence, decision.decision, decision.reasons) == (0.0, "review", ())
    assert decision.page_labels == (None,) * len(pages)
    assert (decision.known_share, decision.is_in_distribution) == (0.0, False)


def test_reasons_speak_for_the_label(classifier: Classifier) -> None:
    """At most as many as asked for, and none where none are wanted; the decision is the same."""
    (explained,) = classifier.classify([[INVOICE]], reasons=3)
    (plain,) = classifier.classify([[INVOICE]], reasons=0)
    assert len(explained.reasons) == 3
    assert all(reason.word in INVOICE for reason in explained.reasons)
    assert plain == replace(explained, reasons=())


@pytest.mark.parametrize(("alpha_weighs", "expected"), [(2.0, "a"), (-2.0, "b")])
def test_a_page_that_says_more_of_its_document_weighs_more(alpha_weighs: float, expected: str) -> None:
    """Pertinence decides between two pages that disagree."""
    weights = np.zeros((16, 3))
    spec = FeatureSpec(n_features=16)
    alpha, beta = count_features(spec, ["alpha", "beta"]).indices
    weights[alpha], weights[beta] = (1.0, 0.0, alpha_weighs), (0.0, 1.0, -alpha_weighs)
    model = hand_made(spec, ("a", "b"), weights, columns=("pertinence",))
    (decision,) = Classifier(SklearnScorer(model)).classify([["alpha", "beta"]])
    assert decision.page_labels == ("a", "b")
    assert decision.label == expected


def test_threads_share_a_classifier(classifier: Classifier) -> None:
    """Concurrent calls do not disturb each other."""
    documents = [["agreement clause"], ["total amount due"], ["dear regards"]] * 5
    expected = classifier.classify(documents)
    with ThreadPoolExecutor(4) as pool:
        assert all(answer == expected for answer in pool.map(classifier.classify, [documents] * 16))


@pytest.mark.parametrize("name", ["trained", "rich", "two_labels"])
def test_a_loaded_classifier_equals_the_trained_one(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Saving and loading changes no bit of an answer, and the version says so."""
    trained: TrainedModel = request.getfixturevalue(name)
    trained.save(tmp_path / "model", created_at="2026-01-02")
    loaded, fresh = load_classifier(str(tmp_path / "model"), "sklearn"), trained.classifier()
    documents = [[CONTRACT], ["total amount", "dear"], [""], [INVOICE, CONTRACT]]
    assert loaded.classify(documents) == fresh.classify(documents)
    assert (loaded.model_version, loaded.labels) == (fresh.model_version, fresh.labels)
    assert loaded.engine == "sklearn"


def test_a_loaded_classifier_needs_its_directory_no_more(saved: Path, tmp_path: Path) -> None:
    """Files may be changed, cut or deleted under a classifier that is in use."""
    shutil.copytree(saved, tmp_path / "model")
    classifier = load_classifier(tmp_path / "model")
    expected = classifier.classify([[CONTRACT], [INVOICE]])
    for file in (tmp_path / "model").iterdir():
        file.write_bytes(b"\xff" * 7)
    assert classifier.classify([[CONTRACT], [INVOICE]]) == expected
    with pytest.raises(ModelError):
        load_classifier(tmp_path / "model")


def test_a_shadow_is_noted_and_decides_nothing(trained: TrainedModel, two_labels: TrainedModel) -> None:
    """Another model's label, confidence, decision and version stand beside the first's."""
    first = SklearnScorer(trained.model)
    other = SklearnScorer(two_labels.model)
    documents = [[CONTRACT], ["dear regards", ""], []]
    plain = Classifier(first).classify(documents)
    noted = Classifier(first, other).classify(documents)
    assert [replace(decision, shadow=None) for decision in noted] == plain
    for decision, alone in zip(noted, Classifier(other).classify(documents), strict=True):
        assert decision.shadow is not None
        assert (decision.shadow.label, decision.shadow.confidence) == (alone.label, alone.confidence)
        assert (decision.shadow.decision, decision.shadow.model_version) == (
            alone.decision,
            two_labels.model.model_version,
        )


def test_a_shadow_of_the_same_features_does_not_hash_again(trained: TrainedModel) -> None:
    """One hashing serves both; without pages there is nothing to note."""
    shadow = Spy(trained)
    classifier = Classifier(SklearnScorer(trained.model), shadow)
    (decision,) = classifier.classify([[INVOICE]])
    assert decision.shadow is not None
    assert (decision.shadow.label, decision.shadow.confidence) == (decision.label, decision.confidence)
    assert shadow.scored == []
    assert classifier.classify([]) == []


def test_a_broken_shadow_harms_nobody(trained: TrainedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shadow model that fails leaves no shadow decision; only a lack of memory is passed on."""
    shadow = Broken(trained.model)
    classifier = Classifier(SklearnScorer(trained.model), shadow)
    (decision,) = classifier.classify([[INVOICE]])
    assert (decision.label, decision.shadow) == ("invoice", None)
    monkeypatch.setattr(shadow, "error", MemoryError())
    with pytest.raises(MemoryError):
        classifier.classify([[INVOICE]])


def test_decisions_follow_the_rule_of_the_model(rich: TrainedModel) -> None:
    """What the engine says of pages goes through the one rule, reasons and page labels aside."""
    scorer = SklearnScorer(rich.model)
    documents = [[CONTRACT, "enclosed please find"], ["ref attached", INVOICE, ""]]
    for pages, decision in zip(documents, Classifier(scorer).classify(documents, reasons=0), strict=True):
        assert decision == decide(rich.model.rule, scorer.score(pages).pages())
