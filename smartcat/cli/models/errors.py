"""Errors of published models; their messages are one line for people."""

from __future__ import annotations


class PublishingError(Exception):
    """Base class of the errors of this package."""


class LocationError(PublishingError, ValueError):
    """A location or a version is malformed."""


class NotPublishedError(PublishingError, LookupError):
    """There is no such version or bucket, or nothing was promoted yet."""


class DamagedError(PublishingError, RuntimeError):
    """What is stored is not what was published: a missing or changed file, an invalid manifest or pointer."""


class ConflictError(PublishingError, RuntimeError):
    """Somebody else wrote between our read and our write."""


class FunctionError(PublishingError, RuntimeError):
    """The function cannot be switched to the model, or does not start with it."""
