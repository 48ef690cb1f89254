"""Prints what the feedback command did."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from smartcat.cli.console import err, out, print_json, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.cli.feedback.changeset import ChangeSet
    from smartcat.cli.feedback.stored_correction import StoredCorrection

NAMED = 5


def print_warnings(changes: ChangeSet, table: str | None) -> None:
    """Print what is probably a mistake, but is recorded."""
    for warning in warnings(changes, table):
        err.print("note:", visible(warning))


def warnings(changes: ChangeSet, table: str | None) -> list[str]:
    """Return what is probably a mistake, one sentence each."""
    found = []
    unknown = changes.unknown_documents
    if unknown:
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        found.append(f"table {table} has no result for: {', '.join(unknown[:NAMED])}{more}")
    for label, near in changes.unknown_labels.items():
        found.append(
            f"the model has no label {label!r}" + (f"; the most similar is {near!r}" if near else "")
        )
    return found


def print_one(changes: ChangeSet, stored: Mapping[str, StoredCorrection], *, as_json: bool) -> None:
    """Print what became of a single correction."""
    written = next(iter(changes.to_write), None)
    if written is None:
        (before,) = stored.values()
        if as_json:
            print_json({**before.to_dict(), "recorded": False})
        else:
            out.print(visible(f"{before.document_id}: already corrected to {before.label}"))
    elif as_json:
        print_json({**written.to_dict(), "recorded": True})
    else:
        out.print(visible(f"{written.document_id}: {written.label}{_before(written, stored)}"))


def _before(written: StoredCorrection, stored: Mapping[str, StoredCorrection]) -> str:
    replaced = stored.get(written.document_id)
    if replaced is not None:
        return f" (previously corrected to {replaced.label})"
    if written.label_before is None or written.confidence is None:
        return ""
    confidence = math.floor(written.confidence * 100 + 1e-9) / 100
    agrees = "confirmed; " if written.label_before == written.label else ""
    return f" ({agrees}predicted {written.label_before}, {confidence:.2f})"


def print_many(changes: ChangeSet, written: int, *, as_json: bool) -> None:
    """Print what became of a file of corrections."""
    if as_json:
        print_json({"recorded": written, **changes.to_dict()})
        return
    parts = [f"{written} corrections recorded"]
    if changes.unchanged:
        parts.append(f"{changes.unchanged} unchanged")
    if changes.superseded:
        parts.append(f"{changes.superseded} superseded by a later line of the same document")
    out.print("; ".join(parts))
    if written < len(changes.to_write):
        err.print(
            f"stopped with {len(changes.to_write) - written} left; run the same command again to continue"
        )


def print_exported(corrections: Sequence[object], target: str) -> None:
    """Print how many corrections were exported to a file."""
    err.print(visible(f"{len(corrections)} corrections written to {target}"))
