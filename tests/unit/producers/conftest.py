"""What the producer's tests share: error answers, and a delivery played on a clock that they move."""

from typing import Any

import pytest
from botocore.exceptions import ClientError


def _client_error(code: str, status: int = 400, message: str = "secret") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "PutRecords",
    )


@pytest.fixture(scope="session")
def client_error() -> Any:
    """Give a maker of error answers to a whole request."""
    return _client_error
