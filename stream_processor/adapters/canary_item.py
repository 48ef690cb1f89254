"""An item that nothing is wrong with, in the form of a refused one: would the table take any such item?

Only if it would is a refusal the document's own fault. The condition never holds, so nothing is ever stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from stream_processor.storage_format.dynamodb_item_size import AttributeValue
    from stream_processor.storage_format.result_item import ResultItem

CANARY_ID: Final = "smartcat-canary"
_HARMLESS: Final[dict[str, AttributeValue]] = {
    "S": {"S": "canary"},
    "N": {"N": "1"},
    "L": {"L": ()},
    "M": {"M": {}},
}


def canary_put(table: str, refused: ResultItem) -> dict[str, Any]:
    """Return the arguments of a PutItem call: ConditionalCheckFailedException means that the table takes it.

    Args:
        table: Name of the table.
        refused: The canary gets its attributes and their types, and nothing of their contents.
    """
    attributes = {name: _HARMLESS[next(iter(value))] for name, value in refused.attributes.items()}
    return {
        "TableName": table,
        "Item": attributes | {"document_id": {"S": CANARY_ID}},
        "ConditionExpression": "document_id = :other",
        "ExpressionAttributeValues": {":other": {"S": f"not {CANARY_ID}"}},
    }
