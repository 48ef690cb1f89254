"""The order of a document's versions."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from stream_processor.storage_format.document_version import (
    encode_version,
    standing,
    stored_version,
    version_of,
)


def item(
    number: str, sub: int | None = None, given: int | datetime | None = None, model: str = "m1"
) -> dict[str, Any]:
    """The attributes that say which version an item is of."""
    attributes: dict[str, Any] = {"sequence_number": {"S": number}, "model_version": {"S": model}}
    if sub is not None:
        attributes["sub_sequence_number"] = {"N": str(sub)}
    if given is not None:
        attributes["version"] = encode_version(given)
    return attributes


IN_ORDER = [
    {},
    item("9"),
    item("10"),
    item("10", 0),
    item("10", 9),
    item("10", 10),
    item("1", None, 9),
    item("2", None, 9),
    item("1", None, 10),
    item("1", None, 2**63 - 1),
    item("1", None, datetime(1999, 12, 31, 23, 59, 59, 999_999, UTC)),
    item("2", None, datetime(1999, 12, 31, 23, 59, 59, 999_999, UTC)),
    item("1", None, datetime(2000, 1, 1, tzinfo=UTC)),
]


def test_versions_have_one_order() -> None:
    """None, then integers, then times; within one, sequence numbers, then the place in an aggregate."""
    versions = [version_of(each) for each in IN_ORDER]
    assert versions == sorted(versions)
    assert len(set(versions)) == len(versions)
    for earlier, later in pairwise(IN_ORDER):
        assert standing(later, stored_version(earlier)) == "earlier"
        assert standing(earlier, stored_version(later)) == "later"


def test_the_same_version_is_the_same_by_the_same_model_alone() -> None:
    """Another model's result of it is to be replaced; where nothing is stored, nothing is compared."""
    for each in IN_ORDER[1:]:
        assert standing(each, stored_version(each)) == "same"
        other = each | {"model_version": {"S": "m2"}}
        assert standing(other, stored_version(each)) == "earlier"
    assert standing(IN_ORDER[1], None) == "absent"


@pytest.mark.parametrize(
    "foreign", [{"sequence_number": {"S": "by hand"}}, {"version": {"BOOL": True}}, {"version": {"N": "1.5"}}]
)
def test_what_smartcat_did_not_write_has_no_version(foreign: dict[str, Any]) -> None:
    """Attributes of other forms are an error, and not a version."""
    with pytest.raises(ValueError, match=r"."):
        stored_version(foreign)
