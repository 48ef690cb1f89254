"""Both engines behind one classifier: equal labels and reasons, scores within 1e-5, the same refusals."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier import native_binding
from smartcat.classifier.classifier import Classifier
from smartcat.classifier.compiled_engine import CompiledScorer
from smartcat.classifier.errors import ModelError, PageTooLargeError
from smartcat.classifier.features import count_features
from smartcat.classifier.model_arrays import FEATURES, IDF, INTERCEPT, SCALE, UNICODE
from smartcat.classifier.sklearn_engine import SklearnScorer
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.unicode_recording import build_tables
from support.native import chars, words
from support.random_models import paperwork, random_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.decision import Decision
    from smartcat.classifier.features import Csr
    from smartcat.classifier.model import Model
    from smartcat.classifier.sklearn_engine import SklearnScores

pytestmark = pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)


def spec_of(*parts: FeaturePart, bits: int = 14, **options: Any) -> FeatureSpec:
    """Features of some parts."""
    return FeatureSpec(n_features=2**bits, parts=parts, **options)


SPECS = (
    spec_of(words(1, 2)),
    spec_of(chars(2, 5), bits=18),
    spec_of(words(1, 2), chars(3, 5), words(1, 2, 256)),
    spec_of(chars(2, 4, 64), words(1, 3), strip_accents="unicode", sublinear_tf=False),
    spec_of(words(1, 1), words(1, 1, 20), bits=6, idf=False, lowercase=False),
)
MODELS: tuple[dict[str, Any], ...] = (
    {"precision": "int8"},
    {"precision": "float32", "labels": 21},
    {"precision": "int8", "labels": 3, "columns": ("pertinence", "opening")},
)
SMALL = spec_of(words(1, 2), chars(1, 3), words(1, 1, 12), bits=8)
SENTENCE = st.lists(
    st.sampled_from(
        ["Konto", "Zins", "\u00dcBERWEISUNG", "loan", "12.50", "a", "\ufdfa", "\u0391\u03a3", "\ud800"]
    ),
    max_size=12,
).map(" ".join)
PAGES = st.lists(SENTENCE | st.text(st.characters(codec=None), max_size=30), max_size=4)


class CountingOnce(SklearnScorer):
    """scikit-learn's engine, which hashes equal texts once for all models of equal features."""

    def score(self, texts: Sequence[str]) -> SklearnScores:
        """Return the scores of every page."""
        return self.score_counts(_counts(self.model.spec, tuple(texts)), texts)


@lru_cache(maxsize=len(SPECS))
def _counts(spec: FeatureSpec, texts: tuple[str, ...]) -> Csr:
    return count_features(spec, texts)


@lru_cache(maxsize=len(SPECS) * len(MODELS))
def classifiers(model: Model) -> tuple[Classifier, Classifier]:
    """Return one model with either engine."""
    return Classifier(CompiledScorer(model)), Classifier(CountingOnce(model))


def answers(model: Model, documents: Sequence[Sequence[str]]) -> tuple[list[Decision], list[Decision]]:
    """Return what either engine decides."""
    first, second = (classifier.classify(documents, reasons=8) for classifier in classifiers(model))
    return first, second


def assert_alike(first: Sequence[Decision], second: Sequence[Decision]) -> None:
    """All but the last digits of scores is equal."""
    for got, wanted in zip(first, second, strict=True):
        assert (got.label, got.page_labels, got.decision) == (
            wanted.label,
            wanted.page_labels,
            wanted.decision,
        )
        assert (got.known_share, got.is_in_distribution) == (wanted.known_share, wanted.is_in_distribution)
        assert got.confidence == pytest.approx(wanted.confidence, abs=1e-5)
        assert [label for label, _ in got.candidates] == [label for label, _ in wanted.candidates]
        assert [reason.word for reason in got.reasons] == [reason.word for reason in wanted.reasons]
        weights = [reason.weight for reason in wanted.reasons]
        assert [reason.weight for reason in got.reasons] == pytest.approx(weights, abs=1e-5)


@pytest.mark.parametrize("spec", SPECS, ids=FeatureSpec.describe)
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_both_engines_decide_alike_on_paperwork(spec: FeatureSpec, model: dict[str, Any]) -> None:
    """Generated German and English documents of one to six pages, noise and blank pages included."""
    assert_alike(*answers(random_model(spec, **model), paperwork(30, 5)))


@given(documents=st.lists(PAGES, max_size=3), model=st.sampled_from(MODELS))
def test_both_engines_decide_alike_on_any_text(documents: list[list[str]], model: dict[str, Any]) -> None:
    """Any Unicode, over few buckets, where n-grams collide and contributions are equal."""
    assert_alike(*answers(random_model(SMALL, **model), documents))


def test_both_engines_say_the_same_of_each_page() -> None:
    """Scores, relevance and boundary logit within 1e-5; numbers of features and of known ones exactly."""
    model = random_model(SPECS[2], labels=3, columns=("pertinence", "opening"))
    texts = [page for pages in paperwork(30, 5) for page in pages]
    first, second = (classifier.scorer.score(texts).pages() for classifier in classifiers(model))
    for got, wanted in zip(first, second, strict=True):
        assert (got.distinct, got.known) == (wanted.distinct, wanted.known)
        assert got.scores == pytest.approx(wanted.scores, abs=1e-5)
        assert (got.relevance, got.boundary_logit) == pytest.approx(
            (wanted.relevance, wanted.boundary_logit), abs=1e-5
        )


@given(PAGES)
def test_both_engines_have_the_same_fingerprint(texts: list[str]) -> None:
    """What golden documents record proves either engine."""
    first, second = classifiers(random_model(SMALL))
    assert first.scorer.fingerprint(texts) == second.scorer.fingerprint(texts)


def test_all_reasons_may_be_asked_for() -> None:
    """A limit beyond the number of words is no error, and gives all that spoke for the label."""
    model = random_model(SMALL)
    first, second = (
        Classifier(scorer).classify([["Konto Zins loan"]], reasons=10_000)[0]
        for scorer in (CompiledScorer(model), SklearnScorer(model))
    )
    assert [reason.word for reason in first.reasons] == [reason.word for reason in second.reasons]
    assert {reason.word for reason in first.reasons} <= {"konto", "zins", "loan"}
    assert first.reasons


def test_a_shadow_model_uses_the_same_hashing() -> None:
    """Other weights over equal features are scored on the counts there are; other features are not."""
    first, shadow = (CompiledScorer(random_model(SMALL, seed=seed)) for seed in (1, 2))
    scores = first.score(["Konto Zins", "loan"])
    rescored = shadow.rescore(scores)
    assert rescored is not None
    assert rescored.counts is scores.counts
    assert rescored.pages() == shadow.score(["Konto Zins", "loan"]).pages()
    assert CompiledScorer(random_model(SPECS[0])).rescore(scores) is None
    assert CompiledScorer(random_model(SMALL)).rescore(SklearnScorer(random_model(SMALL)).score([])) is None


def test_a_shadow_model_of_another_unicode_is_hashed_anew() -> None:
    """Equal specifications are not equal features where the letters were recorded otherwise."""
    model = random_model(SMALL)
    tables = bytearray(build_tables())
    tables[24 + 8 * 200 + 4] ^= 1  # whether some far character belongs to a word
    differing = CompiledScorer(replace(model, arrays={**model.arrays, UNICODE: bytes(tables)}))
    assert differing.rescore(CompiledScorer(model).score(["Konto"])) is None


def _with(name: str, change: Any) -> Model:
    model = random_model(SMALL)
    array = np.frombuffer(model.arrays[name], "<u4" if name == FEATURES else "<f4").copy()  # type: ignore[index]
    change(array)
    return replace(model, arrays={**model.arrays, name: array.tobytes()})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("name", "index", "value"),
    [
        *((name, -1, value) for name in (IDF, SCALE, INTERCEPT) for value in (np.nan, np.inf, -np.inf, 1e30)),
        *((name, 0, value) for name in (IDF, SCALE) for value in (0.0, -1.0)),
        (FEATURES, -1, 0),
        (FEATURES, 1, 0),
        (FEATURES, -1, 2**32 - 1),
        (FEATURES, -1, SMALL.width),
    ],
)
def test_both_engines_refuse_the_same_arrays(name: str, index: int, value: float) -> None:
    """Values that no model holds are found before anything is scored; the error names the file alike."""
    model = _with(name, lambda array: array.__setitem__(index, value))
    messages = []
    for engine in (CompiledScorer, SklearnScorer):
        with pytest.raises(ModelError) as caught:
            engine(model, "here")
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert messages[0].startswith(f"here/{name}: ")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (b"", "here/unicode.bin: not a table of characters"),
        (build_tables()[:-4], "here/unicode.bin: not as long as its header says"),
        (build_tables(lowercase=False), "here/unicode.bin: recorded for another case"),
        (build_tables(strip_accents="ascii"), "here/unicode.bin: recorded for another case or other accents"),
    ],
)
def test_a_record_of_characters_must_be_the_features_own(tables: bytes, message: str) -> None:
    """One that is damaged, or folds otherwise than the features say, is refused by its name."""
    model = random_model(SMALL)
    with pytest.raises(ModelError, match=message):
        CompiledScorer(replace(model, arrays={**model.arrays, UNICODE: tables}), "here")


def test_models_that_the_engine_cannot_serve_are_refused() -> None:
    """No record of characters, or features from elsewhere: one sentence, no crash."""
    model = random_model(SMALL)
    bare = {name: content for name, content in model.arrays.items() if name != UNICODE}
    with pytest.raises(ModelError, match=r"here: has no unicode\.bin"):
        CompiledScorer(replace(model, arrays=bare), "here")
    unchecked: Any = FeatureSpec.model_construct
    with pytest.raises(ModelError, match="here: the compiled engine takes a power of two"):
        CompiledScorer(replace(model, spec=unchecked(n_features=1000, parts=SMALL.parts)), "here")


def test_a_page_beyond_the_bound_is_refused() -> None:
    """32 MiB of text on one page is an error that says so and holds no text."""
    with pytest.raises(PageTooLargeError, match=r"^a text is larger than 33554432 bytes$"):
        CompiledScorer(random_model(SMALL)).score(["ab", "a" * (2**25 + 1)])
