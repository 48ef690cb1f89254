from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

import pytest

from smartcat.training import strategy
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.errors import SpillFileError
from smartcat.training.hyperparameters import CHARACTERS, WORDS, TrainingOptions
from smartcat.training.out_of_core.memory_budget import MemoryBudget, ResourceEstimate
from smartcat.training.progress import no_progress
from smartcat.training.strategy import TrainingStrategy, choose_strategy
from support.labelled import labelled_documents

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.training.corpus.corpus_report import CorpusReport

OPTIONS = TrainingOptions.quick(n_features=2**8)
READ = partial(iter, labelled_documents())


def _strategy(*, stream: bool = False) -> TrainingStrategy:
    return choose_strategy(READ, options=OPTIONS, budget=MemoryBudget(), stream=stream, progress=no_progress)


def test_what_fits_is_learned_in_memory(tmp_path: Path) -> None:
    """A small corpus gets the exact solver and all folds, and its sample is not kept beside it."""
    chosen = _strategy()
    assert not chosen.out_of_core
    assert chosen.profile.sample == ()
    assert chosen.describe() == "learns from 36 documents in memory, which takes about 200 MB"
    assert chosen.train(directory=tmp_path, progress=no_progress).facts.folds == 3


@pytest.mark.parametrize("asked", [True, False])
def test_what_is_too_large_streams_as_if_it_was_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, asked: bool
) -> None:
    """Above the memory allowed the strategy is the other one, whoever decided it."""
    if not asked:
        monkeypatch.setattr(
            strategy, "estimate_resources", lambda *_: ResourceEstimate(5 * 10**9, {WORDS: 1}, 1)
        )
    chosen = _strategy(stream=asked)
    assert chosen.out_of_core
    memory = "200" if asked else "5,000"
    assert chosen.describe() == (
        "learns from 36 documents in passes over the disk; in memory it would take about "
        f"{memory} MB of 4,000 MB allowed"
    )
    assert chosen.train(directory=tmp_path, progress=no_progress).facts.folds == 1


def test_a_disk_too_small_is_said_before_an_hour_of_hashing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says how much is needed where, and how much there is."""
    monkeypatch.setattr(strategy, "estimate_resources", lambda *_: ResourceEstimate(1, {WORDS: 10**17}, 0))
    with pytest.raises(SpillFileError, match=r"needs about 500,000,000,000 MB, and [\d,]+ MB are free"):
        _strategy(stream=True).train(directory=tmp_path, progress=no_progress)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stream", [False, True])
def test_words_are_left_where_words_cannot_be_seen(tmp_path: Path, *, stream: bool) -> None:
    """Of a corpus without spaces between words characters are learned, if a person leaves it open."""
    letters = {label: [chr(0x4E00 + 400 * place + n) for n in range(20)] for place, label in enumerate("ab")}
    draw = random.Random(1)  # noqa: S311 - generates test data
    documents = [
        LabelledDocument(str(number), label, ("".join(draw.choices(letters[label], k=60)),))
        for number in range(30)
        for label in letters
    ]
    characters = TrainingOptions.quick(CHARACTERS, n_features=2**12)

    def learned(without_spaces: TrainingOptions | None) -> TrainingStrategy:
        return choose_strategy(
            partial(iter, documents),
            options=OPTIONS,
            budget=MemoryBudget(),
            stream=stream,
            progress=no_progress,
            without_spaces=without_spaces,
        )

    said: list[CorpusReport] = []
    trained = learned(characters).train(directory=tmp_path, progress=no_progress, on_report=said.append)
    assert trained.facts.choice.features == "characters 2-5"
    assert trained.facts.held_out_accuracy > 0.9
    assert [report.unspaced for report in said] == [60]
    assert learned(None).options is OPTIONS
    assert _strategy().options is OPTIONS
