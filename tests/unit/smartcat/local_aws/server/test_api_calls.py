from __future__ import annotations

import io
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from smartcat.local_aws.server.api_calls import ApiCall, is_operation

TABLE_ARN = "arn:aws:dynamodb:eu-central-1:1:table/results"
STREAM_ARN = "arn:aws:kinesis:eu-central-1:1:stream/documents"
QUEUE_URL = "http://127.0.0.1/1/failures"
ITEM = {"id": {"S": "a"}}


class NoBody:
    """An empty answer's body."""

    def stream(self, **_how: Any) -> list[bytes]:
        return []


def asked(service: str, operation: str, **arguments: Any) -> ApiCall:
    """The request that boto3 would send, as the server sees it."""
    client: Any = boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url="http://127.0.0.1:9",
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    seen: list[Any] = []

    def instead(request: Any, **_more: Any) -> AWSResponse:
        seen.append(request)
        return AWSResponse(request.url, 500, {}, NoBody())

    with closing(client):
        client.meta.events.register("before-send.*", instead)
        with pytest.raises(client.exceptions.ClientError):
            getattr(client, operation)(**arguments)
    return ApiCall(environ(seen[0]))


def environ(request: Any) -> dict[str, Any]:
    """WSGI's view of a prepared request."""
    url = urlsplit(request.url)
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    body = body.encode() if isinstance(body, str) else bytes(body)
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    return {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote(url.path) or "/",
        "QUERY_STRING": url.query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **headers,
    }


IN_BUCKET = {"Bucket": "quarantine"}
OBJECT = {**IN_BUCKET, "Key": "a/b c/ü"}
UPLOAD = {**OBJECT, "UploadId": "u"}


@pytest.mark.parametrize(
    ("service", "method", "arguments", "operation", "resources"),
    [
        ("s3", "list_buckets", {}, "ListBuckets", set()),
        ("s3", "create_bucket", IN_BUCKET, "CreateBucket", {"quarantine"}),
        ("s3", "head_bucket", IN_BUCKET, "HeadBucket", {"quarantine"}),
        ("s3", "list_objects", IN_BUCKET, "ListObjects", {"quarantine"}),
        ("s3", "list_objects_v2", IN_BUCKET, "ListObjectsV2", {"quarantine"}),
        (
            "s3",
            "get_bucket_lifecycle_configuration",
            IN_BUCKET,
            "GetBucketLifecycleConfiguration",
            {"quarantine"},
        ),
        ("s3", "put_object", {**OBJECT, "Body": b"x"}, "PutObject", {"quarantine"}),
        ("s3", "get_object", OBJECT, "GetObject", {"quarantine"}),
        ("s3", "head_object", OBJECT, "HeadObject", {"quarantine"}),
        ("s3", "delete_object", OBJECT, "DeleteObject", {"quarantine"}),
        ("s3", "get_object_tagging", OBJECT, "GetObjectTagging", {"quarantine"}),
        ("s3", "copy_object", {**OBJECT, "CopySource": "other/key"}, "CopyObject", {"quarantine"}),
        ("s3", "create_multipart_upload", OBJECT, "CreateMultipartUpload", {"quarantine"}),
        ("s3", "upload_part", {**UPLOAD, "PartNumber": 1, "Body": b"x"}, "UploadPart", {"quarantine"}),
        ("s3", "complete_multipart_upload", UPLOAD, "CompleteMultipartUpload", {"quarantine"}),
        (
            "s3",
            "delete_objects",
            {**IN_BUCKET, "Delete": {"Objects": [{"Key": "a"}]}},
            "DeleteObjects",
            {"quarantine"},
        ),
        ("lambda", "invoke", {"FunctionName": "f"}, "Invoke", {"f"}),
        ("lambda", "list_functions", {}, "ListFunctions", set()),
        ("lambda", "get_function_configuration", {"FunctionName": "f"}, "GetFunctionConfiguration", {"f"}),
        ("lambda", "get_event_source_mapping", {"UUID": "u" * 36}, "GetEventSourceMapping", set()),
        ("dynamodb", "put_item", {"TableName": "results", "Item": ITEM}, "PutItem", {"results"}),
        ("dynamodb", "get_item", {"TableName": TABLE_ARN, "Key": ITEM}, "GetItem", {"results"}),
        (
            "dynamodb",
            "batch_write_item",
            {"RequestItems": {name: [{"PutRequest": {"Item": ITEM}}] for name in ("results", "others")}},
            "BatchWriteItem",
            {"results", "others"},
        ),
        (
            "dynamodb",
            "transact_write_items",
            {
                "TransactItems": [
                    {"Put": {"TableName": name, "Item": ITEM}} for name in ("a-table", "b-table")
                ]
            },
            "TransactWriteItems",
            {"a-table", "b-table"},
        ),
        ("kinesis", "list_shards", {"StreamName": "documents"}, "ListShards", {"documents"}),
        (
            "kinesis",
            "get_records",
            {"StreamARN": STREAM_ARN, "ShardIterator": "i"},
            "GetRecords",
            {"documents"},
        ),
        ("kinesis", "get_records", {"ShardIterator": "i"}, "GetRecords", set()),
        ("sqs", "get_queue_url", {"QueueName": "failures"}, "GetQueueUrl", {"failures"}),
        ("sqs", "send_message", {"QueueUrl": QUEUE_URL, "MessageBody": "x"}, "SendMessage", {"failures"}),
        (
            "sns",
            "publish",
            {"TopicArn": "arn:aws:sns:eu-central-1:1:alarms", "Message": "x"},
            "Publish",
            {"alarms"},
        ),
        ("iam", "get_role", {"RoleName": "r"}, "GetRole", set()),
    ],
)
def test_a_request_of_boto3_is_recognised(
    service: str, method: str, arguments: dict[str, Any], operation: str, resources: set[str]
) -> None:
    """Service, operation and resources are those that the caller named."""
    call = asked(service, method, **arguments)
    assert (call.service, call.operation, call.resources) == (service, operation, resources)


def test_the_body_is_still_there_for_the_service() -> None:
    """Looking into a body does not use it up."""
    call = asked("dynamodb", "put_item", TableName="results", Item=ITEM)
    assert call.resources == {"results"}
    assert call.environ["wsgi.input"].read().startswith(b'{"TableName"')


def test_a_partiql_insert_names_its_table() -> None:
    """A rule for one table meets the statements that write to it, too."""
    statements = [
        {"Statement": f"INSERT INTO \"{name}\" VALUE {{'id': ?}}", "Parameters": [{"S": "a"}]}
        for name in ("results", "others")
    ]
    assert asked("dynamodb", "batch_execute_statement", Statements=statements).resources == {
        "results",
        "others",
    }


def test_a_presigned_request_is_of_the_service_that_signed_it() -> None:
    """A link to an object carries its credential in the query string."""
    query = "X-Amz-Credential=test%2F20261124%2Feu-central-1%2Fs3%2Faws4_request"
    call = ApiCall({"REQUEST_METHOD": "GET", "PATH_INFO": "/b/k", "QUERY_STRING": query})
    assert (call.service, call.operation, call.resources) == ("s3", "GetObject", {"b"})


@pytest.mark.parametrize(
    ("target", "service", "protocol"),
    [("DynamoDB_20120810.PutItem", "dynamodb", "json"), ("", "s3", "rest-xml")],
)
def test_an_unsigned_request_is_told_by_its_target(target: str, service: str, protocol: str) -> None:
    """Without a target it is for S3, as moto takes it."""
    call = ApiCall({"HTTP_X_AMZ_TARGET": target, "REQUEST_METHOD": "PUT", "PATH_INFO": "/b/k"})
    assert (call.service, call.protocol) == (service, protocol)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"TableName": 7}'])
def test_a_body_that_names_nothing_names_nothing(body: bytes) -> None:
    """Malformed requests concern no resource; the service words their error."""
    request = {
        "HTTP_X_AMZ_TARGET": "DynamoDB_20120810.PutItem",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
    }
    assert ApiCall(request).resources == frozenset()


def test_a_request_of_no_known_kind_has_no_operation() -> None:
    """Neither an unknown path nor an unknown service is an error here."""
    for service in ("lambda", "s3", "nothing"):
        scope = f"AWS4-HMAC-SHA256 Credential=test/20261124/eu-central-1/{service}/aws4_request, x"
        call = ApiCall({"HTTP_AUTHORIZATION": scope, "REQUEST_METHOD": "PATCH", "PATH_INFO": "/x/y"})
        assert (call.service, call.operation, call.resources) == (service, "", frozenset())


def test_operations_are_those_of_the_service() -> None:
    """Names are told apart by service and by letter case; of an unknown service any will do."""
    assert is_operation("s3", "PutObject")
    assert not is_operation("s3", "putObject")
    assert not is_operation("s3", "PutItem")
    assert is_operation("nothing", "PutItem")
