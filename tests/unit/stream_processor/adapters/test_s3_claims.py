from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    FlexibleChecksumError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from botocore.parsers import ResponseParserError
from botocore.response import StreamingBody
from moto import mock_aws

from smartcat.wire_format.claim_check import Claim, make_claim
from stream_processor.adapters import s3_claims
from stream_processor.adapters.s3_claims import S3Claims
from stream_processor.errors import RejectRecord, TryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stream_processor.core.ports import FetchResult

PAYLOADS = [b"document %d" % number * (number + 1) for number in range(20)]


def claim(payload: bytes) -> Claim:
    """The claim of these bytes."""
    return make_claim(payload, document_id="d", bucket="claims-bucket")


class Body:
    """What S3 sends, a few bytes at a time, and how much of it was read."""

    def __init__(self, data: bytes, on_read: Callable[[], None] = lambda: None) -> None:
        self._data = BytesIO(data)
        self._on_read = on_read
        self.taken = 0
        self.closed = False

    def read(self, amount: int) -> bytes:
        self._on_read()
        part = self._data.read(min(amount, 7))
        self.taken += len(part)
        return part

    def close(self) -> None:
        self.closed = True


class Client:
    """Gives answers or raises them, in turn; the last one stays."""

    def __init__(self, *answers: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = list(answers)

    def get_object(self, **kwargs: Any) -> Any:
        self.asked.append(kwargs)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer_of(answer)


def answer_of(body: Any, **fields: Any) -> dict[str, Any]:
    """What boto3 makes of a whole answer; fields replace S3's."""
    stored = body._data.getvalue()
    etag = hashlib.md5(stored, usedforsecurity=False).hexdigest()
    return {"Body": body, "ContentLength": len(stored), "ETag": f'"{etag}"', **fields}


def refusal(code: str, status: int) -> ClientError:
    """An error of S3."""
    answer: Any = {"Error": {"Code": code, "Message": "x"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")


def fetch(
    client: Any, make: Any, *payloads: bytes, seconds: float = 10.0, clock: Any = None
) -> Sequence[FetchResult]:
    """Fetch with an adapter of its own."""
    store = S3Claims(lambda: client, "claims-bucket", clock=clock or make.clock())
    return store.fetch([claim(payload) for payload in payloads], seconds=seconds)


@pytest.fixture
def bucket() -> Iterator[Any]:
    """A client with a bucket for claims."""
    with mock_aws():
        client = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_bucket(Bucket="claims-bucket")
        yield client


def test_reads_all_in_order_from_a_real_bucket(make: Any, bucket: Any) -> None:
    """Several objects at the same time come back in the order of their claims."""
    for payload in PAYLOADS:
        bucket.put_object(Bucket="claims-bucket", Key=claim(payload).key, Body=payload)
    assert list(fetch(bucket, make, *PAYLOADS)) == PAYLOADS


def test_an_object_that_is_not_there_is_missing(make: Any, bucket: Any) -> None:
    """It can never be had; its neighbours can."""
    bucket.put_object(Bucket="claims-bucket", Key=claim(b"here").key, Body=b"here")
    missing, here = fetch(bucket, make, b"gone", b"here")
    assert isinstance(missing, RejectRecord)
    assert (missing.reason, here) == ("claim_missing", b"here")


def test_a_bucket_that_is_not_there_is_to_be_waited_for(make: Any, bucket: Any) -> None:
    """A wrong setting is no record's fault, and no short wait mends it."""
    bucket.delete_bucket(Bucket="claims-bucket")
    (answer,) = fetch(bucket, make, b"x")
    assert isinstance(answer, TryLater)
    assert str(answer) == "GetObject from bucket claims-bucket failed with NoSuchBucket"


def test_only_the_configured_bucket_is_read(make: Any) -> None:
    """Even a claim on another bucket that got this far leads to the bucket of the settings."""
    client: Any = Client(Body(b"x"))
    other = claim(b"x").model_copy(update={"bucket": "model-bucket"})
    S3Claims(lambda: client, "claims-bucket", clock=make.clock()).fetch([other], seconds=1.0)
    assert [each["Bucket"] for each in client.asked] == ["claims-bucket"]


@pytest.mark.parametrize("stored", [b"", b"shor", b"longer than claimed" * 1000])
def test_an_object_of_another_size_is_not_read_at_all(make: Any, stored: bytes) -> None:
    """Its size is known before its first byte: a huge object costs no memory."""
    body = Body(stored)
    (answer,) = fetch(Client(body), make, b"short")
    assert isinstance(answer, RejectRecord)
    assert answer.reason == "claim_mismatch"
    assert (body.taken, body.closed) == (0, True)


def test_a_body_longer_than_it_said_is_read_one_byte_too_far(make: Any) -> None:
    """A store that lies about the length cannot fill the memory either."""
    bodies = [Body(b"endless" * 1000) for _ in range(2)]

    class Lying(Client):
        def get_object(self, **kwargs: Any) -> Any:
            return answer_of(super().get_object(**kwargs)["Body"], ContentLength=5, ETag='"in-2"')

    (answer,) = fetch(Lying(*bodies), make, b"short")
    assert isinstance(answer, bytes)
    assert len(answer) == 6
    assert [(body.taken, body.closed) for body in bodies] == [(6, True)] * 2


@pytest.mark.parametrize(
    "fault",
    [
        refusal("ServiceUnavailable", 503),
        refusal("SlowDown", 503),
        refusal("InternalError", 500),
        EndpointConnectionError(endpoint_url="http://x"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
)
def test_transient_faults_are_tried_again(make: Any, fault: Exception) -> None:
    """A fault of the moment is tried again a bounded number of times, and never blamed on the claim."""
    assert list(fetch(Client(fault, fault, Body(b"x")), make, b"x")) == [b"x"]
    lasting = Client(fault)
    (answer,) = fetch(lasting, make, b"x")
    assert isinstance(answer, TryLater)
    assert len(lasting.asked) == 4


def test_a_page_from_elsewhere_is_no_object(make: Any) -> None:
    """An answer with status 200 and without S3's ETag says nothing of the object: it is fetched again."""

    class Proxy(Client):
        pages = 2

        def get_object(self, **kwargs: Any) -> Any:
            answer = super().get_object(**kwargs)
            page = len(self.asked) <= self.pages
            return {**answer, "ContentLength": 57, "ETag": None} if page else answer

    client = Proxy(*(Body(PAYLOADS[0]) for _ in range(3)))
    assert fetch(client, make, PAYLOADS[0]) == [PAYLOADS[0]]
    assert len(client.asked) == 3
    client.pages = 99
    (answer,) = fetch(client, make, PAYLOADS[0])
    assert isinstance(answer, TryLater)


def test_a_connection_cut_in_the_middle_is_no_mismatch(make: Any) -> None:
    """Fewer bytes than the answer promised are read again; the object is not called tampered."""

    class Cut(Client):
        def get_object(self, **kwargs: Any) -> Any:
            self.asked.append(kwargs)
            whole = len(self.asked) > 1
            body = StreamingBody(BytesIO(b"whole" if whole else b"who"), 5)  # type: ignore[arg-type]
            return {"Body": body, "ContentLength": 5, "ETag": "x"}

    assert list(fetch(Cut(None), make, b"whole")) == [b"whole"]


ZEROS = '"' + "0" * 32 + '"'


@pytest.mark.parametrize(
    "damaged",
    [
        answer_of(Body(b"<html>busy</html>")) | {"ETag": None},
        answer_of(Body(b"<html")) | {"ETag": ""},
        {"Body": Body(b"")},
        answer_of(Body(b"")),
        answer_of(Body(b"wholE"), ETag='"in-parts-2"'),
        answer_of(Body(b"wholE"), ETag=ZEROS),
        answer_of(Body(b"wholE"), ETag=ZEROS, ServerSideEncryption="aws:kms"),
        answer_of(Body(b"who"), ContentLength=5),
        answer_of(Body(b"whole and more")),
        answer_of(Body(b"whole")) | {"ContentLength": "5, 5"},
        ResponseParserError("<html>"),
    ],
)
def test_a_damaged_answer_is_no_fact_about_the_claim(make: Any, damaged: Any) -> None:
    """Whatever came in place of the object, it is asked for again, and the whole answer counts."""

    class Damaged(Client):
        def get_object(self, **kwargs: Any) -> Any:
            self.asked.append(kwargs)
            if len(self.asked) > 1:
                return answer_of(Body(b"whole"))
            if isinstance(damaged, Exception):
                raise damaged
            return damaged

    client = Damaged(None)
    assert list(fetch(client, make, b"whole")) == [b"whole"]
    assert len(client.asked) == 2


@pytest.mark.parametrize(
    "fault",
    [
        ReadTimeoutError(endpoint_url="https://s3"),
        ResponseStreamingError(error="reset"),
        FlexibleChecksumError(error_msg="CRC32"),
        IncompleteReadError(actual_bytes=1, expected_bytes=5),
    ],
)
def test_a_body_that_breaks_off_is_read_again(make: Any, fault: Exception) -> None:
    """A time-out or a reset in the middle of the bytes says nothing about the object."""

    def broken() -> None:
        raise fault

    assert list(fetch(Client(Body(b"whole", on_read=broken), Body(b"whole")), make, b"whole")) == [b"whole"]


def test_answers_that_differ_each_time_are_to_be_waited_for(make: Any) -> None:
    """The claim is not blamed for what no two answers agree on."""

    class Noisy(Client):
        def get_object(self, **kwargs: Any) -> Any:
            self.asked.append(kwargs)
            return answer_of(Body(b"whol%d" % len(self.asked)), ETag='"in-parts-2"')

    (answer,) = fetch(Noisy(None), make, b"whole")
    assert isinstance(answer, TryLater)
    assert str(answer) == "GetObject from bucket claims-bucket brought something else than is claimed"


@pytest.mark.parametrize("etag", ['"in-parts-2"', None])
def test_two_answers_that_agree_are_a_fact(make: Any, etag: str | None) -> None:
    """Bytes of the claimed size that are others are given to the caller, who rejects the claim."""

    class Other(Client):
        def get_object(self, **kwargs: Any) -> Any:
            self.asked.append(kwargs)
            return answer_of(Body(b"wholE"), **({"ETag": etag} if etag else {}))

    client = Other(None)
    assert list(fetch(client, make, b"whole")) == [b"wholE"]
    # One is enough where the ETag is the MD5 of what came.
    assert len(client.asked) == (2 if etag else 1)


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidObjectState", "KMS.DisabledException"])
def test_what_people_must_mend_is_not_hammered(make: Any, code: str) -> None:
    """A missing permission is asked for once a call, and is no record's fault."""
    client = Client(refusal(code, 403))
    (answer,) = fetch(client, make, b"x")
    assert isinstance(answer, TryLater)
    assert (len(client.asked), answer.seconds) == (1, float("inf"))


def test_without_time_only_the_first_is_fetched(make: Any) -> None:
    """The first claim gets one attempt in any case; the others wait."""
    first, second = fetch(Client(Body(b"x")), make, b"x", b"y", seconds=0.0)
    assert first == b"x"
    assert isinstance(second, TryLater)
    assert str(second) == "no time left to get objects from bucket claims-bucket"


def test_a_slow_body_ends_at_the_deadline(make: Any) -> None:
    """A trickle of bytes does not take the invocation with it."""
    clock = make.clock()
    body = Body(b"x" * 1000, on_read=lambda: clock.advance(1.0))
    (answer,) = fetch(Client(body), make, b"x" * 1000, seconds=10.0, clock=clock)
    assert isinstance(answer, TryLater)
    assert (body.taken, body.closed) == (70, True)


def test_nothing_is_read_in_one_piece(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads are of a bounded size, so that the deadline is looked at in between."""
    monkeypatch.setattr(s3_claims, "CHUNK_BYTES", 3)
    assert list(fetch(Client(Body(b"0123456789")), make, b"0123456789")) == [b"0123456789"]
