"""Prints the counts of a replay, and the command that performs what was shown."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from rich.table import Table

from smartcat.cli.console import err, out, print_json, visible
from stream_processor.storage_format.record_position import iso_utc

if TYPE_CHECKING:
    from smartcat.cli.replay.statistics import Statistics


def print_statistics(statistics: Statistics, stream: str, *, done: bool, as_json: bool) -> None:
    """Print what was selected, or replayed.

    Args:
        statistics: The counts.
        stream: The stream.
        done: Whether records were replayed, or only shown.
        as_json: Whether to print JSON.
    """
    if as_json:
        print_json({"replayed": done, "stream": stream, **statistics.to_dict()})
        return
    if statistics.groups:
        out.print(_table(statistics))
        _print_examples(statistics)
    _print_skipped(statistics)
    if done:
        out.print(
            f"replayed {statistics.accepted} of {statistics.records} records to stream {visible(stream)},"
            f" {statistics.deleted} objects deleted{_kept(statistics)}"
        )
    elif statistics.records:
        command = shlex.join(["smartcat", *sys.argv[1:], "--yes"])
        out.print(
            f"nothing was changed; to replay them to stream {visible(stream)}, run:\n  {visible(command)}"
        )
    else:
        out.print("nothing to replay")


def _table(statistics: Statistics) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("reason")
    for name in ("records", "KiB"):
        table.add_column(name, justify="right")
    table.add_column("oldest arrival")
    table.add_column("newest arrival")
    for reason, group in sorted(statistics.groups.items()):
        size = f"{group.bytes / 1024:.1f}"
        table.add_row(reason, str(group.records), size, iso_utc(group.oldest), iso_utc(group.newest))
    return table


def _print_examples(statistics: Statistics) -> None:
    for reason, group in sorted(statistics.groups.items()):
        for name, key in group.examples:
            out.print(f"  {reason}: {visible(key) or '(no key)'} in {visible(name)}")


def _print_skipped(statistics: Statistics) -> None:
    """Print the skipped records on standard error: the first by name, all by cause."""
    for name, cause in statistics.named:
        err.print(f"skipped: {visible(name)}: {visible(cause)}")
    if statistics.skipped.total() > len(statistics.named):
        for cause, count in statistics.skipped.most_common():
            err.print(f"skipped in total: {count}: {visible(cause)}")


def _kept(statistics: Statistics) -> str:
    kept = f", {statistics.kept} kept for their other records" if statistics.kept else ""
    return kept + (f", {statistics.newer} newer objects ignored" if statistics.newer else "")
