from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from smartcat.classifier.features import (
    analyzer,
    bucket,
    count_features,
    count_part,
    entries_per_part,
    fingerprint,
    keep,
    lookup,
    part_text,
    utf8_safe,
    vectorizer,
    weigh,
)
from smartcat.classifier.spec import FeaturePart, FeatureSpec

WORDS = FeaturePart(ngram_range=(1, 2))
CHARACTERS = FeaturePart(analyzer="char_wb", ngram_range=(2, 4))
HEAD = FeaturePart(ngram_range=(1, 1), head=12)
SPEC = FeatureSpec(n_features=2**10)
PARTS = FeatureSpec(n_features=2**8, parts=(WORDS, CHARACTERS, HEAD))
ONE_START = np.array([0])
ANY_TEXT = st.text(st.characters(codec=None), max_size=60)


def counted(rows: Any) -> Any:
    """Make a matrix of counts."""
    return csr_matrix(np.array(rows, dtype=np.float32))


def weighed(spec: FeatureSpec, texts: list[str], idf: Any = None) -> Any:
    """Return rows of all features, as if a model kept every bucket."""
    starts = np.arange(len(spec.parts), dtype=np.int64) * spec.n_features
    return weigh(spec, count_features(spec, texts), starts, idf)


@pytest.mark.parametrize("spec", [SPEC, PARTS])
def test_no_text_gives_a_matrix_without_rows(spec: FeatureSpec) -> None:
    """Classifying nothing is no error, though the vectorizer itself stops the iteration."""
    assert count_features(spec, []).shape == (0, spec.width)
    assert weighed(spec, []).shape == (0, spec.width)


@given(st.lists(ANY_TEXT, min_size=1, max_size=5), st.sampled_from([WORDS, CHARACTERS, HEAD]))
def test_bucket_agrees_with_the_vectorizer_on_every_character(texts: list[str], part: FeaturePart) -> None:
    """Mapping n-grams back to features uses the very hash that made the features, over all of Unicode."""
    counts = count_part(SPEC, part, texts)
    for row, text in enumerate(texts):
        expected = np.zeros(2**10)
        for term in analyzer(SPEC, part)(utf8_safe(text)):
            expected[bucket(term, 2**10)] += 1
        assert np.array_equal(counts[row].toarray().ravel(), expected)


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_each_part_has_buckets_of_its_own(texts: list[str]) -> None:
    """Bucket b of part i is feature i * n_features + b."""
    counts = count_features(PARTS, texts)
    assert counts.shape == (len(texts), 3 * 2**8)
    for index, part in enumerate(PARTS.parts):
        alone = count_part(PARTS, part, texts)
        assert np.array_equal(counts[:, index * 2**8 : (index + 1) * 2**8].toarray(), alone.toarray())


@given(ANY_TEXT)
def test_a_head_is_the_first_characters_of_a_page(text: str) -> None:
    """What stands further down makes no feature of the head, and half a word at its end is a word."""
    whole, head = count_part(PARTS, HEAD, [text]), count_part(PARTS, HEAD, [text[:12]])
    assert (whole != head).nnz == 0
    assert part_text(PARTS, WORDS, text) == text


@given(st.lists(ANY_TEXT, min_size=2, max_size=6), st.sampled_from([SPEC, PARTS]))
def test_a_row_does_not_depend_on_its_batch(texts: list[str], spec: FeatureSpec) -> None:
    """Features of a text are bit-identical whether it comes alone or among others."""
    idf = np.linspace(0.5, 3.0, spec.width, dtype=np.float32)
    together = weighed(spec, texts, idf)
    for row, text in enumerate(texts):
        alone = weighed(spec, [text], idf)
        assert together[row].indices.tolist() == alone.indices.tolist()
        assert together[row].data.tobytes() == alone.data.tobytes()


@given(st.lists(ANY_TEXT, min_size=1, max_size=5))
def test_every_part_of_a_row_has_the_same_length(texts: list[str]) -> None:
    """A part has its share of a length of one, or nothing where the text has no n-gram of it."""
    rows = weighed(PARTS, texts).toarray().reshape(len(texts), 3, 2**8)
    lengths = (rows.astype(np.float64) ** 2).sum(axis=2)
    present = count_features(PARTS, texts).toarray().reshape(len(texts), 3, 2**8).any(axis=2)
    assert lengths == pytest.approx(np.where(present, 1 / 3, 0.0), abs=1e-6)


def test_weights_match_a_sum_done_by_hand() -> None:
    """Counts 1 and 3 with idf 2 and 1 become (2, 1 + ln 3) over their length."""
    counts = counted([[1, 3, 0]])
    row = weigh(SPEC, counts, ONE_START, np.array([2, 1, 1], dtype=np.float32))
    length = math.hypot(2.0, 1 + math.log(3))
    assert row.indices.tolist() == [0, 1]
    assert row.data == pytest.approx([2 / length, (1 + math.log(3)) / length], rel=1e-6)
    assert counts.data.tolist() == [1, 3, 0][:2]


def test_parts_are_scaled_one_by_one() -> None:
    """Of two parts, (3, 4) and (5) become (0.6, 0.8) and 1, each over the root of two."""
    spec = FeatureSpec(n_features=2**10, parts=(WORDS, CHARACTERS), sublinear_tf=False)
    row = weigh(spec, counted([[3, 4, 5], [0, 0, 7]]), np.array([0, 2]), None)
    assert row.data * math.sqrt(2) == pytest.approx([0.6, 0.8, 1.0, 1.0])


@given(st.integers(min_value=1, max_value=10**6))
def test_logarithms_agree_with_math_on_both_sides_of_the_table(count: int) -> None:
    """Counts beyond the table are logarithms too."""
    heavy, light = weigh(SPEC, counted([[count, 1]]), ONE_START, None).data
    assert heavy / light == pytest.approx(1 + math.log(count), rel=1e-5)


def test_plain_counts_without_sublinear_tf() -> None:
    """The spec can switch the logarithm off."""
    spec = FeatureSpec(n_features=2**10, sublinear_tf=False)
    assert weigh(spec, counted([[3, 4]]), ONE_START, None).data == pytest.approx([0.6, 0.8])


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=8, max_size=8), min_size=1, max_size=4),
    st.sets(st.integers(0, 7)),
)
def test_what_is_kept_is_what_a_dense_matrix_would_keep(rows: list[list[int]], kept: set[int]) -> None:
    """Leaving features out is taking columns, in ascending order, and changes no count."""
    features = np.array(sorted(kept), dtype=np.int64)
    counts = counted(rows)
    matrix = keep(counts, lookup(features, 8), len(features))
    assert np.array_equal(matrix.toarray(), np.array(rows)[:, features])
    assert matrix.has_sorted_indices
    assert np.array_equal(counts.toarray(), np.array(rows))


def test_lookup_gives_columns_and_minus_one() -> None:
    """Features 1 and 3 of five are columns 0 and 1."""
    assert lookup(np.array([1, 3], dtype=np.uint32), 5).tolist() == [-1, 0, -1, 1, -1]


def test_entries_are_counted_by_row_and_part() -> None:
    """Two parts of two columns: a row with both of the first, an empty row, one of the second."""
    matrix = counted([[1, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 5]])
    assert entries_per_part(matrix, np.array([0, 2])).tolist() == [[2, 0], [0, 0], [0, 1]]
    assert entries_per_part(matrix[:0], np.array([0, 2])).shape == (0, 2)


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
    assert vectorizer(SPEC, WORDS) is vectorizer(FeatureSpec(n_features=2**10), FeaturePart())
    assert vectorizer(SPEC, WORDS) is not vectorizer(SPEC, CHARACTERS)
