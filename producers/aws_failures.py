"""What an error of a boto3 client says of its request: the one judge for Kinesis and S3. Retries nothing.

Only an answer of AWS that will be the same for a long time is final; what is not known now is worth another
attempt. No message that could quote what was sent leaves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    MetadataRetrievalError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.parsers import ResponseParserError

from producers.core.outcomes import Failure
from smartcat.aws_errors import CREDENTIALS_CODES, THROTTLING_CODES, error_code, is_retryable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

CREDENTIALS_SECONDS: Final = 120.0
"""How long credentials that cannot be renewed, or a clock that is wrong, are waited for: several times what
the instance metadata or STS need to come back (botocore gives up on the metadata after a few seconds)."""

# Of aws_errors.THROTTLING_CODES, those about the throughput of a shard; the others are about the account.
SHARD_THROTTLING_CODES: Final = THROTTLING_CODES & {
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
}

# Messages of other codes may quote the request, which holds the documents.
_CODES_WITH_SAFE_MESSAGES: Final = CREDENTIALS_CODES | {
    "AccessDeniedException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
}

_REFUSED: Final = "AWS refused the request"
_NOT_RENEWED: Final = "the credentials could not be renewed"
_OUT_OF_DATE: Final = "the credentials are out of date, or the clock of this machine is wrong"
_NO_ANSWER: Final = "no readable answer from AWS; it may have been accepted"
_NOT_MADE: Final = "the request could not be made"

_CREDENTIALS_ERRORS: Final = (CredentialRetrievalError, MetadataRetrievalError, TokenRetrievalError)
_NO_ANSWER_ERRORS: Final = (
    BotocoreConnectionError,
    ChecksumError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    ResponseParserError,
)


def failure_of(error: Exception) -> Failure:
    """Return why a request failed, and whether another attempt may succeed.

    Args:
        error: What a method of a boto3 client raised, or what reading its answer did.
    """
    name = type(error).__name__
    if isinstance(error, ClientError):
        return _refusal(error.response)
    if isinstance(error, _CREDENTIALS_ERRORS):
        return Failure(
            name, _NOT_RENEWED, retryable=True, of_request=True, patience_seconds=CREDENTIALS_SECONDS
        )
    if isinstance(error, BotoCoreError) and not isinstance(error, _NO_ANSWER_ERRORS):
        return Failure(name, _NOT_MADE, retryable=False, of_request=True)
    # Any other error comes from taking apart an answer whose bytes are not those of AWS.
    return Failure(name, _NO_ANSWER, retryable=True, of_request=True)


def _refusal(response: Mapping[str, Any]) -> Failure:
    code = error_code(response)
    outdated = code in CREDENTIALS_CODES
    explanation = _OUT_OF_DATE if outdated else _REFUSED
    if code in _CODES_WITH_SAFE_MESSAGES:
        explanation += f": {' '.join(str(response['Error'].get('Message', '')).split())[:200]}"
    return Failure(
        code,
        explanation,
        retryable=outdated or is_retryable(response),
        throttled=code in SHARD_THROTTLING_CODES,
        of_request=True,
        patience_seconds=CREDENTIALS_SECONDS if outdated else 0.0,
    )
