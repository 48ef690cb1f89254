import json
from base64 import b64encode

import pytest

from producers.core.kinesis_limits import LAMBDA_RECORD_BYTES, Entry, Limits
from producers.errors import ConfigurationError


def test_size_counts_the_key_in_bytes() -> None:
    """Kinesis counts the partition key in UTF-8: three data bytes and a two-byte letter are five."""
    assert Entry("ä", b"abc").size == 5


def test_a_record_of_the_largest_size_fits_into_an_invocation() -> None:
    """Data in base64, with all that an event says of a record at its longest, is little below 6 MB."""
    stream = f"{'s' * 128}/consumer/{'c' * 128}:1"
    record = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "k" * 256,
            "sequenceNumber": "9" * 56,
            "data": "",
            "approximateArrivalTimestamp": 1545084650.987,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000006:{'9' * 56}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws-us-gov:iam::123456789012:role/{'r' * 576}",
        "awsRegion": "ap-southeast-2",
        "eventSourceARN": f"arn:aws:kinesis:ap-southeast-2:123456789012:stream/{stream}",
    }
    event = len(json.dumps({"Records": [record]})) + len(b64encode(bytes(LAMBDA_RECORD_BYTES)))
    assert 5_990_000 < event <= 6_000_000


def test_limits_grow_with_what_the_stream_takes() -> None:
    """Records of 10 MiB need requests of 10 MiB; a stream that takes less than is allowed changes nothing."""
    assert Limits().with_record_bytes(10 * 2**20) == Limits(request_bytes=10 * 2**20, record_bytes=10 * 2**20)
    assert Limits().with_record_bytes(1024) == Limits()


@pytest.mark.parametrize(
    "wrong",
    [
        {"request_records": 0},
        {"request_records": 501},
        {"request_bytes": 0},
        {"request_bytes": 10 * 1024 * 1024 + 1},
        {"record_bytes": 0},
        {"record_bytes": 6 * 1024 * 1024},
    ],
)
def test_limits_kinesis_would_not_honour_are_refused(wrong: dict[str, int]) -> None:
    """A limit outside what Kinesis takes is an error that names the range."""
    with pytest.raises(ConfigurationError, match=r"expected 1 to .* found"):
        Limits(**wrong)


@pytest.mark.parametrize("key", ["", "k" * 257])
def test_partition_keys_have_1_to_256_characters(key: str) -> None:
    """A key Kinesis would refuse, and with it the whole request, never gets into one."""
    with pytest.raises(ConfigurationError, match="1 to 256 characters"):
        Entry(key, b"")


def test_repr_shows_no_data() -> None:
    """An entry in a log line does not show the page text."""
    assert "secret" not in repr(Entry("k", b"secret"))
