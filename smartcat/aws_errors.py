"""AWS's error codes, by what the caller can do about them: the one list. Knows answers, no client.

Sources: "Common Errors" of the API references of Kinesis and DynamoDB, "Error Responses" of that of S3, and
botocore's standard retry mode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

THROTTLING_CODES: Final = frozenset(
    {
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Too much was asked for at once: the same request is answered later."""

UNAVAILABLE_CODES: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalFailureException",
        "InternalServerError",
        "RequestTimeTooSkewed",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
"""The service, or the way to it, failed for a moment."""

DAMAGED_UPLOAD_CODES: Final = frozenset({"BadDigest", "IncompleteBody"})
"""The bytes did not arrive at S3 as they were sent."""

RETRYABLE_CODES: Final = THROTTLING_CODES | UNAVAILABLE_CODES | DAMAGED_UPLOAD_CODES
"""Another attempt is worthwhile."""

ACCESS_DENIED_CODES: Final = frozenset({"AccessDenied", "AccessDeniedException"})
"""The caller may not do this; only a change of rights helps."""

CREDENTIALS_CODES: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidSignatureException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
    }
)
"""The credentials are out of date, or the clock of this machine is wrong: renewing the one or setting the
other
mends it within minutes, and until then nothing else does. A wrong secret key has the same codes."""

_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500


def error_code(response: Mapping[str, Any]) -> str:
    """Return the code of an error answer as botocore parses it, such as ``ThrottlingException``.

    Args:
        response: ``ClientError.response``.

    Returns:
        The code, or ``Unknown`` where the answer has none.
    """
    return str(response.get("Error", {}).get("Code") or "Unknown")


def is_retryable(response: Mapping[str, Any]) -> bool:
    """Return whether another attempt at a refused request is worthwhile, by its code or its HTTP status.

    Args:
        response: ``ClientError.response``.
    """
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR or error_code(response) in RETRYABLE_CODES
