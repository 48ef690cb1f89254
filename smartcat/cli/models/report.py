"""What the model commands say on the terminal."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.table import Table

from smartcat.cli.console import err, out, print_json, visible
from smartcat.cli.models.function import VARIABLE

if TYPE_CHECKING:
    from smartcat.cli.models.catalogue import Catalogue, Entry
    from smartcat.cli.models.function import Served, ServingFunction
    from smartcat.cli.models.location import Location
    from smartcat.cli.models.promotion import Promoted
    from smartcat.cli.models.publish import Published

_UNKNOWN = "?"
_MINUTES = len("2026-01-03T04:05")


def tell_published(done: Published, location: Location, *, as_json: bool) -> None:
    """Say what was uploaded; the location to pin goes to standard output."""
    pin = location.pin(done.model_version)
    for name in done.left_out:
        err.print(f"note: {visible(name)} is no part of the model, and was not published")
    if as_json:
        fields = {"model_version": done.model_version, "location": pin}
        print_json({**fields, "files_uploaded": done.files, "bytes_uploaded": done.bytes})
        return
    if not done.files:
        err.print(f"{done.model_version} was published already, with the same content")
    else:
        how = "completed" if done.completed else "published"
        err.print(f"{how} {done.model_version}: {done.files} files, {done.bytes / 2**20:.1f} MiB")
    out.print(visible(pin))


def tell_promoted(done: Promoted, location: Location, *, as_json: bool) -> None:
    """Say where the pointer is and was, and the setting that makes a function serve it."""
    version = done.pointer.model_version
    before = done.before.model_version if done.before else None
    pin = location.pin(version)
    if as_json:
        print_json({"model_version": version, "before": before, "moved": done.moved, "location": pin})
        return
    verb = "rolled back to" if done.pointer.kind == "rollback" else "promoted"
    was = f" (it was {before})" if before else ""
    err.print(f"{verb} {version}{was}" if done.moved else f"{version} is the promoted version already")
    out.print(visible(f"{VARIABLE}={shlex.quote(pin)}"))


def tell_served(function: ServingFunction, served: Served, pin: str) -> None:
    """Say what a function serves now."""
    where = f"function {function.name}" + (f" (alias {function.alias})" if function.alias else "")
    version = f", version {served.version} of the function" if served.version else ""
    if served.before == pin:
        err.print(visible(f"{where} served it already{version}"))
    else:
        err.print(visible(f"{where} serves it now{version}; before: {served.before}"))
    for alias in served.passed_by:
        err.print(visible(f"note: its alias {alias} leads to an earlier version of it: --alias {alias}"))
    if served.untried:
        err.print(visible(f"note: it was not seen to start: {served.untried}"))


def tell_catalogue(found: Catalogue, location: Location, serves: str | None, *, as_json: bool) -> None:
    """List what is published.

    Args:
        found: What is there.
        location: Where.
        serves: The model that a function pins; None if none was asked.
        as_json: Print a JSON line a version instead of a table.
    """
    promoted = found.pointer.model_version if found.pointer else None
    if as_json:
        for entry in found.entries:
            marks = {"promoted": entry.model_version == promoted}
            if serves is not None:
                marks["served"] = serves == location.pin(entry.model_version)
            print_json({**entry.to_dict(), **marks, "location": location.pin(entry.model_version)})
    elif found.entries:
        out.print(_table(found, location, promoted, serves))
    _notes(found, location, promoted, serves)


def _table(found: Catalogue, location: Location, promoted: str | None, serves: str | None) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("version", "trained"):
        table.add_column(name, no_wrap=True)
    for name in ("labels", "docs", "held-out", "MiB"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for entry in found.entries:
        marks = ["promoted"] * (entry.model_version == promoted)
        marks += ["served"] * (location.pin(entry.model_version) == serves)
        table.add_row(entry.model_version, *_cells(entry), ", ".join(marks))
    return table


def _cells(entry: Entry) -> list[str]:
    accuracy = entry.held_out_accuracy
    return [
        visible(entry.created_at[:_MINUTES]) or _UNKNOWN,
        _UNKNOWN if entry.labels is None else str(entry.labels),
        _UNKNOWN if entry.documents is None else str(entry.documents),
        _UNKNOWN if accuracy is None else f"{accuracy:.1%}",
        f"{entry.bytes / 2**20:.1f}",
    ]


def _notes(found: Catalogue, location: Location, promoted: str | None, serves: str | None) -> None:
    if not found.entries:
        err.print(visible(f"note: no version is published at {location}"))
    for entry in found.entries:
        if entry.problem:
            err.print(visible(f"note: {entry.model_version} cannot be used: {entry.problem}"))
    for version in found.unfinished:
        err.print(f"note: {version} is not published, its upload was not finished; publish it again")
    if found.broken:
        err.print(visible(f"note: {found.broken}"))
    if found.dangling:
        err.print(f"note: {found.dangling} is promoted, and not there any more")
    if serves is not None and promoted is not None and serves != location.pin(promoted):
        err.print(visible(f"note: the function serves {serves}, which is not what is promoted"))
