import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.wire_format.compression import compress
from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.strict_json import parse_object


def error_of(data: bytes) -> WireFormatError:
    """Parse what must be refused, and give the error."""
    with pytest.raises(WireFormatError) as caught:
        parse_object(data)
    return caught.value


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
    )
)
def test_reads_what_json_wrote(value: dict[str, object]) -> None:
    """Ordinary objects come back as they are, NUL and all."""
    assert parse_object(json.dumps(value).encode()) == value


@given(st.binary(max_size=100))
def test_arbitrary_bytes_raise_only_our_error(data: bytes) -> None:
    """Any bytes give an object or a WireFormatError."""
    outcome: object
    try:
        outcome = parse_object(data)
    except WireFormatError as error:
        outcome = error.reason
    assert isinstance(outcome, dict | Reason)


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (b"", Reason.EMPTY, "no content"),
        (b" \n", Reason.EMPTY, "no content"),
        (b'{"a":"\xff"}', Reason.BAD_UTF8, "expected UTF-8, found an invalid byte at offset 6"),
        (b'{"a":\n1,}', Reason.BAD_JSON, "line 2 column"),
        (b"[1]", Reason.INVALID_DOCUMENT, "expected a JSON object, found a list"),
        (b"null", Reason.INVALID_DOCUMENT, "expected a JSON object, found null"),
        (b'{"a":NaN}', Reason.BAD_JSON, "NaN and Infinity are not JSON"),
        (b'{"a":-Infinity}', Reason.BAD_JSON, "NaN and Infinity are not JSON"),
        (b'{"a":{"b":1,"b":1}}', Reason.BAD_JSON, "a name occurs twice"),
        (b'{"a":' * 200_000, Reason.BAD_JSON, "nested too deeply"),
        (b'{"a":' + b"[" * 200_000, Reason.BAD_JSON, "nested too deeply"),
        (b'{"a":' + b"1" * 5000 + b"}", Reason.BAD_JSON, "a number of 5000 digits"),
    ],
)
def test_refusals(data: bytes, reason: Reason, detail: str) -> None:
    """Each way of not being one JSON object has its reason and says where."""
    error = error_of(data)
    assert error.reason is reason
    assert detail in error.detail


@pytest.mark.parametrize("data", [b'{"a": secret', b'\xff{"secret"', b'{"secret":1,"secret":1}', b'"secret"'])
def test_errors_and_their_causes_do_not_hold_the_input(data: bytes) -> None:
    """Neither the message nor a chained exception repeats the payload, for both end in logs."""
    error = error_of(data)
    assert "secret" not in str(error)
    assert (error.__cause__, error.__context__) == (None, None)


@pytest.mark.parametrize(
    "body", [b'{"document_id": "some-id"}', compress(b"{}" * 9), b"\xf3\x89\x9a\xc2" * 5]
)
def test_base64_of_a_payload_is_recognised(body: bytes) -> None:
    """The commonest mistake, encoding what Kinesis encodes anyway, is named."""
    assert "send the bytes" in error_of(base64.b64encode(body)).detail
    assert "send the bytes" in error_of(base64.encodebytes(body)).detail


@pytest.mark.parametrize("data", [b"abc", b"hello world, hello", b"abcdefghijkl", b"QUJDREVGR0hJSg=="])
def test_other_text_gets_no_base64_hint(data: bytes) -> None:
    """Text that is not base64 of something of ours is simply not JSON."""
    assert "base64" not in error_of(data).detail


def test_byte_order_mark_is_accepted() -> None:
    """A byte order mark in front, as some editors write it, changes nothing."""
    assert parse_object(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


def many(count: int, unit: bytes, last: bytes = b"") -> bytes:
    """Give an object with a list of so many units."""
    return b'{"a":[' + b",".join([unit] * count) + last + b"]}"


@pytest.mark.parametrize(
    "data",
    [
        many(1_000_000, b"0"),
        many(500_000, b"[]"),
        many(1_000_000, b'""'),
        b'{"a":["' + b'",' * 2_000_001,
        b'{"a":' + b"[" * 1_000_000,
    ],
)
def test_millions_of_values_are_too_large(data: bytes) -> None:
    """They would take a hundred times their bytes in memory, so they are counted before they are parsed."""
    error = error_of(data)
    assert (error.reason, error.detail) == (Reason.TOO_LARGE, "more than 1000000 values in one JSON object")


@pytest.mark.parametrize(
    "text", [b"a,b:c[d]{e}," * 250_000, b'\\",' * 300_000, b"\\\\" * 10 + b"," * 1_100_000]
)
def test_text_of_commas_and_brackets_is_one_value(text: bytes) -> None:
    """What is inside strings is no value, escaped quotes or not: a page may be a table of numbers."""
    assert len(parse_object(b'{"text":"' + text + b'"}')) == 1
