"""What a mapping can be set to, through the API: defaults, ranges, and what is rejected by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.mapping_harness import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.mapping_harness import MappingHarness


def assert_range(harness: MappingHarness, name: str, *, taken: list[Any], rejected: list[Any]) -> None:
    """Set a field to each value: the API shows it, or rejects it by the field's name and changes nothing."""
    for value in taken:
        assert harness.update(**{name: value})[name] == value
    for value in rejected:
        with pytest.raises(
            harness.clients["lambda"].exceptions.InvalidParameterValueException, match=f"^.*{name}"
        ):
            harness.update(**{name: value})
    shown = harness.clients["lambda"].get_event_source_mapping(UUID=harness.uuid)
    assert shown[name] == taken[-1]


def assert_rejected(harness: MappingHarness, named: str, **settings: Any) -> None:
    """Creating a mapping with these settings is rejected, and the message names what was wrong."""
    with pytest.raises(harness.clients["lambda"].exceptions.InvalidParameterValueException, match=named):
        harness.map(**settings)


def test_a_batch_has_up_to_10000_records_and_100_unless_said_otherwise(harness: MappingHarness) -> None:
    """BatchSize: 1 to 10,000, default 100."""
    assert harness.map(Enabled=False)["BatchSize"] == 100
    assert_range(harness, "BatchSize", taken=[1, 10_000], rejected=[0, 10_001])


def test_a_batching_window_lasts_up_to_300_seconds_and_is_off_unless_said_otherwise(
    harness: MappingHarness,
) -> None:
    """MaximumBatchingWindowInSeconds: 0 to 300, default 0."""
    assert harness.map(Enabled=False)["MaximumBatchingWindowInSeconds"] == 0
    assert_range(harness, "MaximumBatchingWindowInSeconds", taken=[0, 300], rejected=[-1, 301])


def test_a_batch_over_ten_records_needs_no_window(harness: MappingHarness) -> None:
    """The API reference asks for a window above ten records, and its own defaults do without one."""
    answer = harness.map(Enabled=False, BatchSize=11, MaximumBatchingWindowInSeconds=0)
    assert (answer["BatchSize"], answer["MaximumBatchingWindowInSeconds"]) == (11, 0)


def test_one_to_ten_batches_of_a_shard_run_at_once_and_one_unless_said_otherwise(
    harness: MappingHarness,
) -> None:
    """ParallelizationFactor: 1 to 10, default 1."""
    assert harness.map(Enabled=False)["ParallelizationFactor"] == 1
    assert_range(harness, "ParallelizationFactor", taken=[1, 10], rejected=[0, 11])


def test_records_may_age_60_seconds_to_a_week_or_without_limit(harness: MappingHarness) -> None:
    """MaximumRecordAgeInSeconds: -1, or 60 to 604,800; default -1."""
    assert harness.map(Enabled=False)["MaximumRecordAgeInSeconds"] == -1
    assert_range(harness, "MaximumRecordAgeInSeconds", taken=[-1, 60, 604_800], rejected=[-2, 0, 59, 604_801])


def test_batches_are_retried_up_to_10000_times_or_without_limit(harness: MappingHarness) -> None:
    """MaximumRetryAttempts: -1 to 10,000; default -1."""
    assert harness.map(Enabled=False)["MaximumRetryAttempts"] == -1
    assert_range(harness, "MaximumRetryAttempts", taken=[-1, 0, 10_000], rejected=[-2, 10_001])


def test_halving_and_partial_responses_are_off_unless_asked_for(harness: MappingHarness) -> None:
    """BisectBatchOnFunctionError, and the only response type there is, ReportBatchItemFailures."""
    answer = harness.map(Enabled=False)
    assert (answer["BisectBatchOnFunctionError"], answer["FunctionResponseTypes"]) == (False, [])
    assert_range(harness, "BisectBatchOnFunctionError", taken=[True, False], rejected=[])
    assert_range(
        harness,
        "FunctionResponseTypes",
        taken=[["ReportBatchItemFailures"], []],
        rejected=[["ReportFailures"]],
    )


@pytest.mark.parametrize(
    "destination",
    [
        "arn:aws:sqs:eu-central-1:123456789012:queue",
        "arn:aws:sns:eu-central-1:123456789012:topic",
        "arn:aws:s3:::bucket",
    ],
)
def test_standard_queues_standard_topics_and_buckets_are_failure_destinations(
    harness: MappingHarness, destination: str
) -> None:
    """The three kinds that a Kinesis mapping documents; an empty one removes it."""
    config = {"OnFailure": {"Destination": destination}}
    assert harness.map(Enabled=False, DestinationConfig=config)["DestinationConfig"] == config
    removed = harness.update(DestinationConfig={"OnFailure": {"Destination": ""}})
    assert removed["DestinationConfig"] == {"OnFailure": {}}


@pytest.mark.parametrize(
    "destination",
    [
        "arn:aws:sqs:eu-central-1:123456789012:queue.fifo",
        "arn:aws:sns:eu-central-1:123456789012:topic.fifo",
        "arn:aws:lambda:eu-central-1:123456789012:function:f",
        "kafka://topic",
    ],
)
def test_other_failure_destinations_are_rejected_by_name(harness: MappingHarness, destination: str) -> None:
    """FIFO is not documented, a Kafka topic belongs to Kafka mappings."""
    assert_rejected(harness, "Destination", DestinationConfig={"OnFailure": {"Destination": destination}})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TumblingWindowInSeconds", 5),
        ("FilterCriteria", {"Filters": [{"Pattern": '{"data": {"kind": ["letter"]}}'}]}),
    ],
)
def test_tumbling_windows_and_filters_are_rejected_by_name(
    harness: MappingHarness, name: str, value: Any
) -> None:
    """AWS would act on them; a local mapping that took them in silence would deliver something else."""
    assert_rejected(harness, name, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("ProvisionedPollerConfig", {"MinimumPollers": 1}), ("LoggingConfig", {"SystemLogLevel": "INFO"})],
)
def test_what_only_other_event_sources_have_is_rejected_by_name(
    harness: MappingHarness, name: str, value: Any
) -> None:
    """Provisioned pollers are for queues and Kafka, logs of a mapping for Kafka."""
    assert_rejected(harness, name, **{name: value})


def test_metrics_of_a_mapping_are_rejected_by_name(harness: MappingHarness) -> None:
    """AWS would count events for a Kinesis mapping; there is nothing here to count them in."""
    assert_rejected(harness, "MetricsConfig", MetricsConfig={"Metrics": ["EventCount"]})


def test_a_starting_position_is_asked_for(harness: MappingHarness) -> None:
    """One of three; a time with AT_TIMESTAMP, and only with it."""
    client = harness.clients["lambda"]
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="StartingPosition"):
        client.create_event_source_mapping(FunctionName=harness.name, EventSourceArn=harness.stream_arn)
    assert_rejected(harness, "StartingPositionTimestamp", StartingPosition="AT_TIMESTAMP")
    assert_rejected(harness, "StartingPositionTimestamp", StartingPositionTimestamp=1_700_000_000)


def test_a_mapping_needs_its_stream_and_its_function(harness: MappingHarness) -> None:
    """Neither is made up, when the mapping is created or when it is given another function."""
    missing = "arn:aws:kinesis:eu-central-1:123456789012:stream/none"
    assert_rejected(harness, "Stream not found", EventSourceArn=missing)
    assert_rejected(harness, "Function does not exist", FunctionName="none")
    harness.map(Enabled=False)
    with pytest.raises(
        harness.clients["lambda"].exceptions.InvalidParameterValueException, match="does not exist"
    ):
        harness.update(FunctionName="none")


def test_a_function_has_one_mapping_from_a_stream(
    harness: MappingHarness, build: Callable[..., MappingHarness]
) -> None:
    """A second is a conflict that names the first, whether it is created or becomes one by an update."""
    conflict = harness.clients["lambda"].exceptions.ResourceConflictException
    first = harness.map(Enabled=False)["UUID"]
    with pytest.raises(conflict, match=first):
        harness.map()
    other = build()
    other.map(Enabled=False, EventSourceArn=harness.stream_arn)
    with pytest.raises(conflict, match=first):
        other.update(FunctionName=harness.name)


def test_mappings_are_shown_listed_and_deleted(harness: MappingHarness) -> None:
    """Create, get, list by function and by stream, delete."""
    client = harness.clients["lambda"]
    created = harness.map(BatchSize=7)
    assert (created["ResponseMetadata"]["HTTPStatusCode"], created["FunctionArn"]) == (
        202,
        harness.function_arn,
    )
    harness.settle()
    shown = client.get_event_source_mapping(UUID=harness.uuid)
    assert (shown["State"], shown["BatchSize"], shown["EventSourceArn"]) == ("Enabled", 7, harness.stream_arn)
    for chosen in ({"FunctionName": harness.name}, {"EventSourceArn": harness.stream_arn}):
        listed = client.list_event_source_mappings(**chosen)["EventSourceMappings"]
        assert [each["UUID"] for each in listed] == [harness.uuid]
    assert client.delete_event_source_mapping(UUID=harness.uuid)["State"] == "Deleting"
    wait_until(lambda: harness.uuid not in harness.local.gauges()["mappings"], "the mapping is deleted")
    for call in (client.get_event_source_mapping, client.delete_event_source_mapping):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            call(UUID=harness.uuid)
