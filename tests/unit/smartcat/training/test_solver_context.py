from __future__ import annotations

from typing import TYPE_CHECKING

from threadpoolctl import threadpool_info, threadpool_limits

from smartcat.training.solver_context import single_threaded
from smartcat.training.train import train
from support.learning import QUICK

if TYPE_CHECKING:
    from smartcat.training.corpus.labelled_documents import LabelledDocument


def threads() -> set[int]:
    """Give the numbers of threads of every BLAS that is loaded."""
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_linear_algebra_gets_one_thread_and_then_what_it_had() -> None:
    """Whoever trains in a program of his own finds his threads again."""
    with threadpool_limits(limits=2, user_api="blas"):
        with single_threaded():
            assert threads() == {1}
        assert threads() == {2}


def test_training_runs_on_one_thread(documents: list[LabelledDocument]) -> None:
    """All of it, from reading on."""
    seen: set[int] = set()
    with threadpool_limits(limits=2, user_api="blas"):
        train(documents, options=QUICK, progress=lambda *_: seen.update(threads()))
    assert seen == {1}
