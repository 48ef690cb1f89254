from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.errors import ModelError
from smartcat.classifier.features import analyzer, bucket, count_features
from smartcat.classifier.model_arrays import FEATURES
from smartcat.classifier.sklearn_engine import SklearnScorer
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from support.hand_made import hand_made

if TYPE_CHECKING:
    from smartcat.classifier.model import Model

PARTS = (FeaturePart(), FeaturePart(analyzer="char_wb", ngram_range=(2, 3), head=8))
SPEC = FeatureSpec(n_features=32, parts=PARTS)
KEPT = np.array([1, 3, 4, 8, 9, 17, 30, 33, 40, 41, 47, 63])
PAGE = st.text("abc de", max_size=40)


def some_model(**changes: Any) -> Model:
    """Make a model that knows twelve of 64 features, with two labels and both columns."""
    draw = np.random.default_rng(5)
    chosen = {
        "features": KEPT,
        "columns": ("pertinence", "opening"),
        "intercept": (0.25, -0.5, 1.0, -2.0),
        "idf": draw.uniform(1, 5, len(KEPT)),
    }
    return hand_made(SPEC, ("a", "b"), draw.normal(size=(len(KEPT), 4)), **(chosen | changes))


def by_hand(model: Model, text: str) -> tuple[list[float], list[int], list[int]]:
    """Score a page as the documentation says, in plain Python."""
    idf = np.frombuffer(model.arrays["idf.f32"], "<f4").tolist()
    weights = np.frombuffer(model.arrays["weights.f32"], "<f4").reshape(model.kept, -1).tolist()
    scores = np.frombuffer(model.arrays["intercept.f32"], "<f4").tolist()
    columns = {int(feature): column for column, feature in enumerate(KEPT)}
    distinct, known = [], []
    for index, part in enumerate(model.spec.parts):
        counts: dict[int, int] = {}
        for term in analyzer(model.spec, part)(text):
            feature = index * model.spec.n_features + bucket(term, model.spec.n_features)
            counts[feature] = counts.get(feature, 0) + 1
        values = {
            columns[feature]: (1 + np.log(count)) * idf[columns[feature]]
            for feature, count in counts.items()
            if feature in columns
        }
        length = np.sqrt(sum(value**2 for value in values.values()) * len(model.spec.parts))
        for column, value in values.items():
            scores = [s + value / length * w for s, w in zip(scores, weights[column], strict=True)]
        distinct.append(len(counts))
        known.append(len(values))
    return scores, distinct, known


@given(st.lists(PAGE, min_size=1, max_size=4))
def test_scores_are_those_of_plain_arithmetic(pages: list[str]) -> None:
    """Hash, count, weigh, scale each part, multiply, add: every column, and what is known of each part."""
    model = some_model()
    for text, page in zip(pages, SklearnScorer(model).score(pages).pages(), strict=True):
        scores, distinct, known = by_hand(model, text)
        assert (list(page.distinct), list(page.known)) == (distinct, known)
        if any(known):
            assert [*page.scores, page.relevance, page.boundary_logit] == pytest.approx(scores, abs=1e-5)
        else:
            assert (page.scores, page.relevance, page.boundary_logit) == ((), 0.0, None)


def test_int8_weights_are_multiplied_by_the_scale_of_their_column() -> None:
    """A weight of -128 at a scale of 0.5 is -64."""
    weights = np.tile(np.array([[100, -128]]), (16, 1))
    model = hand_made(FeatureSpec(n_features=16), ("a", "b"), weights, scale=(0.25, 0.5))
    scorer = SklearnScorer(model)
    assert scorer.weights[0].tolist() == [25.0, -64.0]
    (page,) = scorer.score(["alpha"]).pages()
    assert page.scores == (25.0, -64.0)


def test_a_model_without_idf_serves() -> None:
    """Features then weigh what they count."""
    spec = FeatureSpec(n_features=16, idf=False)
    (page,) = SklearnScorer(hand_made(spec, ("a", "b"), np.ones((16, 2)))).score(["alpha"]).pages()
    assert page.scores == (1.0, 1.0)


def test_nothing_in_nothing_out() -> None:
    """No page is no page."""
    assert SklearnScorer(some_model()).score([]).pages() == []


@given(st.lists(PAGE, min_size=2, max_size=6))
def test_a_page_does_not_depend_on_its_batch(pages: list[str]) -> None:
    """To the last bit of every column."""
    scorer = SklearnScorer(some_model())
    assert scorer.score(pages).pages() == [scorer.score([text]).pages()[0] for text in pages]


@given(st.lists(PAGE, min_size=1, max_size=3))
def test_another_model_of_the_same_features_scores_what_is_counted(pages: list[str]) -> None:
    """Rescoring gives what scoring anew gives; the text is not hashed a second time."""
    first, second = SklearnScorer(some_model()), SklearnScorer(some_model(intercept=(9.0, 8.0, 7.0, 6.0)))
    again = second.rescore(first.score(pages))
    assert again is not None
    assert again.pages() == second.score(pages).pages()


def test_scores_of_other_features_cannot_be_used() -> None:
    """Another number of buckets, or the scores of another engine, have to be counted anew."""
    other = hand_made(FeatureSpec(n_features=16), ("a", "b"), np.ones((16, 2)))
    scorer = SklearnScorer(some_model())
    assert scorer.rescore(SklearnScorer(other).score(["alpha"])) is None
    assert scorer.rescore(object()) is None  # type: ignore[arg-type]


def test_the_fingerprint_is_one_of_counts_before_any_weight() -> None:
    """Indices and counts of all features, not only of those the model keeps."""
    texts = ["abc de", "ab"]
    counts = count_features(SPEC, texts)
    digest = hashlib.sha256()
    for array, kind in ((counts.indptr, "<i8"), (counts.indices, "<i8"), (counts.data, "<f4")):
        digest.update(array.astype(kind).tobytes())
    assert SklearnScorer(some_model()).fingerprint(texts) == digest.hexdigest()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"features": KEPT[::-1]}, "features.u32: expected ascending numbers of features below 64"),
        ({"features": np.where(KEPT == 63, 47, KEPT)}, "features.u32: expected ascending"),
        ({"features": np.where(KEPT == 63, 64, KEPT)}, "features.u32: expected ascending"),
        ({"features": np.where(KEPT == 63, 2**32 - 1, KEPT)}, "features.u32: expected ascending"),
        ({"intercept": (np.nan, 0, 0, 0)}, "intercept.f32: holds a value that is not a number within"),
        ({"idf": np.full(12, 1e7)}, "idf.f32: holds a value that is not a number within"),
        ({"idf": np.where(KEPT == 9, 0, 1)}, "idf.f32: holds a value that is not above 0"),
        ({"idf": np.where(KEPT == 9, -1, 1)}, "idf.f32: holds a value that is not above 0"),
        ({"scale": (1, 1, 0, 1)}, "scale.f32: holds a value that is not above 0"),
        ({"scale": (1, 1, np.inf, 1)}, "scale.f32: holds a value that is not a number within"),
    ],
)
def test_arrays_that_no_model_can_hold_are_refused(changes: dict[str, Any], expected: str) -> None:
    """Order, range, and values that are no weights: the refusal names the model and the array."""
    with pytest.raises(ModelError) as caught:
        SklearnScorer(some_model(**changes), "here")
    assert str(caught.value).startswith(f"here/{expected}")


def test_arrays_may_be_any_buffer() -> None:
    """What is read from elsewhere need not be copied."""
    model = some_model()
    viewed = replace(model, arrays={name: memoryview(content) for name, content in model.arrays.items()})
    assert SklearnScorer(viewed).score(["abc"]).pages() == SklearnScorer(model).score(["abc"]).pages()
    assert len(viewed.arrays[FEATURES]) == 4 * len(KEPT)
