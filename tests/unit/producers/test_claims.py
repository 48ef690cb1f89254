from __future__ import annotations

from base64 import b64decode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ReadTimeoutError,
)
from moto import mock_aws

from producers import claims
from producers.claims import S3ClaimStore
from producers.errors import ClaimStoreError, ConfigurationError, ProducersError
from smartcat.aws_errors import CREDENTIALS_CODES
from smartcat.wire_format.claim_check import from_bytes, is_claim, read_claimed_document
from smartcat.wire_format.document import Document, to_bytes
from support.damaged_answers import answer_with

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Document(document_id="letter 1", text="secret page " * 1000)
PAYLOAD = to_bytes(DOCUMENT)


@pytest.fixture
def bucket() -> Iterator[Any]:
    """A client with a bucket for claims."""
    with mock_aws():
        client = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_bucket(Bucket="claims-bucket")
        yield client


class Client:
    """Raises these errors, one a put, and then stores."""

    def __init__(self, *faults: Exception) -> None:
        self.puts: list[dict[str, Any]] = []
        self._faults = list(faults)

    def put_object(self, **kwargs: Any) -> dict[str, str]:
        self.puts.append(kwargs)
        if self._faults:
            raise self._faults.pop(0)
        return {"ETag": '"0"', "ChecksumSHA256": kwargs["ChecksumSHA256"]}


def refusal(code: str, status: int) -> ClientError:
    """An error of S3 that quotes what it was sent."""
    answer: Any = {
        "Error": {"Code": code, "Message": "secret page"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "PutObject")


def one_attempt_client() -> Any:
    """A client as the store makes it, without looking for credentials."""
    return boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )


def store(client: Any, slept: list[float] | None = None) -> S3ClaimStore:
    """A store that waits without letting time pass."""
    sleep = (slept if slept is not None else []).append
    return S3ClaimStore("claims-bucket", client=client, sleep=sleep)


def test_what_is_stored_is_what_is_claimed(bucket: Any) -> None:
    """The claim names an object that holds the document's bytes, and says nothing of their text."""
    expires_at = 1_800_000_000
    record = store(bucket).store("letter 1", PAYLOAD, expires_at)
    assert is_claim(record)
    claim = from_bytes(record)
    assert (claim.bucket, claim.expires_at) == ("claims-bucket", expires_at)
    answer = bucket.get_object(Bucket=claim.bucket, Key=claim.key)
    assert read_claimed_document(claim, answer["Body"].read()) == DOCUMENT
    assert "letter" not in claim.key
    assert b"secret" not in record
    assert len(record) < 600


def test_storing_again_leaves_one_object_and_gives_the_same_claim(bucket: Any) -> None:
    """A repeat is idempotent; another version, or another id with the same bytes, is another object."""
    chosen = store(bucket)
    assert chosen.store("letter 1", PAYLOAD) == chosen.store("letter 1", PAYLOAD)
    chosen.store("letter 1", PAYLOAD + b" ")
    chosen.store("letter 2", PAYLOAD)
    keys = [entry["Key"] for entry in bucket.list_objects_v2(Bucket="claims-bucket")["Contents"]]
    assert len(keys) == 3
    assert len({key.rpartition("/")[0] for key in keys}) == 2
    assert all(key.startswith("claims/") for key in keys)


def test_s3_is_told_the_checksum() -> None:
    """S3 itself refuses bytes whose SHA-256 is not the one that is claimed."""
    client = Client()
    claim = from_bytes(store(client).store("letter 1", PAYLOAD))
    (put,) = client.puts
    assert b64decode(put["ChecksumSHA256"]).hex() == claim.sha256
    assert (put["Body"], len(PAYLOAD)) == (PAYLOAD, claim.size)


@pytest.mark.parametrize(
    "fault",
    [
        refusal("InternalError", 500),
        refusal("SlowDown", 503),
        refusal("RequestTimeout", 400),
        refusal("BadDigest", 400),
        ReadTimeoutError(endpoint_url="http://x"),
    ],
)
def test_transient_faults_are_tried_again_with_jittered_waits(fault: Exception) -> None:
    """A few faults are waited out; one that lasts is a typed error after a bounded number of attempts."""
    slept: list[float] = []
    client = Client(fault, fault)
    assert is_claim(store(client, slept).store("letter 1", PAYLOAD))
    assert (len(client.puts), len(slept)) == (3, 2)
    client = Client(*[fault] * 20)
    with pytest.raises(ClaimStoreError) as caught:
        store(client, slept).store("letter 1", PAYLOAD)
    assert caught.value.transient
    assert len(client.puts) == claims.BACKOFF.attempts
    assert max(slept) <= claims.BACKOFF.longest_seconds
    assert all(0.1 * 2**number <= wait <= 0.2 * 2**number for number, wait in enumerate(slept[2:])), (
        "jitter takes at most half of the doubled wait"
    )


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (refusal("AccessDenied", 403), "AccessDenied"),
        (refusal("NoSuchBucket", 404), "NoSuchBucket"),
        (NoCredentialsError(), "NoCredentialsError"),
    ],
)
def test_what_somebody_must_fix_is_raised_at_once(fault: Exception, code: str) -> None:
    """One attempt, one line: the document's id, the bucket and the code, and nothing that was sent."""
    client = Client(fault)
    with pytest.raises(ProducersError) as caught:
        store(client).store("letter 1", PAYLOAD)
    error = caught.value
    assert isinstance(error, ClaimStoreError)
    assert str(error) == f"document 'letter 1' could not be stored in bucket claims-bucket: {code}"
    assert (error.partition_key, error.code, error.transient) == ("letter 1", code, False)
    assert error.__context__ is None
    assert len(client.puts) == 1


@pytest.mark.parametrize(
    "fault",
    [
        CredentialRetrievalError(provider="iam-role", error_msg="the metadata timed out"),
        *(refusal(code, 403) for code in sorted(CREDENTIALS_CODES)),
    ],
    ids=lambda fault: type(fault).__name__ + str(fault)[19:40],
)
def test_credentials_that_cannot_be_renewed_are_waited_for_and_said(fault: Exception) -> None:
    """A minute without them costs no document; after two, the error says that it is they."""
    slept: list[float] = []

    class Expired(Client):
        def put_object(self, **kwargs: Any) -> dict[str, str]:
            if sum(slept) < 60:
                raise fault
            return super().put_object(**kwargs)

    assert is_claim(store(Expired(), slept).store("letter 1", PAYLOAD))
    slept.clear()
    with pytest.raises(ClaimStoreError, match="the credentials") as caught:
        store(Client(*[fault] * 200), slept).store("letter 1", PAYLOAD)
    assert caught.value.transient
    assert 120 <= sum(slept) < 126


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>busy</html>"])
def test_an_answer_that_names_no_object_is_not_believed(body: bytes) -> None:
    """Whatever stands between may answer 200: it is stored again until S3 says what it has stored."""
    client = one_attempt_client()
    puts: list[str] = []

    def answer(request: Any) -> tuple[dict[str, str], bytes]:
        puts.extend([request.method] if request.method == "PUT" else [])  # botocore may ask for the region
        return ({"ETag": '"0"'}, b"") if len(puts) > 2 else ({}, body)

    answer_with(client, answer)
    assert is_claim(store(client).store("letter 1", PAYLOAD))
    assert len(puts) == 3


def test_an_object_with_another_checksum_is_not_believed() -> None:
    """What S3 says it has stored must be what was sent."""
    client = one_attempt_client()
    answer_with(client, lambda _: ({"ETag": '"0"', "x-amz-checksum-sha256": "b3RoZXI="}, b""))
    with pytest.raises(ClaimStoreError, match="MalformedResponse"):
        store(client).store("letter 1", PAYLOAD)


@pytest.mark.parametrize(("document_id", "payload"), [("", b"x"), ("i" * 257, b"x"), ("i", b"")])
def test_what_no_claim_can_hold_is_not_stored(document_id: str, payload: bytes) -> None:
    """The function would refuse such a claim, so nothing is sent."""
    client = Client()
    with pytest.raises(ValueError, match=r"document_id|size"):
        store(client).store(document_id, payload)
    assert client.puts == []


@pytest.mark.parametrize(
    ("bucket_name", "prefix"),
    [("No Bucket", "claims/"), ("bucket", "a b/"), ("bucket", "claims"), ("bucket", "../")],
)
def test_a_location_that_no_claim_can_name_is_rejected_at_the_start(bucket_name: str, prefix: str) -> None:
    """A wrong name fails before the first document."""
    client: Any = Client()
    with pytest.raises(ConfigurationError, match="not a valid location for claims"):
        S3ClaimStore(bucket_name, prefix=prefix, client=client)


def test_many_threads_may_store() -> None:
    """Each call has attempts of its own: all of fifty succeed though each fails four times first."""
    tries: Counter[str] = Counter()

    class Busy(Client):
        def put_object(self, **kwargs: Any) -> dict[str, str]:
            tries[kwargs["Key"]] += 1
            if tries[kwargs["Key"]] <= 4:
                raise refusal("SlowDown", 503)
            return super().put_object(**kwargs)

    chosen = store(Busy())
    with ThreadPoolExecutor(8) as pool:
        records = list(pool.map(lambda n: chosen.store(f"d{n}", b"x" * (n + 1)), range(50)))
    assert [from_bytes(record).document_id for record in records] == [f"d{n}" for n in range(50)]
    assert set(tries.values()) == {5}
