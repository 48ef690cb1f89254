"""Counts without copies: the same numbers as the one definition gives, and clean errors from the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix, hstack

from smartcat.classifier import native_binding
from smartcat.classifier.features import keep, lookup, weigh
from smartcat.training.hyperparameters import CHARACTERS, HEAD_WORDS, WORDS, feature_spec
from smartcat.training.page_counts import PageCounts

BUCKETS = 64
COMPILED = pytest.mark.skipif(not native_binding.AVAILABLE, reason="the compiled engine is not built")


def counts_of(seed: int, parts: int, rows: int, largest: int) -> tuple[Any, ...]:
    """Some counts of each part; a third of the rows are empty."""
    draw = np.random.default_rng(seed)
    return tuple(
        csr_matrix(
            draw.integers(1, largest, (rows, BUCKETS))
            * (draw.random((rows, BUCKETS)) < 0.3)
            * (draw.random((rows, 1)) < 0.7),
            dtype=np.float32,
        )
        for _ in range(parts)
    )


@pytest.mark.parametrize("compiled", [pytest.param(True, marks=COMPILED), False])
@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31 - 1),
    parts=st.integers(1, 3),
    rows=st.integers(0, 12),
    largest=st.sampled_from([2, 9, 9000]),
    idf=st.booleans(),
    sublinear=st.booleans(),
)
def test_weights_are_those_of_the_definition_to_the_bit(
    *, compiled: bool, seed: int, parts: int, rows: int, largest: int, idf: bool, sublinear: bool
) -> None:
    """Any rows, any features known, with idf and without: what scikit-learn's way gives, with any engine."""
    spec = feature_spec(
        *(WORDS, CHARACTERS, HEAD_WORDS)[:parts], n_features=BUCKETS, idf=idf, sublinear_tf=sublinear
    )
    counts = counts_of(seed, parts, rows, largest)
    draw = np.random.default_rng(seed)
    features = np.flatnonzero(draw.random(parts * BUCKETS) < 0.6)
    rarity = draw.uniform(1, 9, len(features)).astype(np.float32) if idf else None
    chosen = draw.permutation(rows)[: rows // 2 + 1]
    starts = np.searchsorted(features, np.arange(parts) * BUCKETS)
    stacked = csr_matrix(hstack(counts, format="csr"))[chosen]
    with np.errstate(invalid="ignore"):
        expected = weigh(spec, keep(stacked, lookup(features, spec.width), len(features)), starts, rarity)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native_binding, "AVAILABLE", compiled)
        found = PageCounts(counts)[chosen].weigh(spec, features, rarity)
    assert found.shape == expected.shape
    assert found.data.tobytes() == expected.data.tobytes()
    assert found.indices.tolist() == expected.indices.tolist()
    assert found.indptr.tolist() == expected.indptr.tolist()


def test_rows_of_rows_and_masks_count_as_one_matrix_does() -> None:
    """Chosen rows, by index and by mask, have the frequencies and entries that the stacked matrix has."""
    counts = counts_of(1, 2, 10, 5)
    stacked = csr_matrix(hstack(counts, format="csr"))
    view = PageCounts(counts)[np.array([7, 1, 3, 9])][np.array([True, False, True, True])]
    rows = stacked[[7, 3, 9]]
    assert view.shape == rows.shape
    assert view.to_csr().toarray().tolist() == rows.toarray().tolist()
    assert view.frequency().tolist() == (rows.toarray() > 0).sum(axis=0).tolist()
    assert view.entries_per_part()[:, 1].tolist() == (rows[:, BUCKETS:].toarray() > 0).sum(axis=1).tolist()


def call(**changes: Any) -> None:
    """Weigh both rows of one part of two columns, with something changed."""
    arrays: dict[str, Any] = {
        "parts": (np.array([0, 1, 3]), np.array([0, 0, 1], np.int32), np.ones(3, np.float32)),
        "rows": np.array([0, 1]),
        "places": np.array([0, 1], np.int32),
        "idf": np.ones(2, np.float32),
        "table": np.array([0, 1], np.float32),
        "starts": np.zeros(3, np.int64),
        "columns": np.zeros(3, np.int32),
        "values": np.zeros(3, np.float32),
    }
    native_binding.weigh(*(arrays | changes).values())


@COMPILED
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": np.array([0, 2])}, "a row is out of range"),
        ({"rows": np.array([0, -1])}, "a row is out of range"),
        ({"places": np.array([0, 2], np.int32)}, "a place is out of range"),
        ({"places": np.array([0], np.int32)}, "a feature is out of range"),
        ({"table": np.array([0], np.float32)}, "a count is out of range"),
        ({"starts": np.zeros(2, np.int64)}, "starts and rows do not match"),
        ({"columns": np.zeros(2, np.int32)}, "columns and values do not match"),
        ({"columns": np.zeros(1, np.int32), "values": np.zeros(1, np.float32)}, "no room"),
        (
            {"parts": (np.array([0, 1, 4]), np.zeros(3, np.int32), np.ones(3, np.float32))},
            "entries are out of",
        ),
        (
            {"parts": (np.array([0, 2, 1]), np.zeros(3, np.int32), np.ones(3, np.float32))},
            "entries are out of",
        ),
        ({"parts": (np.array([0, 1, 3]), np.zeros(2, np.int32), np.ones(3, np.float32))}, "do not match"),
        (
            {"parts": (np.array([0, 1, 3]), np.zeros(3, np.int32), np.array([1, np.nan, 1], np.float32))},
            "a count is out of range",
        ),
        ({"parts": (np.array([0, 1, 3]),)}, "three arrays a part"),
        ({"parts": (np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))}, "do not match"),
        ({"rows": np.zeros(17, np.uint8)[1:]}, "whole, aligned numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    """Whatever the arrays hold, the answer is an error that says what is wrong; memory is never touched."""
    call()
    with pytest.raises(ValueError, match=message):
        call(**changes)
