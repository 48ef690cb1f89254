"""What the machine said of documents: read from the table of results, many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smartcat.cli.feedback.patience import patiently
from smartcat.cli.results import naming

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_KEYS: Final = 100
"""BatchGetItem takes no more."""


@dataclass(frozen=True, slots=True)
class MachineAnswer:
    """What a result says, as far as a correction keeps it.

    Attributes:
        label: What the machine said the document is.
        model_version: The model that said so.
        confidence: How sure it was, 0..1.
    """

    label: str | None
    model_version: str | None
    confidence: float | None


def read_answers(
    dynamodb: Any, table: str, ids: Sequence[str], *, sleep: Callable[[float], None]
) -> dict[str, MachineAnswer]:
    """Read what the machine said of each document.

    Args:
        dynamodb: A boto3 client.
        table: The table of results.
        ids: The documents, none twice.
        sleep: How to wait for a table that lacks read capacity.

    Returns:
        An answer for each document that has a result.

    Raises:
        NoTableError: There is no such table.
        CapacityError: It answers nothing any more, for lack of read capacity.
        botocore.exceptions.ClientError: It cannot be read for another reason.
    """
    found: dict[str, MachineAnswer] = {}

    def read(keys: Sequence[Any]) -> Sequence[Any]:
        request = {
            "Keys": keys,
            # `label` and `confidence` are no reserved words today; a name of our own never becomes one.
            "ProjectionExpression": "#i, #l, #m, #c",
            "ExpressionAttributeNames": _NAMES,
        }
        answer = dynamodb.batch_get_item(RequestItems={table: request})
        for item in answer["Responses"].get(table, ()):
            found[item["document_id"]["S"]] = _answer(item)
        left: Sequence[Any] = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
        return left

    with naming(dynamodb, table):
        for start in range(0, len(ids), MAX_KEYS):
            keys = [{"document_id": {"S": name}} for name in ids[start : start + MAX_KEYS]]
            patiently(read, keys, f"table {table}", sleep=sleep)
    return found


_NAMES: Final = {"#i": "document_id", "#l": "label", "#m": "model_version", "#c": "confidence"}


def _answer(item: Mapping[str, Any]) -> MachineAnswer:
    confidence = item.get("confidence", {}).get("N")
    return MachineAnswer(
        label=item.get("label", {}).get("S"),
        model_version=item.get("model_version", {}).get("S"),
        confidence=None if confidence is None else float(confidence),
    )
