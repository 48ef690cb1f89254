from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier import native_binding
from smartcat.classifier.features import count_part
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training import ngram_counting
from smartcat.training.ngram_counting import count_ngrams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartcat.classifier.features import Csr

PARTS = (
    FeaturePart(),
    FeaturePart(analyzer="word", ngram_range=(1, 2), head=12),
    FeaturePart(analyzer="char_wb", ngram_range=(2, 4)),
)
SPECS = (
    FeatureSpec(n_features=2**5),
    FeatureSpec(n_features=2**10, lowercase=False, strip_accents="unicode"),
)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    ngram_counting._feature_space.cache_clear()
    yield
    ngram_counting._feature_space.cache_clear()


def assert_same(ours: Csr, theirs: Csr) -> None:
    """Two matrices agree in every number, and in the types of their arrays."""
    assert ours.shape == theirs.shape
    for name in ("indptr", "indices", "data"):
        mine, other = getattr(ours, name), getattr(theirs, name)
        assert mine.dtype == other.dtype
        assert np.array_equal(mine, other)


@given(st.lists(st.text(alphabet=st.characters(), max_size=40), max_size=5))
def test_it_counts_as_scikit_learn_does(texts: list[str]) -> None:
    """Any texts, lone surrogates included, give the definition's very arrays for each kind of n-gram."""
    for spec in SPECS:
        for part in PARTS:
            assert_same(count_ngrams(spec, part, texts), count_part(spec, part, texts))


def test_a_text_beyond_what_the_engine_takes_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """scikit-learn counts what the compiled engine refuses for its length."""

    class Refusing:
        def count(self, texts: list[str]) -> None:
            raise ValueError(f"a text of {len(texts[0])} bytes is too large")

    monkeypatch.setattr(ngram_counting, "_feature_space", lambda *_: Refusing())
    assert count_ngrams(SPECS[0], PARTS[0], ["one two two"]).sum() == 5


def test_without_the_engine_scikit_learn_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no compiler was, training works all the same."""
    monkeypatch.setattr(native_binding, "AVAILABLE", False)
    assert_same(count_ngrams(SPECS[0], PARTS[0], ["a bc bc"]), count_part(SPECS[0], PARTS[0], ["a bc bc"]))


def test_features_that_the_engine_does_not_know_are_counted() -> None:
    """N-grams of a kind that only a later release may have are left to scikit-learn."""
    strange = FeaturePart.model_construct(analyzer="char", ngram_range=(1, 3), head=None)
    assert_same(count_ngrams(SPECS[0], strange, ["a bc bc"]), count_part(SPECS[0], strange, ["a bc bc"]))
