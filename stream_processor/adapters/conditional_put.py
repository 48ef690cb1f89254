"""The condition under which a replayed document's result is stored: nothing later of that document is there.

Sequence numbers of one partition key grow over time (Kinesis API reference, "PutRecord"), so they order the
versions of a document, across shards too. They are decimal texts: a longer one is larger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from stream_processor.storage_format.result_item import ResultItem

_NOT_LATER: Final = (
    "attribute_not_exists(document_id) OR size(sequence_number) < :digits OR "
    "(size(sequence_number) = :digits AND (sequence_number < :number OR "
    "(sequence_number = :number AND (attribute_not_exists(sub_sequence_number) OR "
    "sub_sequence_number <= :sub))))"
)


def conditional_put(table: str, item: ResultItem) -> dict[str, Any]:
    """Return the arguments of the PutItem call that stores the item unless a later version is stored."""
    number = item.attributes["sequence_number"]
    sub = item.attributes.get("sub_sequence_number", {"N": "-1"})
    return {
        "TableName": table,
        "Item": item.attributes,
        "ConditionExpression": _NOT_LATER,
        "ExpressionAttributeValues": {
            ":digits": {"N": str(len(str(number["S"])))},
            ":number": number,
            ":sub": sub,
        },
        "ReturnConsumedCapacity": "TOTAL",
    }
