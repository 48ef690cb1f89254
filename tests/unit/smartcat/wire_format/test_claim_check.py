import hashlib
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from smartcat.wire_format import claim_check
from smartcat.wire_format.claim_check import (
    Claim,
    check_bucket_and_prefix,
    check_location,
    check_not_expired,
    is_claim,
    make_claim,
    read_claimed_document,
)
from smartcat.wire_format.compression import compress
from smartcat.wire_format.document import Document
from smartcat.wire_format.document import from_bytes as document_from_bytes
from smartcat.wire_format.document import to_bytes as document_to_bytes
from smartcat.wire_format.errors import Reason, WireFormatError

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256)
SECOND = 1_798_859_045
CLAIMS = st.builds(
    make_claim,
    st.binary(min_size=1, max_size=50),
    document_id=IDS,
    bucket=st.from_regex(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", fullmatch=True),
    prefix=st.sampled_from(["", "claims/", "a/b-c/d_e=f.g/"]),
    expires_at=st.none() | st.integers(1, 253_000_000_000),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**50), 10**50)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


def claim(**changes: Any) -> bytes:
    """The bytes of a claim of a document ``d`` with these fields changed; None leaves one out."""
    fields = json.loads(claim_check.to_bytes(make_claim(b"x", document_id="d", bucket="claims-bucket")))
    return json.dumps({k: v for k, v in (fields | changes).items() if v is not None}).encode()


def error_of(read: Any, *arguments: Any, **named: Any) -> WireFormatError:
    """Call what must refuse its arguments, and give the error."""
    with pytest.raises(WireFormatError) as caught:
        read(*arguments, **named)
    return caught.value


@given(CLAIMS)
def test_round_trip(made: Claim) -> None:
    """A claim comes back equal, writes the same bytes again, is recognised, and stays within its bound."""
    data = claim_check.to_bytes(made)
    assert is_claim(data)
    assert claim_check.from_bytes(data) == made
    assert claim_check.to_bytes(claim_check.from_bytes(data)) == data
    assert len(data) <= claim_check.MAX_CLAIM_BYTES


@given(CLAIMS, st.sampled_from([None, 0]))
def test_a_claim_is_never_a_document(made: Claim, gzip_above: int | None) -> None:
    """The reader of documents refuses every claim, gzip'd too, and a gzip'd claim is no claim."""
    data = claim_check.to_bytes(made)
    assert error_of(document_from_bytes, data).reason == Reason.INVALID_DOCUMENT
    assert error_of(document_from_bytes, compress(data)).reason == Reason.INVALID_DOCUMENT
    assert not is_claim(compress(data))


@given(
    IDS,
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=3),
    JSON,
)
def test_a_document_is_never_a_claim(document_id: str, pages: list[str], other: Any) -> None:
    """Whatever a readable document holds, even a field with the name of the mark, it is no claim."""
    data = document_to_bytes(Document(document_id=document_id, pages=[*pages, '"smartcat_claim":1']))
    assert not is_claim(data)
    for text in ({"text": "".join(pages)}, {"pages": pages}):
        fields = json.dumps({"smartcat_claim": other, "document_id": document_id} | text).encode()
        assert document_from_bytes(fields).document_id == document_id
        assert not is_claim(fields)
        assert error_of(claim_check.from_bytes, fields).reason == Reason.BAD_CLAIM


def test_bytes_by_hand() -> None:
    """The canonical form: compact, the mark first, absent fields left out, the key made of two digests."""
    made = make_claim(b"payload", document_id="id/ü", bucket="some.bucket", expires_at=SECOND)
    sha256, of_id = hashlib.sha256(b"payload").hexdigest(), hashlib.sha256("id/ü".encode()).hexdigest()
    assert claim_check.to_bytes(made).decode() == (
        f'{{"smartcat_claim":1,"document_id":"id/ü","bucket":"some.bucket","key":"claims/{of_id}/{sha256}",'
        f'"sha256":"{sha256}","size":7,"expires_at":{SECOND}}}'
    )
    assert b"expires_at" not in claim()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"document_id": ""}, "document_id"),
        ({"document_id": "x" * 257}, "document_id"),
        ({"document_id": "\ud800"}, "document_id"),
        ({"bucket": None}, "bucket"),
        ({"bucket": "arn:aws:s3:us-east-1:1:accesspoint/x"}, "bucket"),
        ({"bucket": "Upper"}, "bucket"),
        ({"bucket": "b" * 64}, "bucket"),
        ({"bucket": "bucket\n"}, "bucket"),
        ({"key": ""}, "key"),
        ({"key": "claims/../model/weights"}, "key"),
        ({"key": "claims/./x"}, "key"),
        ({"key": "claims//x"}, "key"),
        ({"key": "/claims/x"}, "key"),
        ({"key": "claims/x/"}, "key"),
        ({"key": "claims/%2e%2e/x"}, "key"),
        ({"key": "claims/x?versionId=1"}, "key"),
        ({"key": "claims/" + "x" * 1018}, "key"),
        ({"sha256": "A" * 64}, "sha256"),
        ({"sha256": "a" * 63}, "sha256"),
        ({"size": 0}, "size"),
        ({"size": -1}, "size"),
        ({"size": 1.0}, "size"),
        ({"size": "1"}, "size"),
        ({"size": True}, "size"),
        ({"size": 5 * 1024**3 + 1}, "size"),
        ({"expires_at": "2027-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": -1}, "expires_at"),
        ({"smartcat_claim": "one"}, "smartcat_claim"),
        ({"smartcat_claim": {}}, "smartcat_claim"),
        ({"smartcat_claim": True}, "smartcat_claim"),
        ({"pad": "x" * 8192}, "at most 8192"),
    ],
)
def test_hostile_claims_are_recognised_and_refused(wrong: dict[str, Any], named: str) -> None:
    """A claim with a wrong field is still a claim, refused by the field's name, without its value."""
    data = claim(**wrong)
    assert is_claim(data)
    error = error_of(claim_check.from_bytes, data)
    assert error.reason == Reason.BAD_CLAIM
    assert named in error.detail
    assert error.__cause__ is error.__context__ is None
    assert "model/weights" not in str(error)


@given(st.dictionaries(st.sampled_from(list(Claim.model_fields)), JSON))
def test_any_field_may_hold_anything(wrong: dict[str, Any]) -> None:
    """Reading gives a claim or one of two reasons, never another error."""
    fields = json.loads(claim()) | wrong
    data = json.dumps(fields).encode()
    assert is_claim(data)
    try:
        claim_check.from_bytes(data)
    except WireFormatError as error:
        assert error.reason in {Reason.BAD_CLAIM, Reason.UNSUPPORTED_VERSION}  # noqa: PT017 - one of the outcomes


@pytest.mark.parametrize(
    "data", [b"", b"{", b'"smartcat_claim"', b'["smartcat_claim"]', b'{"smartcat_claim":', b"{}"]
)
def test_what_has_not_the_shape_is_no_claim(data: bytes) -> None:
    """Other bytes that hold the mark are left to the reader of documents, and refused as claims."""
    assert not is_claim(data)
    assert error_of(claim_check.from_bytes, data).reason == Reason.BAD_CLAIM


def test_versions_and_unknown_fields() -> None:
    """A minor version may add fields; another major version is refused before all else."""
    assert claim_check.from_bytes(claim(smartcat_claim="1.7", new=[1])).smartcat_claim == 1
    for version in (2, "2.0"):
        error = error_of(claim_check.from_bytes, claim(smartcat_claim=version, bucket=5))
        assert error.reason == Reason.UNSUPPORTED_VERSION
    with pytest.raises(ValidationError, match="expected version 1"):
        Claim(smartcat_claim=2, document_id="d", bucket="bucket", key="k", sha256="0" * 64, size=1)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"payload": b""}, "size"),
        ({"document_id": ""}, "document_id"),
        ({"document_id": "\ud800"}, "document_id"),
        ({"bucket": "No"}, "bucket"),
        ({"prefix": "a//"}, "key"),
    ],
)
def test_a_wrong_claim_is_not_made(fields: dict[str, Any], named: str) -> None:
    """What the reader would refuse is refused when it is made, and no value is repeated."""
    good: dict[str, Any] = {"payload": b"x", "document_id": "d", "bucket": "bucket"}
    chosen = good | fields
    with pytest.raises(ValueError, match=named) as caught:
        make_claim(chosen.pop("payload"), **chosen)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("bucket", "prefix"), [("other", "claims/"), ("claims-bucket", "claims/x"), ("claims", "")]
)
def test_only_objects_of_the_bucket_and_prefix_may_be_read(bucket: str, prefix: str) -> None:
    """A claim on anything else is rejected, and neither location is repeated."""
    made = claim_check.from_bytes(claim())
    check_location(made, "claims-bucket", "claims/")
    error = error_of(check_location, made, bucket, prefix)
    assert error.reason == Reason.CLAIM_OUTSIDE
    assert "claims-bucket" not in error.detail


def test_a_bucket_and_prefix_are_usable_or_not() -> None:
    """Every claim that can be made there names it; a prefix is a folder, or nothing."""
    for bucket, prefix in [("bucket", ""), ("some.bucket-1", "claims/"), ("bucket", "a/b/")]:
        check_bucket_and_prefix(bucket, prefix)
    for bucket, prefix in [
        ("B", ""),
        ("bucket", "claims"),
        ("bucket", "/"),
        ("bucket", "../"),
        ("bucket", "é/"),
    ]:
        with pytest.raises(ValueError, match=r"^(bucket|prefix|key): "):
            check_bucket_and_prefix(bucket, prefix)


def test_a_claim_expires_at_its_second() -> None:
    """From that second on, and never without one."""
    made = claim_check.from_bytes(claim(expires_at=1000))
    check_not_expired(made, 999.9)
    check_not_expired(claim_check.from_bytes(claim()), 1e12)
    assert error_of(check_not_expired, made, 1000.0).reason == Reason.CLAIM_EXPIRED


@given(IDS, st.text(st.characters(exclude_categories=["Cs"]), max_size=500), st.sampled_from([None, 0]))
def test_claimed_bytes_give_their_document(document_id: str, page: str, gzip_above: int | None) -> None:
    """Bytes that are what the claim says are read as on the stream, gzip'd or not."""
    document = Document(document_id=document_id, pages=[page])
    payload = document_to_bytes(document, gzip_above=gzip_above)
    made = make_claim(payload, document_id=document_id, bucket="bucket")
    assert read_claimed_document(made, payload) == document


@given(st.binary(max_size=60), st.integers(0, 40))
def test_other_bytes_are_a_mismatch(other: bytes, flipped: int) -> None:
    """Other bytes, fewer, more, or one bit changed, are never read."""
    payload = document_to_bytes(Document(document_id="d", text="secret page"))
    made = make_claim(payload, document_id="d", bucket="bucket")
    changed = bytearray(payload)
    changed[flipped % len(payload)] ^= 1
    for wrong in (other, payload + b" ", payload[:-1], bytes(changed)):
        assert error_of(read_claimed_document, made, wrong).reason == Reason.CLAIM_MISMATCH


def test_another_documents_bytes_are_a_mismatch() -> None:
    """A claim cannot bring in a document under another id than its own, which orders it on the stream."""
    payload = document_to_bytes(Document(document_id="other", text="secret"))
    error = error_of(read_claimed_document, make_claim(payload, document_id="d", bucket="bucket"), payload)
    assert error.reason == Reason.CLAIM_MISMATCH
    assert "other" not in error.detail.replace("another", "")


def test_what_is_in_the_object_is_bounded_and_no_claim() -> None:
    """A bomb is too large, and an object that holds a claim is not followed."""
    bomb = document_to_bytes(Document(document_id="d", text="x" * 100_000))
    made = make_claim(bomb, document_id="d", bucket="bucket")
    read = partial(read_claimed_document, read=partial(document_from_bytes, max_bytes=50_000))
    assert error_of(read, made, bomb).reason == Reason.TOO_LARGE
    inner = claim()
    made = make_claim(inner, document_id="d", bucket="bucket")
    assert error_of(read_claimed_document, made, inner).reason == Reason.INVALID_DOCUMENT
