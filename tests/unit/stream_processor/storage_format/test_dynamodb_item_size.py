from __future__ import annotations

from typing import Any

import pytest

from stream_processor.storage_format.dynamodb_item_size import element_size, item_size, write_units


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ({"id": {"S": "abc"}}, 2 + 3),
        ({"id": {"S": "\u00e4\u20ac"}}, 2 + 2 + 3),
        ({"n": {"N": "0"}}, 1 + 1),
        ({"n": {"N": "100"}}, 1 + 2),
        ({"n": {"N": "0.9876"}}, 1 + 3),
        ({"n": {"N": "-0.5"}}, 1 + 3),
        ({"n": {"N": "12345"}}, 1 + 4),
        ({"l": {"L": []}}, 1 + 3),
        ({"l": {"L": [{"S": "ab"}, {"S": "c"}]}}, 1 + 3 + (1 + 2) + (1 + 1)),
        ({"m": {"M": {"k": {"S": "v"}}}}, 1 + 3 + 1 + (1 + 1)),
    ],
)
def test_item_size_by_hand(attributes: Any, size: int) -> None:
    """Names and values count in UTF-8 bytes; numbers, lists and maps by DynamoDB's documented overheads."""
    assert item_size(attributes) == size


def test_element_size_is_what_a_list_grows_by() -> None:
    """The size of one more element equals the difference between the two lists."""
    shorter, longer = {"l": {"L": [{"S": "ab"}]}}, {"l": {"L": [{"S": "ab"}, {"S": "xyz"}]}}
    assert item_size(longer) - item_size(shorter) == element_size({"S": "xyz"}) == 4


@pytest.mark.parametrize(("size", "units"), [(1, 1), (1024, 1), (1025, 2), (2048, 2), (409_600, 400)])
def test_write_units_round_up(size: int, units: int) -> None:
    """One unit for each KB begun."""
    assert write_units(size) == units


def test_unknown_type_is_an_error() -> None:
    """An attribute type that result items do not have is named."""
    with pytest.raises(ValueError, match="type BOOL"):
        item_size({"b": {"BOOL": "true"}})
