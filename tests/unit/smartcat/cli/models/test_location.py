from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.models.errors import LocationError
from smartcat.cli.models.location import Location, check_version, parse_location

VERSION = "0123456789ab"


@pytest.mark.parametrize(
    ("text", "prefix", "shown"),
    [
        ("s3://my-papers", "", "s3://my-papers/"),
        ("s3://my-papers/", "", "s3://my-papers/"),
        ("s3://my-papers/models", "models/", "s3://my-papers/models/"),
        ("s3://my-papers/a b/ä/", "a b/ä/", "s3://my-papers/a b/ä/"),
    ],
)
def test_a_location_is_read_with_or_without_its_last_slash(text: str, prefix: str, shown: str) -> None:
    """People write both, and mean the same place."""
    location = parse_location(text)
    assert location == Location("my-papers", prefix)
    assert str(location) == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my-papers/models", "expected s3://bucket/prefix"),
        ("S3://my-papers/models", "expected s3://bucket/prefix"),
        ("s3://", "a bucket name"),
        ("s3://My_Papers/models", "a bucket name"),
        ("s3:///models", "a bucket name"),
        ("s3://my-papers//models", "no empty part"),
        ("s3://my-papers/a//b", "no empty part"),
        (f"s3://my-papers/models/versions/{VERSION}/", "not a path inside of it"),
        (f"s3://my-papers/versions/{VERSION}", "not a path inside of it"),
        ("s3://my-papers/models/current.json", "not a path inside of it"),
        ("s3://my-papers/a\nb", "printable"),
        ("s3://my-papers/\udcff", "printable"),
        ("s3://my-papers/" + "a" * 800, "at most 800"),
    ],
)
def test_what_is_no_location_is_said(text: str, expected: str) -> None:
    """A typing mistake is named before anything is asked of S3."""
    with pytest.raises(LocationError, match=expected):
        parse_location(text)


@given(
    st.sampled_from(["", "models/", "a/versions/b/"]), st.text("0123456789abcdef", min_size=12, max_size=12)
)
def test_keys_lead_back_to_version_and_file(prefix: str, version: str) -> None:
    """What is listed is read as what was written, whatever the prefix."""
    location = Location("my-papers", prefix)
    assert location.parts(location.key(version, "weights.f32")) == (version, "weights.f32")
    assert location.url(version) == f"s3://my-papers/{prefix}versions/{version}/"


@pytest.mark.parametrize(
    "key",
    [
        "models/current.json",
        f"models/versions/{VERSION}",
        f"models/versions/{VERSION}/",
        f"models/versions/{VERSION}/deeper/weights.f32",
        "models/versions/latest/weights.f32",
        f"other/versions/{VERSION}/weights.f32",
    ],
)
def test_other_keys_are_no_files_of_a_version(key: str) -> None:
    """What somebody else put there is passed by, as the function passes it by."""
    assert Location("my-papers", "models/").parts(key) is None


@pytest.mark.parametrize("text", ["", "latest", "0123456789AB", "0123456789ab\n", "0123456789abc"])
def test_a_version_is_twelve_digits(text: str) -> None:
    """Nothing else is looked for in S3."""
    assert check_version(VERSION) == VERSION
    with pytest.raises(LocationError, match="expected 12 digits"):
        check_version(text)
