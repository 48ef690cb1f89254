from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.training.comparison import Outcome
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.hyperparameters import (
    CHARACTERS,
    HEAD_WORDS,
    REFINEMENTS,
    THOROUGH_REFINEMENTS,
    WORDS,
    Hyperparameters,
    refined,
)
from smartcat.training.model_selection import (
    cheapest_within_error,
    sample_examples,
    select_hyperparameters,
    spaced_places,
)
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
    for step, changes in enumerate(THOROUGH_REFINEMENTS):
        for each in refined(best, changes):
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


def outcome(losses: list[float], entries: float) -> Outcome:
    """Give an outcome with these losses."""
    way = candidate(WORDS)
    trial = way.to_facts(accuracy=0.5, log_loss=float(np.mean(losses)))
    return Outcome(way, trial, np.array(losses), entries)


def test_the_cheapest_within_one_standard_error_of_the_difference_is_taken() -> None:
    """Worse by chance is good enough, and worse on every document is not; by hand: 0.1 +- 0.12, 0.2 +- 0."""
    best = outcome([0.5, 0.5, 0.5, 0.5], 9)
    by_chance = outcome([0.3, 0.9, 0.5, 0.7], 5)
    worse = outcome([0.7, 0.7, 0.7, 0.7], 1)
    assert cheapest_within_error([worse, by_chance, best]) is by_chance
    assert cheapest_within_error([worse, best]) is best
    assert cheapest_within_error([best, by_chance]) is best


def test_only_the_better_half_of_many_candidates_goes_on(documents: list[LabelledDocument]) -> None:
    """All are compared in a first round on half the documents, half of them again; not so if thorough."""
    ways = [candidate(WORDS), candidate(CHARACTERS), candidate(HEAD_WORDS), candidate(WORDS, HEAD_WORDS)]
    options = comparing(*ways)
    draw = random.Random(1)  # noqa: S311 - an order of words

    def shuffled(page: str) -> str:
        return " ".join(draw.sample(page.split(), len(page.split())))

    many = [
        replace(each, document_id=f"{copy}-{each.document_id}", pages=tuple(map(shuffled, each.pages)))
        for copy in range(1 + 400 // len(documents))
        for each in documents
    ]
    told: Told = []
    data = dataset_of(many, options)
    selection = select_hyperparameters(data, options, lambda *step: told.append(step))
    assert told == [("select", done, 6) for done in range(1, 7)]
    first, second = selection.compared[:4], selection.compared[4:]
    assert [each.features for each in first] == [each.spec.describe() for each in ways]
    better = sorted(first, key=lambda each: each.log_loss)[:2]
    assert {each.features for each in second} == {each.features for each in better}
    thorough = select_hyperparameters(data, replace(options, thorough=True), no_progress)
    assert len(thorough.compared) == 4


@given(st.integers(0, 300), st.integers(1, 300))
def test_places_are_evenly_spaced(size: int, wanted: int) -> None:
    """As many as wanted, each once, in order, from the first to the last."""
    places = spaced_places(size, wanted).tolist()
    assert len(places) == len(set(places)) == min(size, wanted)
    assert places == sorted(places)
    assert not places or places[0] == 0
    assert len(places) < 2 or places[-1] == size - 1
