"""Reads the predictions of documents from the table of results, many at a time. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smartcat.cli.feedback.retry import retry_unprocessed
from smartcat.cli.results_table import missing_table_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_KEYS: Final = 100
"""The maximum of BatchGetItem."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The part of a result that a correction keeps.

    Attributes:
        label: The predicted label.
        model_version: Version of the model.
        confidence: Probability of the label, 0 to 1.
    """

    label: str | None
    model_version: str | None
    confidence: float | None


def read_predictions(
    dynamodb: Any, table: str, ids: Sequence[str], *, sleep: Callable[[float], None]
) -> dict[str, Prediction]:
    """Return the prediction of each document.

    Args:
        dynamodb: A boto3 client.
        table: The table of results.
        ids: Ids of the documents, none twice.
        sleep: Waits so many seconds before a retry.

    Returns:
        Predictions by document id, of documents that have a result.

    Raises:
        NoTableError: There is no such table.
        CapacityError: The table has no read capacity left.
        botocore.exceptions.ClientError: It cannot be read for another reason.
    """
    found: dict[str, Prediction] = {}

    def read(keys: Sequence[Any]) -> Sequence[Any]:
        request = {
            "Keys": keys,
            # `label` and `confidence` could become reserved words; a placeholder cannot.
            "ProjectionExpression": "#i, #l, #m, #c",
            "ExpressionAttributeNames": _NAMES,
        }
        response = dynamodb.batch_get_item(RequestItems={table: request})
        for item in response["Responses"].get(table, ()):
            found[item["document_id"]["S"]] = _prediction(item)
        left: Sequence[Any] = response.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
        return left

    with missing_table_named(dynamodb, table):
        for start in range(0, len(ids), MAX_KEYS):
            keys = [{"document_id": {"S": name}} for name in ids[start : start + MAX_KEYS]]
            retry_unprocessed(read, keys, f"table {table}", sleep=sleep)
    return found


_NAMES: Final = {"#i": "document_id", "#l": "label", "#m": "model_version", "#c": "confidence"}


def _prediction(item: Mapping[str, Any]) -> Prediction:
    confidence = item.get("confidence", {}).get("N")
    return Prediction(
        label=item.get("label", {}).get("S"),
        model_version=item.get("model_version", {}).get("S"),
        confidence=None if confidence is None else float(confidence),
    )
