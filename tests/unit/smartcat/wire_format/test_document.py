import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from smartcat.wire_format.compression import compress
from smartcat.wire_format.document import Document, from_bytes, from_fields, to_bytes
from smartcat.wire_format.errors import Reason, WireFormatError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256)
ZONES = st.timezones() | st.just(UTC)
DOCUMENTS = st.builds(
    Document,
    document_id=IDS,
    pages=st.lists(TEXT, min_size=1, max_size=5),
    job_id=st.none() | IDS,
    version=st.none()
    | st.integers(0, 2**63 - 1)
    | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES),  # noqa: DTZ001 - bounds are naive
    received_at=st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES),  # noqa: DTZ001 - bounds are naive
    expires_at=st.none() | st.integers(0, 253_402_300_799),
    stack=st.booleans(),
    metadata=st.dictionaries(IDS.map(lambda key: key[:64]), TEXT, max_size=16),
)


def error_of(**fields: object) -> WireFormatError:
    """Read a document that must be refused for these fields, and give the error."""
    with pytest.raises(WireFormatError) as caught:
        from_bytes(json.dumps({"document_id": "d", "text": "secret"} | fields).encode())
    return caught.value


@given(DOCUMENTS, st.sampled_from([None, 0, 100, 1024]))
def test_round_trip(document: Document, gzip_above: int | None) -> None:
    """A document comes back equal, gzip'd or not, and writes the same bytes again."""
    data = to_bytes(document, gzip_above=gzip_above)
    again = from_bytes(data)
    assert again == document
    assert to_bytes(again, gzip_above=gzip_above) == data


def test_bytes_by_hand() -> None:
    """The canonical form: compact, small fields first, no absent fields, sorted metadata, UTC with Z."""
    document = Document(
        document_id="id/1",
        pages=["Größe\0", ""],
        received_at=datetime(2024, 5, 31, 14, tzinfo=timezone(timedelta(hours=2))),
        metadata={"b": "2", "a": "1"},
    )
    assert to_bytes(document).decode() == (
        '{"v":1,"document_id":"id/1","received_at":"2024-05-31T12:00:00Z",'
        '"metadata":{"a":"1","b":"2"},"pages":["Größe\\u0000",""]}'
    )


def test_a_stack_is_marked_and_nothing_else_is_touched() -> None:
    """The mark is a small field of its own; what is no stack has the bytes it had before there were any."""
    stack = Document(document_id="d", pages=("x",), stack=True)
    assert to_bytes(stack) == b'{"v":1,"document_id":"d","stack":true,"pages":["x"]}'
    plain = Document(document_id="d", pages=("x",), stack=False)
    assert to_bytes(plain) == b'{"v":1,"document_id":"d","pages":["x"]}'
    assert not from_bytes(to_bytes(plain)).stack


@pytest.mark.parametrize("value", [1, 0, "true", None, [True]])
def test_the_mark_of_a_stack_is_true_or_false(value: object) -> None:
    """Nothing is guessed about what a sender may have meant."""
    error = error_of(stack=value)
    assert error.reason == Reason.INVALID_DOCUMENT
    assert "stack" in error.detail


def test_absent_fields_are_not_written() -> None:
    """The smallest document has three fields."""
    assert to_bytes(Document(document_id="d", pages=("x",))) == b'{"v":1,"document_id":"d","pages":["x"]}'


def test_gzip_starts_above_the_size_and_only_when_smaller() -> None:
    """Compression is used from one byte above the limit on, and never makes a payload larger."""
    document = Document(document_id="d", pages=("x" * 500,))
    size = len(to_bytes(document, gzip_above=None))
    assert to_bytes(document, gzip_above=size).startswith(b"{")
    assert to_bytes(document, gzip_above=size - 1).startswith(b"\x1f\x8b")
    assert to_bytes(Document(document_id="d", pages=("x",)), gzip_above=0).startswith(b"{")


def test_text_is_one_page() -> None:
    """The sugar for one page reads as pages."""
    assert from_fields({"document_id": "d", "text": "a"}).pages == ("a",)


def test_unknown_fields_are_ignored() -> None:
    """A newer minor version's fields do no harm, whatever they hold."""
    assert from_fields({"v": "1.9", "document_id": "d", "text": "", "new": [float("nan")]}).v == 1


@pytest.mark.parametrize("version", [1, "1", "1.0", "1.25"])
def test_known_versions(version: object) -> None:
    """Major version 1 is read in every spelling, and is kept as the number 1."""
    assert from_fields({"v": version, "document_id": "d", "text": ""}).v == 1


@pytest.mark.parametrize("version", [2, 0, -1, "2", "2.1", "10"])
def test_other_major_versions_are_refused_before_anything_else(version: object) -> None:
    """An unknown major version is its own reason, even where nothing else would fit the schema."""
    assert error_of(v=version, pages=3).reason is Reason.UNSUPPORTED_VERSION


@pytest.mark.parametrize("version", [True, None, 1.0, "", "one", "1.", "1.x", ".1", "1.2.3", "٣", [1], {}])
def test_malformed_versions_are_invalid(version: object) -> None:
    """What is no version at all is an invalid document that names the field."""
    error = error_of(v=version)
    assert error.reason is Reason.INVALID_DOCUMENT
    assert error.detail.startswith("v: ")


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"document_id": ""}, "document_id: expected at least 1 character"),
        ({"document_id": "i" * 257}, "document_id: expected at most 256 characters"),
        ({"document_id": 7}, "document_id: expected a string"),
        ({"document_id": "\ud800"}, "document_id: expected valid Unicode text"),
        ({"text": None}, "expected text to be a string"),
        ({"pages": ["a"]}, "expected either pages or text, found both"),
        ({"text": "secret \udfff"}, "pages[0]: expected valid Unicode text, found a lone surrogate"),
        ({"job_id": ""}, "job_id: expected at least 1 character"),
        *(
            (
                {"version": wrong},
                "version: expected a whole number from 0 to 9223372036854775807, or ISO 8601",
            )
            for wrong in (
                *(-1, 2**63, 1.5, True, "7", "", "1.7", "yesterday", "2024-05-31", "2024-05-31T12:00:00"),
                *("0001-01-01T00:00:00+14:00", "20240531", ["7"], {}),
            )
        ),
        ({"received_at": "2024-05-31T12:00:00"}, "received_at: expected a time zone"),
        ({"received_at": "yesterday"}, "received_at: expected ISO 8601"),
        ({"received_at": 1717156800}, "received_at: expected ISO 8601"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "received_at: expected a time between"),
        ({"expires_at": 1.5}, "expires_at: expected a whole number"),
        ({"expires_at": True}, "expires_at: expected a whole number"),
        ({"expires_at": "5"}, "expires_at: expected a whole number"),
        ({"expires_at": -1}, "expires_at: "),
        ({"expires_at": 10**40}, "expires_at: "),
        ({"metadata": {"k": 1}}, "metadata: expected a string"),
        ({"metadata": {"secret\ud800": ""}}, "metadata: expected valid Unicode"),
        ({"metadata": {str(i): "" for i in range(17)}}, "metadata: expected at most 16 entries"),
        ({"metadata": {"k": "v" * 257}}, "metadata: expected at most 256 characters"),
        ({"metadata": {"k" * 65: ""}}, "metadata: expected at most 64 characters"),
        ({"metadata": []}, "metadata: expected an object"),
    ],
)
def test_invalid_fields_are_named_and_their_values_are_not(fields: dict[str, object], detail: str) -> None:
    """One line names the field and what was expected; neither it nor a chained error holds the page text."""
    error = error_of(**fields)
    assert error.reason is Reason.INVALID_DOCUMENT
    assert error.detail.startswith(detail)
    assert "secret" not in str(error)
    assert (error.__cause__, error.__context__) == (None, None)


@pytest.mark.parametrize(
    ("pages", "detail"),
    [
        ([], "pages: expected at least 1 entry"),
        ("abc", "pages: expected a list"),
        ({"0": "a"}, "pages: expected a list"),
        (["a"] * 5001, "pages: expected at most 5000 entries"),
    ],
)
def test_pages_are_a_bounded_list_of_text(pages: object, detail: str) -> None:
    """Pages are 1 to 5,000 strings."""
    with pytest.raises(WireFormatError, match=f"^invalid_document: {detail}$"):
        from_fields({"document_id": "d", "pages": pages})


def test_neither_text_nor_pages() -> None:
    """A document without text names the missing field."""
    with pytest.raises(WireFormatError, match=r"^invalid_document: pages: required, and missing$"):
        from_fields({"document_id": "d"})


@given(st.binary(max_size=300) | DOCUMENTS.map(to_bytes), st.integers(0, 300))
def test_arbitrary_bytes_raise_only_our_error(payload: bytes, size: int) -> None:
    """Any bytes, beginnings of good payloads among them, give a document or a WireFormatError."""
    try:
        said = from_bytes(payload[:size], max_bytes=200).document_id
    except WireFormatError as error:
        said = error.detail
    assert said


@pytest.mark.parametrize("wrap", [bytes, compress])
def test_bound_counts_the_json(wrap: type[bytes]) -> None:
    """The bound is for the JSON, sent plain or gzip'd, and is exact."""
    plain = to_bytes(Document(document_id="d", pages=("x" * 100,)))
    assert from_bytes(wrap(plain), max_bytes=len(plain)).document_id == "d"
    with pytest.raises(WireFormatError) as caught:
        from_bytes(wrap(plain), max_bytes=len(plain) - 1)
    assert caught.value.reason is Reason.TOO_LARGE


def test_page_text_stays_out_of_repr_and_of_pydantic_errors() -> None:
    """A document in a log line shows its id, not its pages, and neither does pydantic's own error."""
    assert "secret" not in repr(Document(document_id="d", pages=("secret",), metadata={"k": "secret"}))
    with pytest.raises(ValidationError) as caught:
        Document.model_validate({"document_id": "d", "text": "secret", "job_id": ["secret"]})
    assert "secret" not in str(caught.value)


def test_documents_are_frozen() -> None:
    """A document does not change between the stream and the result."""
    document = Document(document_id="d", pages=("a",))
    with pytest.raises(ValidationError):
        document.document_id = "e"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given_version", "kept"),
    [
        (0, 0),
        (2**63 - 1, 2**63 - 1),
        ("2024-05-31T14:00:00+02:00", datetime(2024, 5, 31, 12, tzinfo=UTC)),
        ("2024-05-31T12:00:00.123456789Z", datetime(2024, 5, 31, 12, 0, 0, 123_456, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_version_is_a_number_or_a_time(given_version: object, kept: object) -> None:
    """Times are kept in UTC, to the microsecond; equal times give equal bytes."""
    document = from_fields({"document_id": "d", "text": "t", "version": given_version})
    assert document.version == kept
    assert type(document.version) is type(kept)
    assert from_bytes(to_bytes(document)) == document
