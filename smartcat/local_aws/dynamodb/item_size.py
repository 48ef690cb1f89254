"""What DynamoDB bills for an item: its size from attribute-value JSON, and write units. Pure; knows no table.

Rules: DynamoDB developer guide, "DynamoDB item sizes and formats".
AWS calls its own rule for numbers approximate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartcat.local_aws.server.wsgi import base64_size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Item = Mapping[str, Mapping[str, Any]]

WRITE_UNIT_BYTES = 1024

_CONTAINER_BYTES = 3
_ELEMENT_BYTES = 1
_LONGEST_NUMBER_BYTES = 21  # 38 digits and a sign


def write_units(size_bytes: int) -> int:
    """Return the write capacity units that one write of an item of this size costs.

    One unit for each started KiB, and at least one: deleting an item that does not exist costs one too
    (DynamoDB developer guide, "Read and write operations").

    Args:
        size_bytes: Size of the larger of the old and the new item, 0 or more.
    """
    return max(1, -(-size_bytes // WRITE_UNIT_BYTES))


def item_size(item: Item) -> int:
    """Return the bytes of an item: the names and the values of its attributes.

    Args:
        item: Attribute name to attribute value, as in the low-level API: ``{"id": {"S": "a"}}``. Binary
            values are base64 text, as on the wire.

    Raises:
        ValueError: A value is not an attribute value. The message never contains the value.
    """
    return sum(_text_size(name) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Return the bytes of one attribute value, without its name.

    Raises:
        ValueError: `value` is not a mapping with exactly one known type code and a payload of that type.
    """
    try:
        ((code, payload),) = value.items()
        return _SIZES[code](payload)
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise ValueError("expected an attribute value such as {'S': 'text'}") from problem


def _text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _number_size(text: str) -> int:
    # One byte for two significant digits, one for the exponent, one for a minus sign.
    mantissa = text.lower().partition("e")[0]
    digits = mantissa.lstrip("+-").replace(".", "").strip("0")
    if not digits:
        return 1
    return min(_LONGEST_NUMBER_BYTES, (len(digits) + 1) // 2 + 1 + mantissa.startswith("-"))


def _list_size(values: list[Mapping[str, Any]]) -> int:
    return _CONTAINER_BYTES + sum(_ELEMENT_BYTES + value_size(value) for value in values)


def _map_size(values: Item) -> int:
    return _CONTAINER_BYTES + _ELEMENT_BYTES * len(values) + item_size(values)


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _text_size,
    "N": _number_size,
    "B": base64_size,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": lambda texts: sum(map(_text_size, texts)),
    "NS": lambda texts: sum(map(_number_size, texts)),
    "BS": lambda texts: sum(map(base64_size, texts)),
    "L": _list_size,
    "M": _map_size,
}
