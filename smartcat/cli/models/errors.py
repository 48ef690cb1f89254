"""What can go wrong with published models. Messages are one line for people."""

from __future__ import annotations


class PublishingError(Exception):
    """Base of what this package raises on purpose."""


class LocationError(PublishingError, ValueError):
    """A location or a version that cannot be one."""


class NotPublishedError(PublishingError, LookupError):
    """There is no such version, no such bucket, or nothing was promoted yet."""


class DamagedError(PublishingError, RuntimeError):
    """What is stored is not what was published: a file missing or exchanged, a manifest or pointer broken."""


class MovedError(PublishingError, RuntimeError):
    """Somebody else moved the pointer between our look at it and our write."""


class FunctionError(PublishingError, RuntimeError):
    """The function cannot be given the model, or does not start with it."""
