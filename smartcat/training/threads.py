"""One thread of linear algebra while learning: its matrices are tiny, and numbers must not hang on cores."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep NumPy's and SciPy's BLAS to one thread.

    The calibration's matrices are some ten numbers wide: handing them to threads cost fifteen times the
    arithmetic on two busy cores, and a sum over several threads may round otherwise than over one.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        yield
