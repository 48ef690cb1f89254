"""Several calls at the same time, on threads. Knows nothing of what is called."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeVar

from stream_processor.core.write_budget.write_budget import PARALLEL_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


class RunParallel(Protocol):
    """Makes several calls at the same time, none of which raises, and returns their results in order."""

    def __call__(self, calls: Sequence[Callable[[], T]], /) -> list[T]:
        """Make the calls."""
        ...


def run_parallel(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make the calls, up to eight at a time, and wait for all of them.

    Args:
        calls: What to call; none of them may raise, or the others' results are lost.

    Returns:
        What they returned, in the order of the calls.
    """
    if len(calls) == 1:  # most of the time, and a thread would only cost
        return [calls[0]()]
    return list(_pool().map(lambda call: call(), calls))


@cache
def _pool() -> ThreadPoolExecutor:
    """Make the threads when they are first needed; they stay as long as the environment."""
    return ThreadPoolExecutor(PARALLEL_REQUESTS, thread_name_prefix="requests")
