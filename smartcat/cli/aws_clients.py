"""boto3 clients with explicit retries for the commands, and AWS's errors as one line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from smartcat.aws_errors import error_code
from smartcat.cli.console import one_line_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.exceptions import ClientError


class AwsError(RuntimeError):
    """AWS cannot be reached, or rejected a request; the message is one line for people."""


def client(
    service: str,
    environment: Mapping[str, str] | None = None,
    *,
    attempts: int = 5,
    read_seconds: float = 8,
    region: str | None = None,
) -> Any:
    """Return a boto3 client with explicit retries (botocore 1.44 changed its defaults).

    Args:
        service: boto3's name of the service.
        environment: The variables of ``LocalAws.environment()``, for a caller that starts local AWS itself;
            without it, boto3 reads the environment and configuration of this process.
        attempts: With ``environment``, how often a call is made; 1 for a caller that retries itself.
        read_seconds: Without ``environment``, the read timeout.
        region: Without ``environment``, the region; None for the configured one.
    """
    import boto3  # noqa: PLC0415 - only commands that reach AWS pay for this import
    from botocore.config import Config  # noqa: PLC0415 - the same

    if environment is None:
        # Somebody is waiting: fail within half a minute if the endpoint does not respond.
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=3,
            read_timeout=read_seconds,
        )
        with _endpoint_errors():
            return boto3.client(service, region_name=region, config=config)  # type: ignore[call-overload]
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=5,
        read_timeout=60,
        s3={"addressing_style": "path"},
    )
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    return session.client(service, config=config, endpoint_url=environment["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]


@contextmanager
def _endpoint_errors() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        # botocore raises it for an AWS_ENDPOINT_URL that is not a URL.
        raise AwsError(str(error)) from error


@contextmanager
def aws_errors(*expected: type[Exception]) -> Iterator[None]:
    """Turn AWS's errors and the expected ones into one line and exit code 1: see :func:`one_line_errors`."""
    from botocore.exceptions import BotoCoreError, ClientError, NoRegionError  # noqa: PLC0415 - the same

    with one_line_errors(AwsError, BotoCoreError, *expected):
        try:
            yield
        except ClientError as error:
            raise AwsError(error_line(error)) from error
        except NoRegionError as error:
            raise AwsError(
                f"{error} Set AWS_DEFAULT_REGION, or export the variables that smartcat local prints."
            ) from error


def error_line(error: ClientError) -> str:
    """Return one line with the operation, the error code and AWS's message."""
    message = error.response.get("Error", {}).get("Message", "") or "no explanation"
    return f"{error.operation_name}: {error_code(error.response)}: {message}"
