from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from smartcat.cli.feedback.retry import ATTEMPTS, LONGEST_WAIT_SECONDS, CapacityError, retry_unprocessed

if TYPE_CHECKING:
    from collections.abc import Sequence


class Table:
    """Does as many parts at each request as it is told; None: refuses as throttled."""

    def __init__(self, *takes: int | None) -> None:
        self._takes = list(takes)
        self.done: list[Any] = []
        self.requests = 0

    def __call__(self, parts: Sequence[Any]) -> Sequence[Any]:
        self.requests += 1
        taken = self._takes.pop(0) if self._takes else 0
        if taken is None:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "BatchWriteItem")
        self.done += parts[:taken]
        return parts[taken:]


def test_what_is_left_is_asked_for_again_until_nothing_is() -> None:
    """Throttled, partly served, not served at all: with waits between, each part is done once."""
    table, slept = Table(3, 0, None, 1, 9), list[float]()
    retry_unprocessed(table, range(10), "table t", sleep=slept.append)
    assert table.done == list(range(10))
    assert len(slept) == 4
    assert all(0 <= wait <= LONGEST_WAIT_SECONDS for wait in slept)


@pytest.mark.parametrize("takes", [(), (2,), (None,) * 50])
def test_a_table_that_does_nothing_any_more_is_given_up(takes: tuple[int | None, ...]) -> None:
    """After so many attempts in a row; patience starts anew with any progress."""
    table = Table(*takes)
    with pytest.raises(CapacityError, match=f"table t has no capacity left: {ATTEMPTS} attempts"):
        retry_unprocessed(table, range(10), "table t", sleep=lambda _: None)
    assert table.requests == ATTEMPTS + (takes == (2,))


def test_another_refusal_is_not_tried_again() -> None:
    """Waiting does not give anybody a right."""

    def refuse(_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "BatchWriteItem")

    with pytest.raises(ClientError, match="AccessDenied"):
        retry_unprocessed(refuse, [1], "table t", sleep=lambda _: None)
