"""Which version of its document a result is of, and the order of versions: the one place. Knows no table.

A version that the producer gave goes before any sequence number: results without one are the earliest, then
come integers, then times, each in their order. Sequence numbers of one partition key grow over time (Kinesis
API reference, "PutRecord"), so they order what was given the same version, or none.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream_processor.storage_format.dynamodb_item_size import AttributeValue

VERSION: Final = "version"
"""The attribute that holds what the producer gave."""

_KINDS: Final = {"N": 1, "S": 2}
_ALONE: Final = -1

Standing = Literal["absent", "earlier", "same", "later"]


class DocumentVersion(NamedTuple):
    """A version of a document. Greater is later.

    Attributes:
        kind: 0 where the producer gave none, 1 for an integer, 2 for a time.
        given: What the producer gave, 0 where it gave none.
        sequence_number: Of the record; -1 where the item has none, since we did not write it.
        sub_sequence_number: The place in an aggregate, -1 for a record that is not part of one.
    """

    kind: int
    given: int | str
    sequence_number: int
    sub_sequence_number: int


class StoredVersion(NamedTuple):
    """What the table holds of a document.

    Attributes:
        version: Which version.
        model_version: The model that decided it; empty where the item does not say.
    """

    version: DocumentVersion
    model_version: str


def encode_version(version: int | datetime) -> AttributeValue:
    """Return a producer's version as an attribute; times as texts of one length, which can be compared."""
    if isinstance(version, datetime):
        moment = version.astimezone(UTC).isoformat(timespec="microseconds")
        return {"S": moment.replace("+00:00", "Z")}
    return {"N": str(version)}


def version_of(attributes: Mapping[str, Any]) -> DocumentVersion:
    """Return the version that an item in low-level form is of.

    Raises:
        ValueError: The item was not written by us, and its attributes have other forms.
    """
    kind, given = 0, 0
    if VERSION in attributes:
        ((code, given),) = attributes[VERSION].items()
        if code not in _KINDS:
            raise ValueError(f"{VERSION}: expected N or S, found {code}")
        kind, given = _KINDS[code], int(given) if code == "N" else given
    number = int(attributes.get("sequence_number", {}).get("S", -1))
    sub = int(attributes.get("sub_sequence_number", {}).get("N", _ALONE))
    return DocumentVersion(kind, given, number, sub)


def stored_version(attributes: Mapping[str, Any]) -> StoredVersion:
    """Return what an item of the table is.

    Raises:
        ValueError: It was not written by us, and its attributes have other forms.
    """
    return StoredVersion(version_of(attributes), attributes.get("model_version", {}).get("S", ""))


def standing(attributes: Mapping[str, Any], stored: StoredVersion | None) -> Standing:
    """Return how what is stored stands to an item that is to be written.

    Args:
        attributes: The item, in low-level form.
        stored: What the table holds under its key; None for nothing.

    Returns:
        ``absent`` or ``earlier`` where the item is to be written: also where another model decided the same
        version. ``same`` or ``later`` where it is not.
    """
    if stored is None:
        return "absent"
    ours = stored_version(attributes)
    if stored.version > ours.version:
        return "later"
    return "same" if stored == ours else "earlier"
