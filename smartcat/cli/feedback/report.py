"""What the feedback command says on the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from smartcat.cli.console import err, out, print_json, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.cli.feedback.plan import Plan
    from smartcat.cli.feedback.stored import StoredCorrection

NAMED = 5


def tell_doubts(plan: Plan, table: str | None) -> None:
    """Name what is probably a mistake, and is recorded all the same."""
    for doubt in doubts(plan, table):
        err.print("note:", visible(doubt))


def doubts(plan: Plan, table: str | None) -> list[str]:
    """Say what is probably a mistake, one sentence each."""
    said = []
    unknown = plan.unknown_documents
    if unknown:
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        said.append(f"no result in table {table} of: {', '.join(unknown[:NAMED])}{more}")
    for label, near in plan.unknown_labels.items():
        said.append(f"the model has no label {label!r}" + (f"; it has {near!r}" if near else ""))
    return said


def tell_one(plan: Plan, stored: Mapping[str, StoredCorrection], *, as_json: bool) -> None:
    """Say what became of the one correction."""
    written = next(iter(plan.to_write), None)
    if written is None:
        (before,) = stored.values()
        if as_json:
            print_json({**before.to_dict(), "recorded": False})
        else:
            out.print(visible(f"{before.document_id}: is corrected to {before.label} already"))
    elif as_json:
        print_json({**written.to_dict(), "recorded": True})
    else:
        out.print(visible(f"{written.document_id}: {written.label}{_before(written, stored)}"))


def _before(written: StoredCorrection, stored: Mapping[str, StoredCorrection]) -> str:
    replaced = stored.get(written.document_id)
    if replaced is not None:
        return f" (corrected to {replaced.label} before)"
    if written.label_before is None or written.confidence is None:
        return ""
    sure = math.floor(written.confidence * 100 + 1e-9) / 100
    agrees = "confirmed; " if written.label_before == written.label else ""
    return f" ({agrees}the machine said {written.label_before}, {sure:.2f})"


def tell_many(plan: Plan, written: int, *, as_json: bool) -> None:
    """Say what became of a file of corrections."""
    if as_json:
        print_json({"recorded": written, **plan.to_dict()})
        return
    said = [f"{written} corrections recorded"]
    if plan.unchanged:
        said.append(f"{plan.unchanged} were there already")
    if plan.superseded:
        said.append(f"{plan.superseded} lines passed over for a later one of the same document")
    out.print("; ".join(said))
    if written < len(plan.to_write):
        err.print(f"stopped with {len(plan.to_write) - written} to go; the same command goes on")


def tell_exported(corrections: Sequence[object], target: str) -> None:
    """Say what was exported, where standard output is not what it was exported to."""
    err.print(visible(f"{len(corrections)} corrections written to {target}"))
