from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from classifier.features import (
    analyzer,
    bucket,
    count_features,
    document_features,
    fingerprint,
    utf8_safe,
    vectorizer,
    weigh,
)
from classifier.spec import FeatureSpec

SPEC = FeatureSpec(n_features=2**10)
ANY_TEXT = st.text(st.characters(codec=None), max_size=60)


def test_no_text_gives_a_matrix_without_rows() -> None:
    """Classifying nothing is no error, though the vectorizer itself stops the iteration."""
    assert document_features(SPEC, []).shape == (0, 2**10)


@given(st.lists(ANY_TEXT, min_size=1, max_size=5), st.sampled_from(["word", "char_wb"]))
def test_bucket_agrees_with_the_vectorizer_on_every_character(texts: list[str], kind: str) -> None:
    """Mapping n-grams back to features uses the very hash that made the features, over all of Unicode."""
    spec = FeatureSpec(n_features=2**10, analyzer=kind)  # type: ignore[arg-type]
    counts = count_features(spec, texts)
    for row, text in enumerate(texts):
        expected = np.zeros(2**10)
        for term in analyzer(spec)(utf8_safe(text)):
            expected[bucket(term, 2**10)] += 1
        assert np.array_equal(counts[row].toarray().ravel(), expected)


@given(st.lists(ANY_TEXT, min_size=2, max_size=6))
def test_a_row_does_not_depend_on_its_batch(texts: list[str]) -> None:
    """Features of a text are bit-identical whether it comes alone or among others."""
    idf = np.linspace(0.5, 3.0, 2**10, dtype=np.float32)
    together = document_features(SPEC, texts, idf)
    for row, text in enumerate(texts):
        alone = document_features(SPEC, [text], idf)
        assert together[row].indices.tolist() == alone.indices.tolist()
        assert together[row].data.tobytes() == alone.data.tobytes()


@given(st.lists(ANY_TEXT, min_size=1, max_size=5))
def test_rows_have_length_one_or_are_empty(texts: list[str]) -> None:
    """Long and short pages weigh alike."""
    rows = document_features(SPEC, texts)
    lengths = np.sqrt(rows.multiply(rows).sum(axis=1))
    assert all(abs(length - 1) < 1e-5 or length == 0 for length in np.asarray(lengths).ravel())


def test_weights_match_a_sum_done_by_hand() -> None:
    """Counts 1 and 3 with idf 2 and 1 become (2, 1 + ln 3) over their length; a feature of idf 0 is gone."""
    counts = csr_matrix(np.array([[1, 3, 5, 0]], dtype=np.float32))
    row = weigh(SPEC, counts, np.array([2, 1, 0, 1], dtype=np.float32))
    length = math.hypot(2.0, 1 + math.log(3))
    assert row.indices.tolist() == [0, 1]
    assert row.data == pytest.approx([2 / length, (1 + math.log(3)) / length], rel=1e-6)
    assert counts.data.tolist() == [1, 3, 5]


@given(st.integers(min_value=1, max_value=10**6))
def test_logarithms_agree_with_math_on_both_sides_of_the_table(count: int) -> None:
    """Counts beyond the table are logarithms too."""
    counts = csr_matrix(np.array([[count, 1]], dtype=np.float32))
    heavy, light = weigh(SPEC, counts, None).data
    assert heavy / light == pytest.approx(1 + math.log(count), rel=1e-5)


def test_plain_counts_without_sublinear_tf() -> None:
    """The spec can switch the logarithm off."""
    counts = csr_matrix(np.array([[3, 4]], dtype=np.float32))
    row = weigh(FeatureSpec(n_features=2**10, sublinear_tf=False), counts, None)
    assert row.data == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize(("text", "safe"), [("\ud800x", "?x"), ("é", "é"), ("", "")])
def test_lone_surrogates_are_replaced(text: str, safe: str) -> None:
    """Text that has no UTF-8 form is classified all the same."""
    assert utf8_safe(text) == safe


def test_fingerprint_tells_counts_apart() -> None:
    """Equal counts have equal fingerprints; another word, another count or another page boundary differ."""
    texts = [["ab cd"], ["ab ce"], ["ab cd cd"], ["ab", "cd"]]
    prints = [fingerprint(count_features(SPEC, pages)) for pages in texts]
    assert len(set(prints)) == 4
    assert prints[0] == fingerprint(count_features(SPEC, ["ab cd"]))


def test_equal_specs_share_a_vectorizer() -> None:
    """The vectorizer is built once, not at every call."""
    assert vectorizer(SPEC) is vectorizer(FeatureSpec(n_features=2**10))
