from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.hyperparameters import (
    CHARACTERS,
    HEAD_WORDS,
    REFINEMENTS,
    WORDS,
    Hyperparameters,
    refined,
)
from smartcat.training.model_selection import sample_examples, select_hyperparameters
from smartcat.training.progress import no_progress
from support.learning import QUICK, candidate, dataset_of

if TYPE_CHECKING:
    from smartcat.training.feature_matrix import Dataset
    from smartcat.training.hyperparameters import TrainingOptions

Told = list[tuple[str, int, int]]


def spelled() -> list[LabelledDocument]:
    """Give documents whose words are all misspelled, each in its own way: only characters tell them apart."""
    draw = np.random.default_rng(4)
    return [
        LabelledDocument(
            f"{label}-{number}",
            label,
            (" ".join(f"{stem}{''.join(draw.choice(list('wxyz'), 5))}" for _ in range(8)),),
        )
        for label, stem in (("a", "abrik"), ("b", "olmun"))
        for number in range(15)
    ]


def comparing(*candidates: Hyperparameters, refine: bool = False) -> TrainingOptions:
    """Return options that compare these candidates."""
    return replace(QUICK, candidates=candidates, refine=refine, min_pages=1)


def test_a_single_candidate_is_not_compared(data: Dataset) -> None:
    """There is nothing to select, so nothing is fitted."""
    told: Told = []
    selection = select_hyperparameters(data, QUICK, lambda *step: told.append(step))
    assert (selection.hyperparameters, selection.compared, told) == (QUICK.candidates[0], (), [])


@pytest.mark.parametrize(
    "candidates", [(candidate(WORDS), candidate(CHARACTERS)), (candidate(CHARACTERS), candidate(WORDS))]
)
def test_the_candidate_with_the_lower_loss_is_selected(candidates: tuple[Hyperparameters, ...]) -> None:
    """Characters, where every word is new; whichever was compared first."""
    options = comparing(*candidates)
    selection = select_hyperparameters(dataset_of(spelled(), options), options, no_progress)
    assert selection.hyperparameters.spec.parts == (CHARACTERS,)
    assert [each.features for each in selection.compared] == [each.spec.describe() for each in candidates]
    losses = {each.features: each.log_loss for each in selection.compared}
    assert losses["characters 2-5"] < losses["words 1-2"]


def test_of_equal_candidates_the_first_is_selected(documents: list[LabelledDocument]) -> None:
    """What does not lower the loss by a hundredth is not worth its time at every document."""
    options = comparing(candidate(WORDS), candidate(WORDS, regularisation=1.0001))
    selection = select_hyperparameters(dataset_of(documents, options), options, no_progress)
    first, second = selection.compared
    assert selection.hyperparameters == options.candidates[0]
    assert second.log_loss == pytest.approx(first.log_loss, rel=0.01)


def test_steps_refine_the_best_candidate_so_far(documents: list[LabelledDocument]) -> None:
    """Everything is compared once, progress counts it, and the best of all is selected or nearly so."""
    told: Told = []
    options = comparing(candidate(WORDS), candidate(WORDS, HEAD_WORDS), refine=True)
    selection = select_hyperparameters(
        dataset_of(documents, options), options, lambda *step: told.append(step)
    )
    total = 2 + sum(map(len, REFINEMENTS))
    assert told == [("select", done, total) for done in range(1, total + 1)]
    assert len(selection.compared) == total
    taken = next(
        each
        for each in selection.compared
        if each.log_loss == _loss_of(selection.hyperparameters, selection.compared)
    )
    assert taken.log_loss <= min(each.log_loss for each in selection.compared) / 0.99**5


def _loss_of(selected: Hyperparameters, compared: tuple[object, ...]) -> float:
    facts = selected.to_facts(accuracy=0, log_loss=0)
    return next(
        each.log_loss  # type: ignore[attr-defined]
        for each in compared
        if each.model_copy(update={"accuracy": 0.0, "log_loss": 0.0}) == facts  # type: ignore[attr-defined]
    )


def test_the_same_data_select_the_same_hyperparameters(documents: list[LabelledDocument]) -> None:
    """Figures and all."""
    options = comparing(candidate(WORDS), candidate(WORDS, naive_bayes=0.5))
    first, second = (
        select_hyperparameters(dataset_of(documents, options), options, no_progress) for _ in range(2)
    )
    assert first == second


def test_each_step_changes_one_hyperparameter() -> None:
    """Refined candidates differ from the best so far, and keep its features."""
    best = candidate(WORDS, naive_bayes=0.3)
    for step in range(len(REFINEMENTS)):
        for each in refined(best, step):
            assert each.spec == best.spec
            assert each != best or step == 0


@given(st.lists(st.integers(0, 2), min_size=1, max_size=50), st.integers(1, 60))
def test_samples_keep_documents_whole_and_come_from_all_over(steps: list[int], most: int) -> None:
    """As many documents as wanted, the first and the last among them, none of them in part."""
    groups = np.cumsum(steps)
    selection = sample_examples(groups, most)
    names = np.unique(groups)
    kept = np.unique(groups[selection])
    assert len(kept) == min(most, len(names))
    assert np.array_equal(selection, np.isin(groups, kept))
    assert kept[0] == names[0]
    assert most == 1 or kept[-1] == names[-1]
    gaps = np.diff(np.searchsorted(names, kept))
    assert not len(gaps) or gaps.max() - gaps.min() <= 1


def test_only_a_sample_is_compared_on() -> None:
    """Documents that were not sampled change nothing."""
    documents = [
        LabelledDocument(str(number), "ab"[number % 2], (f"{'north' if number % 2 else 'south'} the and",))
        for number in range(301)
    ]
    options = replace(
        comparing(candidate(WORDS), candidate(WORDS, regularisation=3.0)), max_selection_documents=101
    )
    odd = [replace(each, pages=("the and",)) if index % 3 else each for index, each in enumerate(documents)]
    few = [each for index, each in enumerate(documents) if index % 3 == 0]
    whole, other, alone = (
        select_hyperparameters(dataset_of(docs, options), options, no_progress)
        for docs in (documents, odd, few)
    )
    assert whole.compared == other.compared == alone.compared


def test_a_sample_without_two_documents_of_a_label_compares_nothing() -> None:
    """A label for every two documents: the sample holds one of each, and the first candidate is selected."""
    documents = [LabelledDocument(str(number), f"label-{number // 2}", ("the and",)) for number in range(400)]
    options = replace(comparing(candidate(WORDS), candidate(CHARACTERS)), max_selection_documents=100)
    selection = select_hyperparameters(dataset_of(documents, options), options, no_progress)
    assert (selection.hyperparameters, selection.compared) == (options.candidates[0], ())


def test_the_manifest_records_the_hyperparameters() -> None:
    """The manifest says what was selection."""
    selected = candidate(
        WORDS, CHARACTERS, loss="log", regularisation=10.0, class_weight="balanced", naive_bayes=0.3
    )
    facts = selected.to_facts(accuracy=0.5, log_loss=1.25)
    assert facts.model_dump() == {
        "features": "words 1-2 + characters 2-5",
        "loss": "log",
        "regularisation": 10.0,
        "class_weight": "balanced",
        "naive_bayes": 0.3,
        "accuracy": 0.5,
        "log_loss": 1.25,
    }
