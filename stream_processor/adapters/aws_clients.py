"""The AWS clients: retries, time-outs and connections are stated here and nowhere else.

Endpoint, region and credentials come from boto3's own environment variables. The clients are botocore's, as
boto3's are: importing boto3 besides would cost each cold start, for transfers that nobody makes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, cast

from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session, get_session

from stream_processor.adapters.aws_answers import hold_checksums

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS: Final = 1.0
TABLE_READ_SECONDS: Final = 2.0
"""A batch write takes milliseconds; one that hangs must end inside the deadline reserve."""
OBJECT_READ_SECONDS: Final = 5.0
CONNECTIONS: Final = 10


def dynamodb() -> DynamoDBClient:
    """Return a DynamoDB client; it never retries, the write budget does.

    It does not check requests against the service's model either, which would take three times as long as all
    the rest of a request: results are made in one place, and the table refuses what is wrong.
    """
    config = _config(TABLE_READ_SECONDS).merge(Config(parameter_validation=False))
    client = _session().create_client("dynamodb", config=config)
    hold_checksums(client)
    return cast("DynamoDBClient", client)


def s3() -> S3Client:
    """Return an S3 client; it never retries, its adapters do."""
    return cast("S3Client", _session().create_client("s3", config=_config(OBJECT_READ_SECONDS)))


class _KnownServices(Loader):
    """Lists the services that are called here; botocore else looks for them among 400, at each cold start."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - all have all types
        """Return the services."""
        return ["dynamodb", "s3"]


@cache
def _session() -> Session:
    """Return the one session of all clients: what is the same in all of them is read once."""
    session = get_session()
    session.register_component("data_loader", _KnownServices())
    return session


def _config(read_seconds: float) -> Config:
    return Config(
        # Said outright, because botocore 1.44 changed its defaults and boto's own retries hide throttling.
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        max_pool_connections=CONNECTIONS,
        tcp_keepalive=True,
    )
