"""Training on corpora that hold documents several times: copies must not make figures better."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.evaluation.evaluate import evaluate
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.out_of_core.memory_budget import MemoryBudget
from smartcat.training.progress import no_progress
from smartcat.training.strategy import choose_strategy
from smartcat.training.train import train
from support.corpora import noisy_documents
from support.learning import QUICK, dataset_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartcat.training.trained_model import TrainedModel

OPTIONS = TrainingOptions.quick(n_features=2**14)


@pytest.fixture(params=["in memory", "out of core"])
def learn(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[list[LabelledDocument]], TrainedModel]:
    """Give each of the two ways to train."""

    def run(documents: list[LabelledDocument]) -> TrainedModel:
        strategy = choose_strategy(
            partial(iter, documents),
            options=OPTIONS,
            budget=MemoryBudget(),
            stream=request.param == "out of core",
            progress=no_progress,
        )
        return strategy.train(directory=tmp_path, progress=no_progress)

    return run


def again(documents: list[LabelledDocument], times: int) -> list[LabelledDocument]:
    """Return documents so many times, with ids of their own and other spaces and case."""
    changes: list[Callable[[str], str]] = [str, str.upper, lambda text: text.replace(" ", "\n ")]
    return [
        replace(each, document_id=f"{each.document_id}/{copy}", pages=tuple(map(changes[copy], each.pages)))
        for copy in range(times)
        for each in documents
    ]


def with_random_labels(count: int) -> list[LabelledDocument]:
    """Return documents of common words whose labels mean nothing."""
    draw = random.Random(11)  # noqa: S311 - generates test data
    return [
        LabelledDocument(
            str(number), draw.choice("abc"), (" ".join(f"common{draw.randrange(200)}" for _ in range(60)),)
        )
        for number in range(count)
    ]


def test_random_labels_written_three_times_are_right_by_chance(
    learn: Callable[[list[LabelledDocument]], TrainedModel],
) -> None:
    """Of three labels a third: a model that has learned from the copies would be right each time."""
    facts = learn(again(with_random_labels(150), 3)).facts
    assert facts.held_out_accuracy < 0.5
    assert facts.held_out_confidence < 0.6
    assert facts.documents == 150


def test_a_corpus_given_twice_is_the_corpus(
    learn: Callable[[list[LabelledDocument]], TrainedModel],
) -> None:
    """The model is the same to the bit, and so is every figure but the number of copies."""
    documents = noisy_documents("abc", 40)
    once, twice = learn(documents), learn([*documents, *documents])
    assert twice.model.model_version == once.model.model_version
    assert once.facts.corpus is not None
    assert twice.facts.corpus is not None
    assert (once.facts.corpus.copies, twice.facts.corpus.copies) == (0, 120)
    assert replace_corpus(twice) == replace_corpus(once)


def replace_corpus(trained: TrainedModel) -> object:
    """Return the facts of a training without the corpus report."""
    return trained.facts.model_copy(update={"corpus": None})


def test_with_three_copies_new_documents_are_accepted_as_without(
    learn: Callable[[list[LabelledDocument]], TrainedModel],
) -> None:
    """What is familiar is learned from distinct documents: copies are familiar through and through."""
    unseen = noisy_documents("abc", 60, seed=8)
    once = evaluate(learn(noisy_documents("abc", 60)).classifier(), unseen)
    thrice = evaluate(learn(again(noisy_documents("abc", 60), 3)).classifier(), unseen)
    assert once.coverage > 0.5
    assert abs(thrice.coverage - once.coverage) < 0.05
    assert abs(thrice.ece - once.ece) < 0.02


def misread(documents: list[LabelledDocument], copies: int) -> list[LabelledDocument]:
    """Return documents and versions of them in which one word in a hundred was misread."""
    return [
        replace(
            each,
            document_id=f"{each.document_id}/{copy}",
            pages=tuple(
                " ".join(
                    f"{word}m{copy}" if copy and place % 105 == 20 * copy else word
                    for place, word in enumerate(page.split())
                )
                for page in each.pages
            ),
        )
        for each in documents
        for copy in range(copies)
    ]


def long_documents(count: int) -> list[LabelledDocument]:
    """Return documents of 210 common words whose labels mean nothing."""
    draw = random.Random(12)  # noqa: S311 - generates test data
    return [
        LabelledDocument(
            str(number), draw.choice("abc"), (" ".join(f"common{draw.randrange(400)}" for _ in range(210)),)
        )
        for number in range(count)
    ]


def test_near_copies_promise_nothing() -> None:
    """Three scans of each document, misread here and there, with random labels, in any order."""
    documents = misread(long_documents(60), 3)
    random.Random(2).shuffle(documents)  # noqa: S311 - generates test data
    trained = train(documents, options=OPTIONS)
    assert trained.report.near_copies == 120
    assert trained.facts.held_out_documents == 60
    assert trained.facts.held_out_accuracy < 0.6


def test_a_feature_of_one_document_and_its_copies_is_rare() -> None:
    """Near copies are one document: a word that only they have is on one page, and is left out."""
    documents = long_documents(40)
    odd = replace(documents[0], pages=(f"{documents[0].pages[0]} peculiarity",))
    copies = misread([odd], 3)
    # Buckets enough that no two words share one.
    options = TrainingOptions.quick()
    alone = train(documents, options=options).model.kept
    assert train([*documents[1:], *copies], options=options).model.kept == alone
    data = dataset_of([*documents[1:], *copies], OPTIONS)
    pages = data.distinct_pages(data.examples)
    assert pages is not None
    assert len(set(pages.tolist())) == 40


def test_equal_texts_with_different_labels_are_folded_and_counted_once() -> None:
    """A text that has two labels cannot be right by having been seen, and stays to be looked at."""
    documents = long_documents(60)
    others = [replace(each, document_id=f"{each.document_id}/other", label="d") for each in documents[:9]]
    trained = train([*documents, *others], options=replace(OPTIONS, suspects=True))
    assert (trained.report.conflicting, trained.report.near_copies) == (9, 0)
    assert trained.facts.documents == 69
    assert trained.facts.held_out_documents == 60
    assert trained.suspects is not None
    assert {each.document_id for each in others} & {each.document_id for each in trained.suspects}


def test_forms_that_are_nearly_equal_can_still_be_learned() -> None:
    """Nine tenths of two kinds of form are printed: as one document each, nothing could be held out."""
    printed = long_documents(2)
    forms = [
        LabelledDocument(
            f"{kind}{number}", "ab"[kind], (f"{printed[kind].pages[0]} value{number}x{kind} filled in here",)
        )
        for kind in (0, 1)
        for number in range(20)
    ]
    trained = train(forms, options=QUICK)
    assert trained.report.from_templates == 40
    assert (trained.report.near_copies, trained.facts.held_out_documents) == (0, 40)
