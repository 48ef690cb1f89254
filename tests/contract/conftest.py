"""What contract tests share: a clock that tests move, and clients that never retry, a stream."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from smartcat.local_aws.account import REGION
from support.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_kinesis import KinesisClient

    from smartcat.local_aws.local_aws import LocalAws


@pytest.fixture(scope="module")
def clock() -> Clock:
    """Give the clock that the buckets refill by."""
    return Clock()


@pytest.fixture(scope="module")
def impatient() -> Iterator[Callable[[str, LocalAws], Any]]:
    """Make clients that never retry, so that each test sees the first answer."""
    with ExitStack() as clients:

        def make(service: str, aws: LocalAws) -> Any:
            client = boto3.client(  # type: ignore[call-overload]
                service,
                endpoint_url=aws.endpoint_url,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
            )
            return clients.enter_context(closing(client))

        yield make


@pytest.fixture(scope="module")
def kinesis(local_aws: LocalAws, impatient: Callable[[str, LocalAws], KinesisClient]) -> KinesisClient:
    """Give a client of the service."""
    return impatient("kinesis", local_aws)


@pytest.fixture
def stream(kinesis: KinesisClient, request: pytest.FixtureRequest) -> Iterator[str]:
    """A stream of two shards, named after its test."""
    name = request.node.name.partition("[")[0]
    kinesis.create_stream(StreamName=name, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    yield name
    kinesis.delete_stream(StreamName=name)
