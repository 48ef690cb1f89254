from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from smartcat.training import story
from smartcat.training.errors import SpoolError
from smartcat.training.memory import Budget, Needs
from smartcat.training.options import WORDS, TrainOptions
from smartcat.training.story import Plan, plan
from support.labelled import labelled_documents

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = replace(TrainOptions.quick(), n_features=2**8)
READ = partial(iter, labelled_documents())


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def _plan(*, stream: bool = False) -> Plan:
    return plan(READ, options=OPTIONS, budget=Budget(), stream=stream, progress=_silent)


def test_what_fits_is_learned_in_memory(tmp_path: Path) -> None:
    """A small corpus gets the exact solver and all folds, and its sample is not kept beside it."""
    planned = _plan()
    assert not planned.streams
    assert planned.found.sample == ()
    assert planned.describe() == "learns from 36 documents in memory, which takes about 200 MB"
    assert planned.train(directory=tmp_path, progress=_silent).facts.folds == 3


@pytest.mark.parametrize("asked", [True, False])
def test_what_is_too_large_streams_as_if_it_was_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, asked: bool
) -> None:
    """Above the memory allowed the story is the other one, whoever decided it."""
    if not asked:
        monkeypatch.setattr(story, "estimate", lambda *_: Needs(5 * 10**9, {WORDS: 1}, 1))
    planned = _plan(stream=asked)
    assert planned.streams
    memory = "200" if asked else "5,000"
    assert planned.describe() == (
        "learns from 36 documents in passes over the disk; in memory it would take about "
        f"{memory} MB of 4,000 MB allowed"
    )
    assert planned.train(directory=tmp_path, progress=_silent).facts.folds == 1


def test_a_disk_too_small_is_said_before_an_hour_of_hashing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says how much is needed where, and how much there is."""
    monkeypatch.setattr(story, "estimate", lambda *_: Needs(1, {WORDS: 10**17}, 0))
    with pytest.raises(SpoolError, match=r"needs about 500,000,000,000 MB, and [\d,]+ MB are free"):
        _plan(stream=True).train(directory=tmp_path, progress=_silent)
    assert list(tmp_path.iterdir()) == []
