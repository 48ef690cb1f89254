"""The boto3 clients of the producers, with botocore's retries switched off: their callers retry, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from producers.errors import ConfigurationError
from smartcat.distribution import version

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS: Final = 5.0

# A request holds up to 5 MiB; the Kinesis Producer Library allows 6 seconds for one of that size. A time-out
# may hide a request that was accepted, so a longer one means fewer duplicates.
READ_SECONDS: Final = 15.0


def kinesis_client(*, endpoint_url: str | None = None, region: str | None = None) -> KinesisClient:
    """Return a Kinesis client that makes exactly one attempt per call.

    Args:
        endpoint_url: Where Kinesis listens; None for what boto3 finds (``AWS_ENDPOINT_URL``, or AWS).
        region: The AWS region; None for what boto3 finds.

    Raises:
        ConfigurationError: boto3 finds no region, or the endpoint is not a URL.
    """
    try:
        return boto3.client("kinesis", endpoint_url=endpoint_url, region_name=region, config=_config())
    except (BotoCoreError, ValueError) as error:
        raise _configuration_error("a Kinesis", error) from error


def s3_client(*, endpoint_url: str | None = None, region: str | None = None) -> S3Client:
    """Return an S3 client that makes exactly one attempt per call; arguments as of ``kinesis_client``.

    Raises:
        ConfigurationError: boto3 finds no region, or the endpoint is not a URL.
    """
    try:
        return boto3.client("s3", endpoint_url=endpoint_url, region_name=region, config=_config())
    except (BotoCoreError, ValueError) as error:
        raise _configuration_error("an S3", error) from error


def _config() -> Config:
    return Config(
        # Explicit, because botocore's defaults changed in 1.44 and would retry below our own retries.
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        user_agent_extra=f"smartcat-producers/{version()}",
    )


def _configuration_error(service: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(f"cannot make {service} client: {' '.join(str(error).split())}")
