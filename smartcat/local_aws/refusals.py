"""How reading a request ends early, for both quotas: refused by a rule, or not ours to judge."""

from __future__ import annotations


class UnmeteredError(Exception):
    """The request cannot be priced (unknown resource, malformed entry): the service itself words the error.

    Raised only before anything was charged or handed on.
    """


class RefusedRequestError(Exception):
    """The request breaks a rule of AWS's that moto does not check; the text is AWS's message."""

    def __init__(self, message: str, *, error: str = "ValidationException") -> None:
        """Keep AWS's name for the error beside its message."""
        super().__init__(message)
        self.error = error
