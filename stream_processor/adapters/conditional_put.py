"""The condition under which a result is stored over another: that one is of an earlier version.

It says in DynamoDB's words what ``storage_format/document_version.py`` says of two items. Sequence numbers
are decimal texts: a longer one is larger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stream_processor.storage_format.document_version import VERSION

if TYPE_CHECKING:
    from stream_processor.storage_format.result_item import ResultItem

_WHOLE_RECORD: Final = "attribute_not_exists(sub_sequence_number) AND model_version <> :model"
_PART_OF_AGGREGATE: Final = (
    "attribute_not_exists(sub_sequence_number) OR sub_sequence_number < :sub OR "
    "(sub_sequence_number = :sub AND model_version <> :model)"
)
_POSITION: Final = (
    "size(sequence_number) < :digits OR (size(sequence_number) = :digits AND "
    "(sequence_number < :number OR (sequence_number = :number AND ({part}))))"
)
_NOT_OURS: Final = "attribute_not_exists(sequence_number)"


def conditional_put(table: str, item: ResultItem) -> dict[str, Any]:
    """Return the arguments of the PutItem call that stores the item over nothing, or something earlier.

    The same version is replaced where another model decided it, and only there.
    """
    attributes = item.attributes
    number = attributes["sequence_number"]
    values: dict[str, Any] = {
        ":digits": {"N": str(len(str(number["S"])))},
        ":number": number,
        ":model": attributes["model_version"],
    }
    sub = attributes.get("sub_sequence_number")
    if sub is not None:
        values[":sub"] = sub
    position = _POSITION.format(part=_WHOLE_RECORD if sub is None else _PART_OF_AGGREGATE)
    given = attributes.get(VERSION)
    if given is None:
        earlier = f"(attribute_not_exists(#version) AND ({position}))"
    else:
        values |= {":version": given, ":kind": {"S": next(iter(given))}}
        earlier = (
            "attribute_not_exists(#version) OR (attribute_type(#version, :kind) AND "
            f"(#version < :version OR (#version = :version AND ({position}))))"
        )
        if "S" in given:  # a time is later than any integer
            values[":integer"] = {"S": "N"}
            earlier += " OR attribute_type(#version, :integer)"
    return {
        "TableName": table,
        "Item": attributes,
        "ConditionExpression": f"{_NOT_OURS} OR {earlier}",
        "ExpressionAttributeNames": {"#version": VERSION},
        "ExpressionAttributeValues": values,
        "ReturnConsumedCapacity": "INDEXES",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
