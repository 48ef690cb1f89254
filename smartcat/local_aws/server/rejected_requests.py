"""Why a quota rejects a request, or leaves it to the service itself."""

from __future__ import annotations


class UnmeteredError(Exception):
    """The request cannot be metered (unknown resource, malformed entry): the service reports the error.

    Raised only before anything is charged or forwarded.
    """


class RejectedRequestError(Exception):
    """The request breaks a rule of AWS that moto does not check; the text is AWS's message."""

    def __init__(self, message: str, *, error: str = "ValidationException") -> None:
        """Store the message and AWS's name for the error."""
        super().__init__(message)
        self.error = error
