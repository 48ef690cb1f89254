"""What the suite about the event source mapping shares: local AWS with functions of this process."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING
from unittest import mock

import boto3
import pytest
from botocore.config import Config

from smartcat.local_aws.account import REGION
from smartcat.local_aws.local_aws import LocalAws
from support.mapping_harness import MappingHarness, PythonHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_SERVICES = ("kinesis", "lambda", "s3", "sns", "sqs")


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for the module; every test has its own stream and function."""
    with mock.patch("smartcat.local_aws.local_aws.LambdaHost", PythonHost), LocalAws() as running:
        yield running
    PythonHost.functions.clear()


@pytest.fixture(scope="module")
def clients(local_aws: LocalAws) -> Iterator[dict[str, Any]]:
    """Clients of local AWS, by service."""
    with ExitStack() as open_clients:
        yield {
            service: open_clients.enter_context(
                closing(
                    boto3.client(  # type: ignore[call-overload]
                        service,
                        endpoint_url=local_aws.endpoint_url,
                        region_name=REGION,
                        aws_access_key_id="test",
                        aws_secret_access_key="test",
                        # Otherwise botocore would reject some values before the service sees them.
                        config=Config(parameter_validation=False),
                    )
                )
            )
            for service in _SERVICES
        }


@pytest.fixture
def build(local_aws: LocalAws, clients: dict[str, Any]) -> Iterator[Callable[..., MappingHarness]]:
    """Make harnesses with a stream of `shards`; their mappings are deleted afterwards."""
    with ExitStack() as harnesses:

        def make(shards: int = 1) -> MappingHarness:
            harness = MappingHarness(local_aws, clients)
            harness.create_stream(shards)
            harnesses.callback(harness.delete)
            return harness

        yield make


@pytest.fixture
def harness(build: Callable[..., MappingHarness]) -> MappingHarness:
    """A one-shard stream and a function."""
    return build()
