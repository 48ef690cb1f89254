from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.corpus.profile import profile_corpus
from smartcat.training.errors import CorpusError, TrainingError
from smartcat.training.evaluation.evaluate import evaluate
from smartcat.training.hyperparameters import CHARACTERS, WORDS, TrainingOptions
from smartcat.training.out_of_core.memory_budget import MemoryBudget, estimate_resources
from smartcat.training.out_of_core.train import train_out_of_core
from smartcat.training.progress import no_progress
from smartcat.training.train import train
from support.corpora import noisy_documents
from support.labelled import documents_with_covers, labelled_documents, labelled_pages
from support.learning import candidate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from smartcat.training.progress import Progress
    from smartcat.training.trained_model import TrainedModel

OPTIONS = TrainingOptions.quick(n_features=2**10)
LABELS = ("a", "b", "c", "d")


def _streamed(
    folder: Path,
    documents: Sequence[LabelledDocument],
    options: TrainingOptions = OPTIONS,
    progress: Progress = no_progress,
    most: int = 2000,
) -> TrainedModel:
    found = profile_corpus(
        documents, no_progress, max_documents=most, max_characters=10**6, seed=options.seed
    )
    return train_out_of_core(
        partial(iter, documents),
        found,
        estimate_resources(found, options),
        options=options,
        budget=MemoryBudget(),
        directory=folder,
        progress=progress,
    )


@pytest.fixture(scope="module")
def in_turns() -> list[LabelledDocument]:
    """Give 600 documents whose labels take turns."""
    return noisy_documents(LABELS, 150)


@pytest.fixture(scope="module")
def streamed(tmp_path_factory: pytest.TempPathFactory, in_turns: list[LabelledDocument]) -> TrainedModel:
    """Give the model learned from them in passes."""
    return _streamed(tmp_path_factory.mktemp("spool"), in_turns)


def test_a_streamed_model_is_about_as_good_as_one_learned_in_memory(
    tmp_path: Path, streamed: TrainedModel, in_turns: list[LabelledDocument]
) -> None:
    """On documents that neither has seen it loses less than two points, sorted by label or not."""
    unseen = noisy_documents(LABELS, 150, seed=4)
    exact = evaluate(train(in_turns, options=OPTIONS).classifier(), unseen)
    by_label = sorted(in_turns, key=lambda document: document.label)
    for model in (streamed, _streamed(tmp_path, by_label)):
        found = evaluate(model.classifier(), unseen)
        assert exact.accuracy > 0.8
        assert found.accuracy > exact.accuracy - 0.02
        assert found.ece < 0.1


def test_the_same_documents_and_seed_give_the_same_model(
    tmp_path: Path, streamed: TrainedModel, in_turns: list[LabelledDocument]
) -> None:
    """Training in passes is deterministic to the last bit, and the seed counts."""
    again = _streamed(tmp_path, in_turns)
    assert again.model.model_version == streamed.model.model_version
    assert again.model.arrays == streamed.model.arrays
    assert again.facts == streamed.facts
    other = _streamed(tmp_path, in_turns, replace(OPTIONS, seed=1))
    assert other.model.model_version != streamed.model.model_version


def test_facts_count_the_corpus_and_judge_on_its_last_fold(streamed: TrainedModel) -> None:
    """Documents and labels are those of all, held out is one in five, and folds say that it was one fold."""
    facts = streamed.facts
    assert (facts.documents, facts.pages, facts.folds, facts.held_out_documents) == (600, 600, 1, 120)
    assert {label: (each.documents, each.held_out) for label, each in facts.labels.items()} == dict.fromkeys(
        LABELS, (150, 30)
    )
    assert [warning.split()[0] for warning in streamed.warnings] == ["Confidence", "Documents"]


def test_progress_tells_the_stages_in_order(tmp_path: Path) -> None:
    """A person who waits sees hashing, learning without the held-out documents and with them."""
    told: list[tuple[str, int, int]] = []
    _streamed(tmp_path, labelled_documents(), progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == ["read", "calibrate", "fit"]
    last = {stage: (done, total) for stage, done, total in told}
    assert all(done == total for done, total in last.values())


def test_a_model_has_room_for_so_many_features(tmp_path: Path, in_turns: list[LabelledDocument]) -> None:
    """Where the model would be too large the strongest features are kept, and learned again."""
    options = replace(TrainingOptions.quick(n_features=2**13), max_bytes=10_000)
    model = _streamed(tmp_path, in_turns, options)
    assert model.model.kept < model.facts.features
    assert model.facts.held_out_accuracy > 0.7


def test_pages_of_documents_teach_further_columns(tmp_path: Path) -> None:
    """What is learned of pages in memory is learned of streamed ones: openings, and pages with own labels."""
    covered = _streamed(tmp_path, documents_with_covers(per_label=35))
    assert "opening" in covered.model.columns
    scans = _streamed(tmp_path, labelled_pages())
    assert scans.facts.documents == scans.facts.pages


def test_ways_are_compared_on_the_sample(tmp_path: Path) -> None:
    """The choice is made as in memory, before the corpus is hashed for the way chosen."""
    options = replace(OPTIONS, candidates=(candidate(WORDS), candidate(CHARACTERS)))
    model = _streamed(tmp_path, labelled_documents(), options)
    assert len(model.facts.tried) == 2
    assert model.facts.choice.features in {choice.features for choice in model.facts.tried}


def test_a_sample_too_small_to_compare_on_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents of book length leave a sample of few; training goes on with the first way, and says so."""
    options = replace(OPTIONS, candidates=(candidate(WORDS), candidate(CHARACTERS)))
    monkeypatch.setattr("smartcat.training.corpus.profile._MIN_PER_LABEL", 0)
    model = _streamed(tmp_path, labelled_documents(), options, most=2)
    assert model.facts.tried == ()
    assert model.facts.choice.features == "words 1-2"


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a pass goes through, and the temporary file is gone."""

    def stop(stage: str, _done: int, _total: int) -> None:
        assert list(tmp_path.iterdir()) == []
        if stage == "calibrate":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _streamed(tmp_path, labelled_documents(), progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_errors_of_the_corpus_pass_through(tmp_path: Path) -> None:
    """What is wrong with the input the second time it is read is said by its reader."""

    def broken() -> Iterator[LabelledDocument]:
        yield documents[0]
        raise CorpusError("file:2: expected something")

    documents = labelled_documents()
    found = profile_corpus(documents, no_progress, max_documents=9, max_characters=10**6, seed=0)
    with pytest.raises(CorpusError, match="file:2"):
        train_out_of_core(
            broken,
            found,
            estimate_resources(found, OPTIONS),
            options=OPTIONS,
            budget=MemoryBudget(),
            directory=tmp_path,
            progress=no_progress,
        )


def test_labels_of_one_document_each_cannot_be_judged(tmp_path: Path) -> None:
    """The error is that of training in memory."""
    documents = [LabelledDocument(label, label, ("some words",)) for label in "xyz"]
    with pytest.raises(TrainingError, match="two labels with two documents each"):
        _streamed(tmp_path, documents)


def test_a_rare_label_is_learned_and_doubted(tmp_path: Path) -> None:
    """A label with too few documents to hold any out is in the model, with a warning."""
    odd = LabelledDocument("odd", "postcard", ("the wishes and the regards",))
    trained = _streamed(tmp_path, [*labelled_documents(), odd])
    assert trained.warnings[0] == "Too few documents to check the confidence of: postcard."
    assert "postcard" in trained.model.labels
