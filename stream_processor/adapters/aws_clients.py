"""The boto3 clients: retries, time-outs and connections are stated here and nowhere else.

Endpoint, region and credentials come from boto3's own environment variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS: Final = 1.0
TABLE_READ_SECONDS: Final = 2.0
"""A batch write takes milliseconds; one that hangs must end inside the deadline reserve."""
OBJECT_READ_SECONDS: Final = 5.0
CONNECTIONS: Final = 10


def dynamodb() -> DynamoDBClient:
    """Make the DynamoDB client; it never retries, the write budget does."""
    return boto3.client("dynamodb", config=_config(TABLE_READ_SECONDS))


def s3() -> S3Client:
    """Make the S3 client; it never retries, its adapters do."""
    return boto3.client("s3", config=_config(OBJECT_READ_SECONDS))


def _config(read_seconds: float) -> Config:
    return Config(
        # Said outright, because botocore 1.44 changed its defaults and boto's own retries hide throttling.
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        max_pool_connections=CONNECTIONS,
        tcp_keepalive=True,
    )
