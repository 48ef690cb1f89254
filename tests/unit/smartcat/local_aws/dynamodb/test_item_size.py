from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.dynamodb.item_size import item_size, value_size, write_units


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "Grün €"}, 9),  # 1 + 1 + 2 + 1 + 1 + 3 bytes of UTF-8
        ({"N": "0"}, 1),
        ({"N": "0.000"}, 1),
        ({"N": "7"}, 2),
        ({"N": "42"}, 2),
        ({"N": "-42"}, 3),
        ({"N": "123"}, 3),
        ({"N": "1000000"}, 2),  # one significant digit
        ({"N": "0.9312"}, 3),
        ({"N": "1.5E+12"}, 2),
        ({"N": "9" * 38}, 20),
        ({"N": "-" + "9" * 38}, 21),
        ({"B": "AAAA"}, 3),
        ({"B": "AAA="}, 2),
        ({"B": "AA=="}, 1),
        ({"B": ""}, 0),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["1", "-234"]}, 6),
        ({"BS": ["AAAA", "AA=="]}, 4),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "ab"}, {"N": "1"}]}, 9),  # 3 + (1 + 2) + (1 + 2)
        ({"M": {"k": {"S": "ab"}}}, 7),  # 3 + 1 + 1 + 2
        ({"L": [{"L": [{"NULL": True}]}]}, 9),  # 3 + 1 + (3 + 1 + 1) and nothing more
    ],
)
def test_each_type_has_its_documented_size(value: dict[str, Any], size: int) -> None:
    """The developer guide's rules, worked by hand."""
    assert value_size(value) == size


def test_an_item_is_its_names_and_values() -> None:
    """``id`` 2 + 3, ``größe`` 7 + 2, ``tags`` 4 + 3 + 1 + 1: 23 bytes."""
    item = {"id": {"S": "abc"}, "größe": {"N": "12"}, "tags": {"L": [{"S": "x"}]}}
    assert item_size(item) == 23


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"S": "a", "N": "1"},
        {"X": "a"},
        {"S": 1},
        {"L": 3},
        {"L": [{}]},
        {"M": []},
        {"M": {"a": "b"}},
        "S",
        None,
    ],
)
def test_what_is_no_attribute_value_is_rejected_without_being_quoted(value: Any) -> None:
    """A malformed value is a ValueError whose text shows the expected shape and none of the value."""
    with pytest.raises(ValueError, match=r"^expected an attribute value such as \{'S': 'text'\}$"):
        value_size(value)


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=40)))
def test_a_string_item_is_as_long_as_its_utf8(texts: dict[str, str]) -> None:
    """Names and strings count their UTF-8 bytes, whatever the script."""
    item = {name: {"S": text} for name, text in texts.items()}
    assert item_size(item) == sum(len(name.encode()) + len(text.encode()) for name, text in texts.items())


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20))
def test_no_number_is_larger_than_21_bytes(number: Any) -> None:
    """Every number DynamoDB can hold takes 1 to 21 bytes."""
    assert 1 <= value_size({"N": str(number)}) <= 21


@pytest.mark.parametrize(
    ("size", "units"), [(0, 1), (1, 1), (1023, 1), (1024, 1), (1025, 2), (2048, 2), (2049, 3), (409600, 400)]
)
def test_a_write_unit_is_a_started_kib(size: int, units: int) -> None:
    """Each started KiB costs one unit, and nothing is free."""
    assert write_units(size) == units
