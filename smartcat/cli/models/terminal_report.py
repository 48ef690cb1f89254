"""Prints what the model commands did, and the list of versions."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.table import Table

from smartcat.cli.console import err, out, print_json, visible
from smartcat.cli.models.serving_function import VARIABLE

if TYPE_CHECKING:
    from smartcat.cli.models.catalogue import Catalogue, Entry
    from smartcat.cli.models.location import Location
    from smartcat.cli.models.promotion import Promoted
    from smartcat.cli.models.publish import Published
    from smartcat.cli.models.serving_function import Served, ServingFunction

_UNKNOWN = "?"
_MINUTES = len("2026-01-03T04:05")


def print_published(done: Published, location: Location, *, as_json: bool) -> None:
    """Print what was uploaded; the URL of the version goes to standard output."""
    url = location.url(done.model_version)
    for name in done.left_out:
        err.print(f"note: {visible(name)} is not part of the model and was not published")
    if as_json:
        fields = {"model_version": done.model_version, "location": url}
        print_json({**fields, "files_uploaded": done.files, "bytes_uploaded": done.bytes})
        return
    if not done.files:
        err.print(f"{done.model_version} was already published with the same content")
    else:
        how = "completed" if done.completed else "published"
        err.print(f"{how} {done.model_version}: {done.files} files, {done.bytes / 2**20:.1f} MiB")
    out.print(visible(url))


def print_promoted(done: Promoted, location: Location, *, as_json: bool) -> None:
    """Print the promoted version, the previous one, and the setting that makes a function serve it."""
    version = done.pointer.model_version
    before = done.before.model_version if done.before else None
    url = location.url(version)
    if as_json:
        print_json({"model_version": version, "before": before, "moved": done.moved, "location": url})
        return
    if done.resumed:
        err.print(f"the rollback to {version} was not finished; finishing it")
        out.print(visible(f"{VARIABLE}={shlex.quote(url)}"))
        return
    verb = "rolled back to" if done.pointer.kind == "rollback" else "promoted"
    was = f" (previously {before})" if before else ""
    err.print(f"{verb} {version}{was}" if done.moved else f"{version} is already the promoted version")
    out.print(visible(f"{VARIABLE}={shlex.quote(url)}"))


def print_served(function: ServingFunction, served: Served, url: str) -> None:
    """Print what a function serves now."""
    where = f"function {function.name}" + (f" (alias {function.alias})" if function.alias else "")
    version = f", version {served.version} of the function" if served.version else ""
    if served.before == url:
        err.print(visible(f"{where} already serves it{version}"))
    else:
        err.print(visible(f"{where} now serves it{version}; previously: {served.before}"))
    for alias in served.other_aliases:
        err.print(
            visible(f"note: its alias {alias} points to an earlier version; use --alias {alias} to update it")
        )
    if served.unverified:
        err.print(visible(f"note: its start was not verified: {served.unverified}"))


def print_catalogue(found: Catalogue, location: Location, serves: str | None, *, as_json: bool) -> None:
    """Print the published versions.

    Args:
        found: The versions at the location.
        location: The location.
        serves: The model that a function pins; None without a function.
        as_json: Print one JSON line per version instead of a table.
    """
    promoted = found.pointer.model_version if found.pointer else None
    if as_json:
        for entry in found.entries:
            marks = {"promoted": entry.model_version == promoted}
            if serves is not None:
                marks["served"] = serves == location.url(entry.model_version)
            print_json({**entry.to_dict(), **marks, "location": location.url(entry.model_version)})
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
        marks += ["served"] * (location.url(entry.model_version) == serves)
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
        err.print(f"note: {version} is incomplete and not published; publish it again")
    if found.broken:
        err.print(visible(f"note: {found.broken}"))
    if found.dangling:
        err.print(f"note: {found.dangling} is promoted but no longer published")
    if found.pointer and found.pointer.switching:
        err.print(
            visible(
                f"note: function {found.pointer.switching} was not yet seen to serve the promoted version"
            )
        )
    if serves is not None and promoted is not None and serves != location.url(promoted):
        err.print(visible(f"note: the function serves {serves}, which is not the promoted version"))
