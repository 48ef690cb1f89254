"""Enhanced fan-out: consumers of a stream are registered, and a mapping may be of one of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from smartcat.stream_names import parse_stream
from support.mapping_harness import PythonHost

if TYPE_CHECKING:
    from support.mapping_harness import MappingHarness


def register(harness: MappingHarness, name: str = "classifier") -> str:
    """Register a consumer, and return its ARN."""
    answer = harness.clients["kinesis"].register_stream_consumer(
        StreamARN=harness.stream_arn, ConsumerName=name
    )
    return str(answer["Consumer"]["ConsumerARN"])


def names(harness: MappingHarness) -> list[str]:
    """The names of the stream's consumers."""
    listed = harness.clients["kinesis"].list_stream_consumers(StreamARN=harness.stream_arn)["Consumers"]
    return [consumer["ConsumerName"] for consumer in listed]


def refusal(call: Any, **arguments: Any) -> str:
    """The code of the error that a call ends with."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return str(refused.value.response["Error"]["Code"])


def test_consumers_are_registered_described_and_listed(harness: MappingHarness) -> None:
    """By ARN, and by name and stream; active at once; the ARN ends with a number, as the grammar has it."""
    kinesis, arn = harness.clients["kinesis"], register(harness)
    assert re.fullmatch(rf"{re.escape(harness.stream_arn)}/consumer/classifier:[0-9]+", arn)
    assert parse_stream(arn).consumer == "classifier"
    by_arn = kinesis.describe_stream_consumer(ConsumerARN=arn)["ConsumerDescription"]
    by_name = kinesis.describe_stream_consumer(StreamARN=harness.stream_arn, ConsumerName="classifier")
    assert by_arn == by_name["ConsumerDescription"]
    assert (by_arn["ConsumerStatus"], by_arn["StreamARN"]) == ("ACTIVE", harness.stream_arn)
    register(harness, "other")
    assert names(harness) == ["classifier", "other"]


def test_deregistering_one_leaves_the_others(harness: MappingHarness) -> None:
    """By name or by ARN; what is gone is not found."""
    kinesis = harness.clients["kinesis"]
    arns = {name: register(harness, name) for name in ("a", "b", "c")}
    kinesis.deregister_stream_consumer(StreamARN=harness.stream_arn, ConsumerName="a")
    kinesis.deregister_stream_consumer(ConsumerARN=arns["c"])
    assert names(harness) == ["b"]
    assert refusal(kinesis.describe_stream_consumer, ConsumerARN=arns["a"]) == "ResourceNotFoundException"
    assert refusal(kinesis.deregister_stream_consumer, ConsumerARN=arns["c"]) == "ResourceNotFoundException"


def test_what_aws_refuses_is_refused(harness: MappingHarness) -> None:
    """A name twice, a stream that is not there, and a twenty-first consumer."""
    call = harness.clients["kinesis"].register_stream_consumer
    for number in range(20):
        register(harness, f"c{number}")
    assert refusal(call, StreamARN=harness.stream_arn, ConsumerName="c7") == "ResourceInUseException"
    assert refusal(call, StreamARN=harness.stream_arn, ConsumerName="d") == "LimitExceededException"
    nowhere = f"{harness.stream_arn}x"
    assert refusal(call, StreamARN=nowhere, ConsumerName="d") == "ResourceNotFoundException"


def test_a_mapping_of_a_consumer_delivers_its_stream(harness: MappingHarness) -> None:
    """Events name the consumer; the mapping is listed under it, and may exist beside that of the stream."""
    sources: list[str] = []
    invoke = harness._invoke

    def noted(payload: bytes) -> Any:
        sources.extend(record["eventSourceARN"] for record in json.loads(payload)["Records"])
        return invoke(payload)

    PythonHost.functions[harness.name] = noted
    arn = register(harness)
    harness.put("one", "two")
    assert harness.map(EventSourceArn=arn)["EventSourceArn"] == arn
    harness.wait_for(delivered=2)
    assert sources == [arn, arn]
    listed = harness.clients["lambda"].list_event_source_mappings
    assert [each["UUID"] for each in listed(EventSourceArn=arn)["EventSourceMappings"]] == [harness.uuid]
    assert listed(EventSourceArn=harness.stream_arn)["EventSourceMappings"] == []
    assert harness.gauges()["stream"] == harness.name
    create = harness.clients["lambda"].create_event_source_mapping
    again = {"FunctionName": harness.name, "EventSourceArn": arn, "StartingPosition": "LATEST"}
    assert refusal(create, **again) == "ResourceConflictException"
    gone = {**again, "EventSourceArn": f"{harness.stream_arn}/consumer/gone:1"}
    assert refusal(create, **gone) == "InvalidParameterValueException"
