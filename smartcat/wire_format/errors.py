"""The one error of this package, a payload that cannot become a document. It must never carry page text."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Stable codes for a rejected record; they are stored in the quarantine and must not be renamed."""

    BAD_BASE64 = "bad_base64"
    BAD_GZIP = "bad_gzip"
    TOO_LARGE = "too_large"
    BAD_AGGREGATE = "bad_aggregate"
    BAD_UTF8 = "bad_utf8"
    BAD_JSON = "bad_json"
    INVALID_DOCUMENT = "invalid_document"
    UNSUPPORTED_VERSION = "unsupported_version"
    EMPTY = "empty"
    BAD_REPLAY_TAGS = "bad_replay_tags"
    BAD_CLAIM = "bad_claim"
    CLAIMS_NOT_CONFIGURED = "claims_not_configured"
    CLAIM_OUTSIDE = "claim_outside"
    CLAIM_EXPIRED = "claim_expired"
    CLAIM_MISSING = "claim_missing"
    CLAIM_MISMATCH = "claim_mismatch"
    TOO_MANY_PARTS = "too_many_parts"


class WireFormatError(ValueError):
    """A payload that no retry can make readable: reject the record.

    Attributes:
        reason: The stable code.
        detail: One line for people: what was wrong, where, and what was expected. Never page text.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        """Return the reason and the detail in one line."""
        return f"{self.reason}: {self.detail}"
