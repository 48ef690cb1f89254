"""What a replay says on the terminal: figures as a table, and which command does what was shown."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from rich.table import Table

from smartcat.cli.console import err, out, print_json, visible
from stream_processor.storage_format.record_position import iso_utc

if TYPE_CHECKING:
    from smartcat.cli.replay.tally import Tally


def tell(tally: Tally, stream: str, *, done: bool, as_json: bool) -> None:
    """Say what was found, or done.

    Args:
        tally: The figures.
        stream: The stream that records go back to.
        done: Whether records were put back, or only shown.
        as_json: Print one line of JSON instead.
    """
    if as_json:
        print_json({"replayed": done, "stream": stream, **tally.to_dict()})
        return
    if tally.groups:
        out.print(_table(tally))
        _print_examples(tally)
    _print_left(tally)
    if done:
        out.print(
            f"{tally.accepted} of {tally.records} records are on stream {visible(stream)} again,"
            f" {tally.deleted} objects deleted{_kept(tally)}"
        )
    elif tally.records:
        command = shlex.join(["smartcat", *sys.argv[1:], "--yes"])
        out.print(f"nothing was changed; this puts them on stream {visible(stream)}:\n  {visible(command)}")
    else:
        out.print("nothing to put back")


def _table(tally: Tally) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("reason")
    for name in ("records", "KiB"):
        table.add_column(name, justify="right")
    table.add_column("oldest arrival")
    table.add_column("newest arrival")
    for reason, group in sorted(tally.groups.items()):
        size = f"{group.bytes / 1024:.1f}"
        table.add_row(reason, str(group.records), size, iso_utc(group.oldest), iso_utc(group.newest))
    return table


def _print_examples(tally: Tally) -> None:
    for reason, group in sorted(tally.groups.items()):
        for name, key in group.examples:
            out.print(f"  {reason}: {visible(key) or '(no key)'} in {visible(name)}")


def _print_left(tally: Tally) -> None:
    """Name what was left on standard error, and count what is not named."""
    for name, why in tally.named:
        err.print(f"left: {visible(name)}: {visible(why)}")
    if tally.left.total() > len(tally.named):
        for why, count in tally.left.most_common():
            err.print(f"left in all: {count}: {visible(why)}")


def _kept(tally: Tally) -> str:
    kept = f", {tally.kept} kept for what else they hold" if tally.kept else ""
    return kept + (f", {tally.newer} newer ones passed over" if tally.newer else "")
