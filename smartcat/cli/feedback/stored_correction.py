"""A stored correction: its item, written and read, and the timestamp that orders it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_SORT_KEY: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)-[0-9a-f]{8}")
_STEP: Final = timedelta(microseconds=1)


class NotACorrectionError(ValueError):
    """An item of the table is not a correction; the message names it."""


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """The label that somebody gave a document, and when.

    Attributes:
        document_id: The document.
        corrected_at: When, with a suffix that keeps two corrections of one moment apart. Compared as text,
            the later correction of a document is the larger.
        label: The right label.
        by: Who gave it.
        note: Why.
        label_before: The predicted label, where it was known.
        model_version: The model that predicted it.
        confidence: Its probability, 0 to 1.
    """

    document_id: str
    corrected_at: str
    label: str
    by: str | None = None
    note: str | None = None
    label_before: str | None = None
    model_version: str | None = None
    confidence: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that are set, for JSON, under the names that corrections are read by."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields["corrected_at"] = self.corrected_at.partition("Z")[0] + "Z"
        named = {"id": fields.pop("document_id"), **fields}
        return {name: value for name, value in named.items() if value is not None}

    def to_item(self) -> dict[str, Any]:
        """Return the item of the table."""
        texts = ("document_id", "corrected_at", "label", "by", "note", "label_before", "model_version")
        item: dict[str, Any] = {name: {"S": getattr(self, name)} for name in texts if getattr(self, name)}
        if self.confidence is not None:
            item["confidence"] = {"N": f"{self.confidence:.4f}"}
        return item


def from_item(item: Mapping[str, Any]) -> StoredCorrection:
    """Return the correction in an item of the table.

    Raises:
        NotACorrectionError: It is not a correction.
    """
    texts: dict[str, Any] = {name: value["S"] for name, value in item.items() if "S" in value}
    key = f"{texts.get('document_id')!r} at {texts.get('corrected_at')!r}"
    if not _SORT_KEY.fullmatch(texts.get("corrected_at", "")) or not texts.get("label"):
        raise NotACorrectionError(f"the table holds an item that is not a correction: {key}")
    known = {name: value for name, value in texts.items() if name in StoredCorrection.__dataclass_fields__}
    confidence = item.get("confidence", {}).get("N")
    return StoredCorrection(**known, confidence=None if confidence is None else float(confidence))


def latest(corrections: Iterable[StoredCorrection]) -> dict[str, StoredCorrection]:
    """Return the latest correction of each document, whatever their order."""
    found: dict[str, StoredCorrection] = {}
    for correction in corrections:
        known = found.get(correction.document_id)
        if known is None or known.corrected_at < correction.corrected_at:
            found[correction.document_id] = correction
    return found


class Timestamps:
    """Sort keys for the corrections of one command, each later than all before it.

    A clock may go backwards, and the clocks of two machines differ. The last correction must win all the
    same, so its sort key is always later than that of the correction it replaces.

    Args:
        now: The time.
        suffix: 8 hexadecimal digits that no other command has.
    """

    def __init__(self, now: datetime, suffix: str) -> None:
        self._next = now.astimezone(UTC)
        self._suffix = suffix

    def after(self, replaced: StoredCorrection | None) -> str:
        """Return the next sort key, later than that of the correction which is replaced.

        Raises:
            NotACorrectionError: The replaced correction has an invalid timestamp.
        """
        moment = self._next
        if replaced is not None:
            moment = max(moment, _after(replaced))
        self._next += _STEP
        return f"{moment.strftime(_FORMAT)}-{self._suffix}"


def _after(correction: StoredCorrection) -> datetime:
    try:
        return (
            datetime.strptime(correction.corrected_at.rpartition("-")[0], _FORMAT).replace(tzinfo=UTC) + _STEP
        )
    except (ValueError, OverflowError):
        raise NotACorrectionError(f"not the timestamp of a correction: {correction.corrected_at!r}") from None


def lines(corrections: Iterable[StoredCorrection]) -> Iterator[dict[str, Any]]:
    """Yield corrections for a file, sorted by document id: the same table gives the same file."""
    for correction in sorted(corrections, key=lambda each: each.document_id):
        yield correction.to_dict()
