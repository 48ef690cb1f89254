"""How many bytes an item has by DynamoDB's rules, and what writing it costs. Pure.

Rules: "DynamoDB item sizes and formats" in the DynamoDB developer guide. Sizes of numbers are documented as
approximate; they are rounded up here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream_processor.storage_format.dynamodb_limits import WRITE_UNIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    AttributeValue = Mapping[str, "str | Sequence[AttributeValue] | Mapping[str, AttributeValue]"]

_COLLECTION_OVERHEAD: Final = 3
_ELEMENT_OVERHEAD: Final = 1


def item_size(attributes: Mapping[str, AttributeValue]) -> int:
    """Return the bytes of an item in low-level form, names and values, as DynamoDB counts them.

    Args:
        attributes: Such as ``{"label": {"S": "invoice"}}``; types S, N, L and M.
    """
    return sum(_text_size(name) + _value_size(value) for name, value in attributes.items())


def element_size(value: AttributeValue) -> int:
    """Return the bytes by which one more value makes a list longer."""
    return _ELEMENT_OVERHEAD + _value_size(value)


def write_units(size: int) -> int:
    """Return the write capacity units that a put of this many bytes costs: one for each KB begun."""
    return max(1, -(-size // WRITE_UNIT_BYTES))


def _value_size(value: AttributeValue) -> int:
    ((kind, content),) = value.items()
    match kind, content:
        case "S", str():
            return _text_size(content)
        case "N", str():
            return _number_size(content)
        case "L", list() | tuple():
            return _COLLECTION_OVERHEAD + sum(element_size(part) for part in content)
        case "M", dict():
            return _COLLECTION_OVERHEAD + len(content) * _ELEMENT_OVERHEAD + item_size(content)
    raise ValueError(f"an attribute of type {kind} is not one a result item has: expected S, N, L or M")


def _text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _number_size(number: str) -> int:
    """Return one byte for two significant digits, one more for the exponent, one more for a sign."""
    digits = number.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + number.startswith("-")
