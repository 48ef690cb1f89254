from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from moto import mock_aws

from stream_processor.adapters.s3_quarantine import S3Quarantine
from stream_processor.storage_format.quarantine_object import RejectedRecord
from stream_processor.storage_format.record_position import RecordPosition


def rejected(number: int) -> RejectedRecord:
    """One of many rejected records."""
    arrived = datetime(2026, 1, 3, 4, 5, 6, 0, UTC)
    position = RecordPosition("documents", "shardId-000000000000", str(number), None, "k", arrived)
    return RejectedRecord(position, "bad_json", "why", data=b"bytes %d" % number)


class Client:
    """Puts objects into a dict; ``fail`` gives the error code for the n-th put, or None."""

    def __init__(self, fail: Any = lambda _: None) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts = 0
        self._fail = fail

    def put_object(self, **kwargs: Any) -> dict[str, Any]:
        self.puts += 1
        code = self._fail(kwargs["Key"])
        if code:
            status = 503 if code == "SlowDown" else 403
            raise ClientError(
                {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
                "PutObject",
            )
        self.objects[kwargs["Key"]] = kwargs["Body"]
        return {"ETag": f'"{hashlib.md5(kwargs["Body"], usedforsecurity=False).hexdigest()}"'}


class Raw:
    """The body of a response, as botocore takes it from urllib3."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._body


def store(client: Any, make: Any, *rejected: RejectedRecord, seconds: float = 10.0) -> Any:
    """Store with an adapter of its own; return what is left and what was reported."""
    problems: list[str] = []
    quarantine = S3Quarantine(
        lambda: client, "failures", prefix="q/", clock=make.clock(), report_problem=problems.append
    )
    return quarantine.store(rejected, seconds=seconds), problems


def test_stores_all_in_a_real_bucket(make: Any) -> None:
    """Each rejected record becomes one object under its key; storing it again leaves one object."""
    with mock_aws():
        client = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_bucket(Bucket="failures")
        for _ in range(2):
            assert store(client, make, *map(rejected, range(20))) == ((), [])
        listed = client.list_objects_v2(Bucket="failures")["Contents"]
        assert len(listed) == 20
        key = "q/2026/01/03/shardId-000000000000/7-whole.json"
        answer = client.get_object(Bucket="failures", Key=key)
        assert json.loads(answer["Body"].read())["sequence_number"] == "7"
        assert answer["ContentType"] == "application/json"


def test_an_answer_that_names_no_object_stores_nothing(make: Any) -> None:
    """Something on the way answered 200 in the place of S3: the record is not known to be stored."""

    class Proxy(Client):
        def put_object(self, **kwargs: Any) -> dict[str, str]:
            self.puts += 1
            return {} if self.puts < 3 else super().put_object(**kwargs)

    client = Proxy()
    assert store(client, make, rejected(1)) == ((), [])
    assert (client.puts, len(client.objects)) == (4, 1)
    left, (problem,) = store(Proxy(), make, rejected(1), seconds=0.0)
    assert left == (rejected(1),)
    assert problem == "PutObject to bucket failures was not confirmed"


def test_failures_come_back_and_others_are_stored(make: Any) -> None:
    """A failing put keeps no other from being stored; it comes back, and the cause is reported once."""
    client = Client(lambda key: "AccessDenied" if "/2-" in key or "/4-" in key else None)
    left, problems = store(client, make, *map(rejected, range(6)))
    assert left == (rejected(2), rejected(4))
    assert len(client.objects) == 4
    assert client.puts == 6
    assert problems == ["PutObject to bucket failures failed with AccessDenied"]


def test_transient_faults_are_tried_again(make: Any) -> None:
    """A bucket that asks to slow down is tried again a bounded number of times."""
    client = Client(lambda _: "SlowDown")
    left, _ = store(client, make, rejected(1))
    assert left == (rejected(1),)
    assert client.puts == 4


@pytest.mark.parametrize(
    "answer", [{}, {"ETag": ""}, {"ETag": '"' + "0" * 32 + '"'}, {"ResponseMetadata": {}}]
)
def test_an_answer_that_does_not_confirm_the_object_is_no_success(make: Any, answer: dict[str, Any]) -> None:
    """Without the ETag that S3 gives for what it stored, the record is not known to be in the quarantine."""

    class Damaged(Client):
        def put_object(self, **kwargs: Any) -> dict[str, Any]:
            return super().put_object(**kwargs) if self.puts else super().put_object(**kwargs) and answer

    assert store(Damaged(), make, rejected(1)) == ((), [])

    class Lasting(Client):
        def put_object(self, **kwargs: Any) -> dict[str, Any]:
            return super().put_object(**kwargs) and answer

    left, problems = store(Lasting(), make, rejected(1), rejected(2))
    assert left == (rejected(1), rejected(2))
    assert problems == ["PutObject to bucket failures was not confirmed"]


@pytest.mark.parametrize(
    "body", [b"<html><body>busy</body></html>", b"<html>busy<br></html>", b"{}", b"\x00"]
)
def test_another_page_under_status_200_is_no_success(make: Any, body: bytes) -> None:
    """Whatever botocore makes of it, an answer or an error that is none of its own, nothing raises."""
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    client.meta.events.register(
        "before-send", lambda request, **_: AWSResponse(request.url, 200, {}, Raw(body))
    )
    left, problems = store(client, make, rejected(1))
    assert left == (rejected(1),)
    assert len(problems) == 1


def test_an_encrypted_object_s_etag_is_no_checksum(make: Any) -> None:
    """With a key of KMS the ETag is another value, and confirms all the same."""

    class Encrypted(Client):
        def put_object(self, **kwargs: Any) -> dict[str, Any]:
            super().put_object(**kwargs)
            return {"ETag": '"' + "0" * 32 + '"', "ServerSideEncryption": "aws:kms:dsse"}

    assert store(Encrypted(), make, rejected(1)) == ((), [])


def test_without_time_only_the_first_is_tried(make: Any) -> None:
    """Without time to spare the first rejected record is stored all the same, and the others are left."""
    client = Client()
    left, problems = store(client, make, *map(rejected, range(3)), seconds=0.0)
    assert left == (rejected(1), rejected(2))
    assert len(client.objects) == 1
    assert problems == ["no time left to put objects into bucket failures"]


@pytest.mark.parametrize("count", [0, 1])
def test_few_rejected_records(make: Any, count: int) -> None:
    """None and one are stored like many."""
    client = Client()
    assert store(client, make, *map(rejected, range(count))) == ((), [])
    assert len(client.objects) == count
