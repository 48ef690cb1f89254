"""Names and ARNs of streams are taken apart by their grammar."""

import pytest
from botocore.session import get_session

from smartcat.stream_names import StreamReference, parse_stream

ARN = "arn:aws:kinesis:eu-central-1:123456789012:stream/documents"
STREAM = StreamReference("documents", ARN, "eu-central-1", "123456789012")


@pytest.mark.parametrize("name", ["documents", "consumer", "a", "Docs_2.v-1", "n" * 128, "arn"])
def test_a_name_stands_for_itself(name: str) -> None:
    """Whatever the words in it."""
    assert parse_stream(name) == StreamReference(name)
    assert parse_stream(name).request == {"StreamName": name}


def test_an_arn_names_region_account_and_stream() -> None:
    """It is kept as it was given, for requests."""
    assert parse_stream(ARN) == STREAM
    assert parse_stream(ARN).request == {"StreamARN": ARN}


@pytest.mark.parametrize("stream", ["documents", "consumer", "stream"])
def test_the_arn_of_a_consumer_stands_for_its_stream(stream: str) -> None:
    """With enhanced fan-out an event names the consumer: the last slash is not the stream's."""
    arn = f"arn:aws:kinesis:eu-central-1:123456789012:stream/{stream}"
    found = parse_stream(f"{arn}/consumer/smart.cat-1:1700000000")
    assert found == StreamReference(stream, arn, "eu-central-1", "123456789012", "smart.cat-1")


@pytest.mark.parametrize("partition", get_session().get_available_partitions())
def test_every_partition_of_aws_is_known(partition: str) -> None:
    """China, GovCloud, and those that are named like them."""
    arn = ARN.replace(":aws:", f":{partition}:")
    assert parse_stream(arn).arn == arn


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n" * 129,
        "two words",
        "documents\n",
        "stream/documents",
        "dokumenteä",
        f"{ARN}\n",
        f"{ARN}/",
        f"{ARN}/consumer/c",
        f"{ARN}/consumer/c:",
        f"{ARN}/consumer/c:12/x",
        f"{ARN}/other/c:12",
        f"x{ARN}",
        ARN.replace("123456789012", "1234"),
        ARN.replace(":kinesis:", ":sqs:"),
        ARN.replace(":stream/", ":queue/"),
        ARN.replace("eu-central-1", ""),
        ARN.replace("123456789012", "१२३४५६७८९०१२"),
    ],
)
def test_what_is_neither_is_refused_and_quoted(text: str) -> None:
    """Nothing is guessed: a part of a wrong ARN would be the name of another stream."""
    with pytest.raises(ValueError, match="expected the name of a Kinesis stream") as error:
        parse_stream(text)
    assert repr(text) in str(error.value)
