"""Shows the running demo: a live panel on a terminal, plain lines elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table

from smartcat.cli.demo.snapshots import Snapshot, rate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console

#: Seconds between plain lines: often enough to see progress, seldom enough for a log.
PLAIN_INTERVAL = 5.0


@contextmanager
def live_view(console: Console, total: int) -> Iterator[Callable[[Sequence[Snapshot]], None]]:
    """Yield a function that shows the snapshots so far.

    Args:
        console: Where to show them.
        total: Number of records to send.
    """
    if console.is_terminal:
        # Rich would redirect standard output to this display even if it is a file.
        with Live(console=console, refresh_per_second=4, redirect_stdout=False) as live:
            yield lambda snapshots: live.update(panel(snapshots, total))
        return
    shown_at = -PLAIN_INTERVAL

    def show(snapshots: Sequence[Snapshot]) -> None:
        nonlocal shown_at
        if snapshots[-1].seconds - shown_at >= PLAIN_INTERVAL:
            shown_at = snapshots[-1].seconds
            console.print(line(snapshots))

    yield show


def line(snapshots: Sequence[Snapshot]) -> str:
    """Return the last snapshot as one line."""
    now = snapshots[-1]
    return (
        f"{now.seconds:5.0f} s  backlog {now.backlog:>5}  "
        f"stored {now.stored:>5}  {rate(snapshots, 'stored'):5.0f} docs/s  "
        f"write units {rate(snapshots, 'consumed'):5.0f}/s of {now.provisioned:.0f}/s  "
        f"throttled {now.throttled}  quarantined {now.quarantined}"
    )


def panel(snapshots: Sequence[Snapshot], total: int) -> Panel:
    """Return the last snapshot as a panel with bars."""
    now = snapshots[-1]
    consumed = rate(snapshots, "consumed")
    rows = Table.grid(padding=(0, 2), expand=True)
    rows.add_column(justify="right", width=22, style="bold")
    rows.add_column(justify="right", width=16)
    rows.add_column(ratio=1)
    done = now.stored + now.quarantined
    rows.add_row("documents done", f"{done} of {total}", ProgressBar(total=total, completed=done))
    rows.add_row(
        "backlog", f"{now.backlog}", ProgressBar(total=total, completed=now.backlog, complete_style="yellow")
    )
    rows.add_row("documents/s", f"{rate(snapshots, 'stored'):.0f}", "")
    rows.add_row(
        "write units/s",
        f"{consumed:.0f} of {now.provisioned:.0f}",
        ProgressBar(
            total=now.provisioned or 1.0, completed=min(consumed, now.provisioned), complete_style="cyan"
        ),
    )
    rows.add_row("throttled requests", f"{now.throttled}", "")
    rows.add_row("quarantined", f"{now.quarantined}", "")
    rows.add_row("Lambda environments", f"{now.environments}", "")
    return Panel(rows, title=f"smartcat · {now.seconds:.0f} s", border_style="blue")
