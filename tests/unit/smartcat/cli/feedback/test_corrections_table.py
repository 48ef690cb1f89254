from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.cli.feedback.corrections_table import MAX_QUERIES, CorrectionsTable
from smartcat.cli.feedback.predictions import Prediction, read_predictions
from smartcat.cli.feedback.retry import CapacityError
from smartcat.cli.feedback.stored_correction import NotACorrectionError, StoredCorrection, Timestamps
from smartcat.cli.results_table import NoTableError

if TYPE_CHECKING:
    from collections.abc import Callable

MOMENTS = Timestamps(datetime(2026, 1, 3, tzinfo=UTC), "0a1b2c3d")


def correction(name: str, label: str = "payslip") -> StoredCorrection:
    """A correction, later than all made before."""
    return StoredCorrection(name, MOMENTS.after(None), label)


class Short:
    """A client whose batches are served in part, and now and then not at all."""

    def __init__(self, client: Any, *, ever: bool = True) -> None:
        self._client, self._ever, self.requests = client, ever, 0

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> Any:  # noqa: N803 - boto3's name
        self.requests += 1
        if self.requests % 3 == 0 or not self._ever:
            return {"UnprocessedItems": RequestItems}
        ((table, entries),) = RequestItems.items()
        self._client.batch_write_item(RequestItems={table: entries[:7]})
        return {"UnprocessedItems": {table: entries[7:]} if entries[7:] else {}}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> Any:  # noqa: N803 - boto3's name
        self.requests += 1
        ((table, request),) = RequestItems.items()
        keys = request["Keys"]
        answer = self._client.batch_get_item(RequestItems={table: {**request, "Keys": keys[:2]}})
        return {**answer, "UnprocessedKeys": {table: {**request, "Keys": keys[2:]}} if keys[2:] else {}}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def test_corrections_are_kept_beside_one_another(table: CorrectionsTable, dynamodb: Any) -> None:
    """The last one holds, and those before it stay in the table."""
    made = [correction("a", label) for label in ("payslip", "contract", "payslip")]
    for each in made:
        table.append([each])
    assert table.latest("a") == made[-1]
    assert table.latest("b") is None
    assert dynamodb.scan(TableName="corrections")["Count"] == 3


@pytest.mark.parametrize("others", [0, MAX_QUERIES])
def test_many_documents_are_asked_for_at_once(table: CorrectionsTable, others: int) -> None:
    """One by one, or by a scan: the answer is the same."""
    made = [correction("a"), correction("b"), correction("a", "letter"), correction("c")]
    table.append(made)
    ids = ["a", "b", "x", *(f"other-{number}" for number in range(others))]
    assert table.latest_of(ids) == {"a": made[2], "b": made[1]}
    assert table.latest_of_all() == {"a": made[2], "b": made[1], "c": made[3]}
    assert table.latest_of([]) == {}


def test_what_a_batch_leaves_is_written_by_the_next(table: CorrectionsTable, slept: list[float]) -> None:
    """Every correction is there once, and progress is told as it is made."""
    short = Short(table.dynamodb)
    told: list[int] = []
    made = [correction(f"d-{number}") for number in range(60)]
    CorrectionsTable(short, table.name, slept.append).append(made, told.append)
    assert table.latest_of_all() == {each.document_id: each for each in made}
    assert told == [25, 50, 60]
    assert short.requests > 9
    assert slept


def test_a_table_without_capacity_is_said_and_what_is_written_stays(
    table: CorrectionsTable, slept: list[float]
) -> None:
    """The next run goes on from there."""
    with pytest.raises(CapacityError, match="table corrections has no capacity left"):
        CorrectionsTable(Short(table.dynamodb, ever=False), table.name, slept.append).append(
            [correction("a")]
        )
    assert table.latest("a") is None


def test_a_table_that_is_not_there_is_named(dynamodb: Any, account: Callable[[str], Any]) -> None:
    """With the place where it was looked for, whatever was asked of it."""
    absent = CorrectionsTable(dynamodb, "corections", lambda _: None)
    for ask in (
        lambda: absent.latest("a"),
        absent.latest_of_all,
        lambda: absent.append([correction("a")]),
        lambda: read_predictions(account("dynamodb"), "corections", ["a"], sleep=lambda _: None),
    ):
        with pytest.raises(NoTableError, match="no table 'corections' in us-east-1"):
            ask()


@pytest.mark.parametrize("count", [1, MAX_QUERIES + 1])
def test_the_table_of_results_is_no_table_of_corrections(dynamodb: Any, results: str, count: int) -> None:
    """Mistaken for it, it is refused before anything is written over a result."""
    mistaken = CorrectionsTable(dynamodb, results, lambda _: None)
    with pytest.raises(NotACorrectionError, match="table 'results' is not a table of corrections"):
        mistaken.latest_of([f"new-{number}" for number in range(count)])


def test_what_the_machine_said_is_read_many_at_a_time(
    dynamodb: Any, results: str, slept: list[float]
) -> None:
    """What a batch leaves is asked for again; a document without a result is not in the answer."""
    ids = [f"d-{number}" for number in range(130)]
    answer = Prediction("contract", "0123456789ab", 0.8312)
    for client in (dynamodb, Short(dynamodb)):
        found = read_predictions(client, results, ids, sleep=slept.append)
        assert found == {f"d-{number}": answer for number in range(5)}


def test_a_result_that_says_little_is_read_as_it_is(dynamodb: Any, results: str) -> None:
    """An item of somebody else's has no label, and breaks nothing."""
    dynamodb.put_item(TableName=results, Item={"document_id": {"S": "odd"}, "label": {"N": "1"}})
    found = read_predictions(dynamodb, results, ["odd"], sleep=lambda _: None)
    assert found == {"odd": Prediction(None, None, None)}
