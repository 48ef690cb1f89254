"""Errors of the Lambda API, with the API's own codes: everything a caller did wrong."""

from __future__ import annotations


class LambdaApiError(ValueError):
    """A request that Lambda rejects.

    Attributes:
        code: The API's exception name, for example `InvalidParameterValueException`.
        status: HTTP status.
        message: One line.
    """

    code = "ServiceException"
    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidParameterError(LambdaApiError):
    """A field is outside what AWS, or this emulation, accepts."""

    code = "InvalidParameterValueException"
    status = 400


class NotFoundError(LambdaApiError):
    """The function or mapping does not exist."""

    code = "ResourceNotFoundException"
    status = 404


class ConflictError(LambdaApiError):
    """The same mapping already exists."""

    code = "ResourceConflictException"
    status = 409


class InUseError(LambdaApiError):
    """The mapping is being changed."""

    code = "ResourceInUseException"
    status = 400


class TooManyRequestsError(LambdaApiError):
    """All the function's concurrency is in use."""

    code = "TooManyRequestsException"
    status = 429

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class RequestTooLargeError(LambdaApiError):
    """The payload is over the limit."""

    code = "RequestTooLargeException"
    status = 413
