from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.calibrate import _held_out, calibrate, fit_temperature
from training.corpus import LabelledDocument
from training.dataset import Dataset, collect
from training.errors import TrainingError
from training.options import TrainOptions

OPTIONS = TrainOptions(n_features=2**10)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@given(st.floats(0.05, 5.0))
def test_the_temperature_that_made_the_truth_is_found(temperature: float) -> None:
    """Margins whose sign is right as often as a softmax at T says are given back T."""
    # Margin 1 against 0 is right with probability p = 1 / (1 + exp(-1/T)).
    total = 1000
    right = round(total / (1 + math.exp(-1 / temperature)))
    scores = np.tile([1.0, 0.0], (total, 1))
    truth = np.array([0] * right + [1] * (total - right))
    # One document in 1002 is imagined to be mislabelled.
    share = (right * (1 - 1 / (total + 2)) + (total - right) / (total + 2)) / total
    expected = 1 / math.log(share / (1 - share))
    assert fit_temperature(scores, truth) == pytest.approx(expected, rel=0.001)


def test_a_few_right_documents_are_no_certainty() -> None:
    """Three right out of three claims four fifths: Laplace's rule of succession."""
    scores = np.tile([1.0, 0.0], (3, 1))
    temperature = fit_temperature(scores, np.array([0, 0, 0]))
    assert 1 / (1 + math.exp(-1 / temperature)) == pytest.approx(4 / 5, abs=0.001)


def test_useless_scores_give_the_hottest_temperature() -> None:
    """Scores that are wrong more often than right claim next to nothing."""
    scores = np.tile([1.0, 0.0], (10, 1))
    assert fit_temperature(scores, np.array([1] * 8 + [0] * 2)) > 90


def _data(labels: list[str], pages: int = 2) -> Dataset:
    documents = [
        LabelledDocument(str(index), label, (f"word {label}",) * pages) for index, label in enumerate(labels)
    ]
    return collect(documents, OPTIONS.spec, _silent)


@given(
    st.lists(st.sampled_from("abc"), min_size=8, max_size=30).filter(
        lambda labels: sum(labels.count(label) > 1 for label in "abc") > 1
    ),
    st.integers(2, 6),
)
def test_each_document_is_held_out_at_most_once(labels: list[str], folds: int) -> None:
    """Folds are disjoint, hold out all but rare labels, and leave every label to learn from."""
    data = _data(labels)
    options = replace(OPTIONS, calibration_folds=folds)
    masks = list(_held_out(data, options))
    times = np.sum(masks, axis=0)
    sizes = np.bincount(data.targets)
    assert len(masks) <= folds
    assert times.tolist() == [int(sizes[target] >= len(masks)) for target in data.targets]
    for mask in masks:
        assert set(data.targets[~mask]) == set(data.targets)


def test_single_documents_cannot_be_calibrated_on() -> None:
    """With one document a label there is nothing to check a confidence against."""
    with pytest.raises(TrainingError, match="at least two labels with two documents each"):
        calibrate(_data(["a", "b", "c", "c"]), OPTIONS, _silent)


def test_documents_that_share_nothing_cannot_be_calibrated_on() -> None:
    """Held-out documents without a known word give no score to learn from."""
    words = ["aa", "bb", "cc", "dd"]
    documents = [LabelledDocument(word, "x" if word < "c" else "y", (word, word)) for word in words]
    data = collect(documents, TrainOptions().spec, _silent)
    with pytest.raises(TrainingError, match="no document shares a word"):
        calibrate(data, TrainOptions(), _silent)


def test_calibration_reports_what_it_saw(documents: list[LabelledDocument]) -> None:
    """Every document is scored once, and progress counts the folds."""
    told: list[tuple[str, int, int]] = []
    found = calibrate(collect(documents, OPTIONS.spec, _silent), OPTIONS, lambda *step: told.append(step))
    assert told == [("calibrate", 1, 3), ("calibrate", 2, 3), ("calibrate", 3, 3)]
    assert (found.folds, found.documents, found.converged) == (3, len(documents), True)
    assert found.accuracy > 0.9
    assert 0 < found.temperature < 1
