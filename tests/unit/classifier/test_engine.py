from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import scoring
from classifier.engine import Classifier, load_classifier
from classifier.features import document_features
from classifier.model import Model, content_version
from classifier.scoring import score_pages
from classifier.spec import FeatureSpec

if TYPE_CHECKING:
    from pathlib import Path

    from training.fit import TrainedModel

KNOWN = ["agreement", "clause", "amount", "total", "tax", "dear", "regards", "the", "and"]
WORD = st.sampled_from([*KNOWN, "unseenword", "\u00df", "\ud800", "12"])
PAGE = st.lists(WORD, max_size=12).map(" ".join)
DOCUMENT = st.lists(PAGE, max_size=4)


def test_nothing_in_nothing_out(classifier: Classifier) -> None:
    """An empty batch is an empty answer."""
    assert classifier.classify([]) == []


def test_a_batch_is_one_vectorised_call(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages of all documents are hashed and scored together, however many there are."""
    calls: list[int] = []

    def counted(spec: FeatureSpec, texts: list[str], idf: Any) -> Any:
        calls.append(len(texts))
        return document_features(spec, texts, idf)

    monkeypatch.setattr(scoring, "document_features", counted)
    assert len(classifier.classify([["total"], [], ["dear", "regards"]])) == 3
    assert calls == [3]


def test_obvious_documents_get_their_label(classifier: Classifier) -> None:
    """The model learned what it was shown, and says which pages said so."""
    documents = [["agreement clause party", "", "whereas termination"], ["total amount due"]]
    contract, invoice = classifier.classify(documents)
    assert contract.label == "contract"
    assert contract.page_labels == ("contract", None, "contract")
    assert contract.decision == "accepted"
    assert invoice.label == "invoice"
    assert invoice.confidence > 0.5


@given(st.lists(DOCUMENT, max_size=6))
def test_a_batch_answers_as_single_calls_do(classifier: Classifier, documents: list[list[str]]) -> None:
    """Who else is in the batch changes no bit of a document's answer."""
    assert classifier.classify(documents) == [classifier.classify([pages])[0] for pages in documents]


@given(DOCUMENT.flatmap(lambda pages: st.tuples(st.just(pages), st.permutations(pages))))
def test_the_order_of_pages_changes_nothing(classifier: Classifier, orders: tuple[list[str], ...]) -> None:
    """Label, confidence, candidates and reasons of shuffled pages are the same to the last bit."""
    plain, shuffled = classifier.classify(orders)
    assert (plain.label, plain.confidence, plain.decision) == (
        shuffled.label,
        shuffled.confidence,
        shuffled.decision,
    )
    assert (plain.candidates, plain.reasons) == (shuffled.candidates, shuffled.reasons)


@pytest.mark.parametrize("pages", [[], [""], ["  \n", "!"], ["zzzz qqqq"]])
def test_documents_without_known_words_are_reviewed(classifier: Classifier, pages: list[str]) -> None:
    """No pages, blank pages and words never seen are all no evidence: confidence 0, no reasons."""
    (decision,) = classifier.classify([pages])
    assert (decision.confidence, decision.decision, decision.reasons) == (0.0, "review", ())
    assert decision.page_labels == (None,) * len(pages)


@given(DOCUMENT)
def test_reasons_add_up_to_the_score(two_labels: TrainedModel, pages: list[str]) -> None:
    """All reasons and the features against the label sum to the margin, though words share buckets."""
    model = two_labels.model
    (decision,) = two_labels.classifier().classify([pages], reasons=10_000)
    scores = score_pages(model, pages)
    column = model.labels.index(decision.label)
    evident = int(scores.evidence.sum())
    products = scores.features.data.astype(np.float64) * model.weights[scores.features.indices, column]
    if evident:
        positive = products[products > 0].sum() / evident
        assert sum(reason.weight for reason in decision.reasons) == pytest.approx(positive)
        total = products.sum() / evident + model.intercept[column]
        assert scores.margins[scores.evidence, column].mean() == pytest.approx(total, abs=1e-5)


def test_reasons_name_words_of_the_document(classifier: Classifier) -> None:
    """Reasons fall in weight, number at most what was asked for, and are words that the page holds."""
    (decision,) = classifier.classify([["Total  AMOUNT due, payment of tax"]], reasons=3)
    weights = [reason.weight for reason in decision.reasons]
    assert weights == sorted(weights, reverse=True)
    assert len(weights) == 3
    assert min(weights) > 0
    for reason in decision.reasons:
        assert reason.word in "total amount due payment of tax"


def test_no_reasons_when_none_are_wanted(classifier: Classifier) -> None:
    """The cheap call decides alike."""
    (plain,) = classifier.classify([["total amount"]], reasons=0)
    (explained,) = classifier.classify([["total amount"]])
    assert plain.reasons == ()
    assert plain.confidence == explained.confidence


def test_the_more_frequent_word_of_a_bucket_is_named() -> None:
    """Of the words that share a bucket, the one the document holds most often stands for it."""
    spec = FeatureSpec(n_features=16, ngram_range=(1, 1))
    model = _everything_is_yes(spec)
    words = [f"w{number:02}" for number in range(60)]
    page = " ".join([*words, "often", "often"])
    (decision,) = _classifier(model).classify([[page]], reasons=16)
    assert "often" in {reason.word for reason in decision.reasons}
    assert len({reason.word for reason in decision.reasons}) == len(decision.reasons)


def test_a_label_that_no_word_spoke_for_has_no_reasons() -> None:
    """Where the intercept alone decides, nothing is invented, on one page or several."""
    spec = FeatureSpec(n_features=16, ngram_range=(1, 1))
    model = _everything_is_yes(spec, sign=-1.0)
    for pages in (["alpha"], ["alpha", "beta"]):
        (decision,) = _classifier(model).classify([pages])
        assert (decision.label, decision.reasons) == ("no", ())


def test_a_model_without_idf_serves() -> None:
    """Features that no label has a weight for are no evidence, with or without idf."""
    spec = FeatureSpec(n_features=16, ngram_range=(1, 1), idf=False)
    weights = np.zeros((16, 2), dtype=np.float32)
    model = Model(spec, ("no", "yes"), weights, np.zeros(2, dtype=np.float32), None, 1.0, 0.5, "0" * 12)
    (decision,) = _classifier(model).classify([["alpha"]])
    assert decision.page_labels == (None,)


def test_threads_share_a_classifier(classifier: Classifier) -> None:
    """Concurrent calls do not disturb each other."""
    documents = [["agreement clause"], ["total amount due"], ["dear regards"]] * 5
    expected = classifier.classify(documents)
    with ThreadPoolExecutor(4) as pool:
        assert all(answer == expected for answer in pool.map(classifier.classify, [documents] * 16))


def test_a_loaded_classifier_equals_the_trained_one(classifier: Classifier, model_dir: Path) -> None:
    """Saving and loading changes no bit of an answer, and the version says so."""
    loaded = load_classifier(str(model_dir))
    documents = [["agreement clause"], ["total amount", "dear"], [""]]
    assert loaded.classify(documents) == classifier.classify(documents)
    assert loaded.model_version == classifier.model_version
    assert (loaded.labels, loaded.threshold, loaded.engine) == (
        ("contract", "invoice", "letter"),
        0.5,
        "sklearn",
    )


def test_versions_differ_with_any_part() -> None:
    """Two models that may answer differently never share a version."""
    base: dict[str, Any] = {
        "spec": FeatureSpec(n_features=16),
        "labels": ("a", "b"),
        "temperature": 1.0,
        "threshold": 0.5,
        "checksums": {"weights.f32": "00"},
    }
    changes: list[dict[str, Any]] = [
        {},
        {"spec": FeatureSpec(n_features=32)},
        {"labels": ("b", "a")},
        {"temperature": 2.0},
        {"threshold": 0.6},
        {"checksums": {"weights.f32": "01"}},
    ]
    versions = {content_version(**{**base, **change}) for change in changes}
    assert len(versions) == len(changes)


def _everything_is_yes(spec: FeatureSpec, sign: float = 1.0) -> Model:
    weights = np.full((spec.n_features, 2), sign, dtype=np.float32)
    weights[:, 0] = -0.5
    intercept = np.zeros(2, dtype=np.float32)
    idf = np.ones(spec.n_features, dtype=np.float32)
    return Model(spec, ("no", "yes"), weights, intercept, idf, 1.0, 0.5, "0" * 12)


def _classifier(model: Model) -> Classifier:
    return Classifier(model)
