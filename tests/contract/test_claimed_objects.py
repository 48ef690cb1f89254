"""What the producers' store writes, the processor's reads: one suite over a fake, local AWS, and an account.

``SMARTCAT_CONTRACT_AWS=1`` adds the account and region of the environment: a bucket is made there and deleted
again.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from producers.claims import S3ClaimStore
from producers.errors import ClaimStoreError
from smartcat.cli.deployment import CLAIM_RULE, expire_objects
from smartcat.local_aws.local_aws import LocalAws
from smartcat.wire_format.claim_check import Claim, from_bytes, make_claim, read_claimed_document
from smartcat.wire_format.document import Document, to_bytes
from stream_processor.adapters.s3_claims import S3Claims
from stream_processor.adapters.system_clock import SystemClock
from stream_processor.errors import RejectRecord, TryLater
from support.processor_fakes import FakeClaimedObjects, FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stream_processor.core.ports import ClaimedObjects

SECONDS = 10.0
EVERYWHERE = ["fake", "local", *(["aws"] if os.environ.get("SMARTCAT_CONTRACT_AWS") else [])]
MIB = 1024 * 1024


@dataclass
class Backend:
    """The processor's port, and how a test fills, changes and breaks what it reads."""

    claimed: ClaimedObjects
    store: Callable[[str, bytes], Claim]
    overwrite: Callable[[str, bytes], object]
    delete: Callable[[str], object]
    break_it: Callable[[], object]


def fake() -> Backend:
    """Give the unit tests' fake."""
    claimed = FakeClaimedObjects(FakeClock())

    def store(document_id: str, payload: bytes) -> Claim:
        claim = make_claim(payload, document_id=document_id, bucket="claims-bucket")
        claimed.objects[claim.key] = payload
        return claim

    def break_it() -> None:
        claimed.fails = lambda _call, _claim: True

    return Backend(claimed, store, claimed.objects.__setitem__, claimed.objects.pop, break_it)


def remote(s3: Any) -> Iterator[Backend]:
    """Give both adapters over a bucket of their own."""
    name = f"smartcat-contract-{uuid.uuid4().hex[:12]}"
    region = s3.meta.region_name
    elsewhere = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **elsewhere)
    expire_objects(s3, name, 30)
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"][0]["ID"] == CLAIM_RULE
    producers = S3ClaimStore(name, client=s3)

    def delete_bucket() -> None:
        for entry in s3.list_objects_v2(Bucket=name).get("Contents", ()):
            s3.delete_object(Bucket=name, Key=entry["Key"])
        s3.delete_bucket(Bucket=name)

    yield Backend(
        S3Claims(lambda: s3, name, clock=SystemClock()),
        lambda document_id, payload: from_bytes(producers.store(document_id, payload)),
        lambda key, data: s3.put_object(Bucket=name, Key=key, Body=data),
        lambda key: s3.delete_object(Bucket=name, Key=key),
        delete_bucket,
    )
    if name in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        delete_bucket()


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """Local AWS."""
    with LocalAws() as running:
        yield running


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Give the backend that the test names."""
    if request.param == "fake":
        yield fake()
    elif request.param == "local":
        impatient = request.getfixturevalue("impatient")
        yield from remote(impatient("s3", request.getfixturevalue("local_aws")))
    else:
        yield from remote(boto3.client("s3"))


@pytest.mark.parametrize("backend", EVERYWHERE, indirect=True)
def test_what_is_stored_is_fetched(backend: Backend) -> None:
    """Small and large documents, gzip'd or not, come back as they were, in the order of their claims."""
    documents = [Document(document_id=f"d{n}", pages=[f"page {n} " * 10**n, ""]) for n in range(6)]
    payloads = [to_bytes(each, gzip_above=None if place % 2 else 0) for place, each in enumerate(documents)]
    assert max(map(len, payloads)) > MIB // 2
    claims = [
        backend.store(each.document_id, payload) for each, payload in zip(documents, payloads, strict=True)
    ]
    answers = backend.claimed.fetch(claims, seconds=SECONDS)
    assert list(answers) == payloads
    for claim, answer, document in zip(claims, answers, documents, strict=True):
        assert isinstance(answer, bytes)
        assert read_claimed_document(claim, answer) == document


@pytest.mark.parametrize("backend", EVERYWHERE, indirect=True)
def test_what_is_gone_or_another_is_no_reason_to_wait(backend: Backend) -> None:
    """A deleted object and one of another size are rejected, each by its reason; the others are fetched."""
    gone, larger, same = (backend.store(name, name.encode() * 10) for name in ("gone", "larger", "same"))
    backend.delete(gone.key)
    backend.overwrite(larger.key, b"x" * 1000)
    backend.store("same", b"same" * 10)
    first, second, third = backend.claimed.fetch([gone, larger, same], seconds=SECONDS)
    assert isinstance(first, RejectRecord)
    assert isinstance(second, RejectRecord)
    assert (first.reason, second.reason, third) == ("claim_missing", "claim_mismatch", b"same" * 10)


@pytest.mark.parametrize("backend", EVERYWHERE, indirect=True)
def test_a_store_that_fails_is_to_be_waited_for(backend: Backend) -> None:
    """Nothing raises, and nothing is called missing, when the store itself is."""
    claims = [backend.store(name, name.encode()) for name in ("a", "b")]
    backend.break_it()
    assert {type(answer) for answer in backend.claimed.fetch(claims, seconds=0.0)} == {TryLater}


def test_a_document_that_s3_does_not_take_is_an_error(
    local_aws: LocalAws, impatient: Callable[[str, LocalAws], Any]
) -> None:
    """The producer learns at once of a bucket that is not there."""
    store = S3ClaimStore("not-there", client=impatient("s3", local_aws))
    with pytest.raises(ClaimStoreError) as caught:
        store.store("d", b"payload")
    assert (caught.value.code, caught.value.transient) == ("NoSuchBucket", False)
