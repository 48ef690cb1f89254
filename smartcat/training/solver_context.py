"""The context that solvers run in: one BLAS thread, and no advice to programmers on a user's terminal."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def ignore_solver_warnings() -> Iterator[None]:
    """Ignore scikit-learn's warnings of a solver that was stopped early, and of many labels on few pages.

    Whether the solver converged is a result of the fit (``Weights.converged``), and reported from there.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", message="The number of unique classes", category=UserWarning)
        yield


@contextmanager
def single_threaded() -> Iterator[None]:
    """Limit NumPy's and SciPy's BLAS to one thread.

    The calibration's matrices are about ten columns wide: handing them to threads cost fifteen times the
    arithmetic on two busy cores, and a sum over several threads may round differently than over one.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        yield
