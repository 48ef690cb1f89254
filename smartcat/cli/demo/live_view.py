"""The demo while it runs: a panel that changes in place on a terminal, plain lines elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table

from smartcat.cli.demo.observation import Sample, rate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console

#: Seconds between plain lines: enough to see that it moves, few enough for a log.
PLAIN_INTERVAL = 5.0


@contextmanager
def live_view(console: Console, total: int) -> Iterator[Callable[[Sequence[Sample]], None]]:
    """Give a function that shows the samples so far.

    Args:
        console: where to show.
        total: how many records will be sent.
    """
    if console.is_terminal:
        # Redirected, standard output would be drawn here even where it is a file.
        with Live(console=console, refresh_per_second=4, redirect_stdout=False) as live:
            yield lambda samples: live.update(panel(samples, total))
        return
    shown_at = -PLAIN_INTERVAL

    def show(samples: Sequence[Sample]) -> None:
        nonlocal shown_at
        if samples[-1].seconds - shown_at >= PLAIN_INTERVAL:
            shown_at = samples[-1].seconds
            console.print(line(samples))

    yield show


def line(samples: Sequence[Sample]) -> str:
    """Say the last sample in one line."""
    now = samples[-1]
    return (
        f"{now.seconds:5.0f} s  backlog {now.backlog:>5}  "
        f"stored {now.stored:>5}  {rate(samples, 'stored'):5.0f} docs/s  "
        f"write units {rate(samples, 'consumed'):5.0f}/s of {now.provisioned:.0f}/s  "
        f"throttled {now.throttled}  quarantined {now.quarantined}"
    )


def panel(samples: Sequence[Sample], total: int) -> Panel:
    """Draw the last sample as a panel with bars."""
    now = samples[-1]
    consumed = rate(samples, "consumed")
    rows = Table.grid(padding=(0, 2), expand=True)
    rows.add_column(justify="right", width=22, style="bold")
    rows.add_column(justify="right", width=16)
    rows.add_column(ratio=1)
    done = now.stored + now.quarantined
    rows.add_row("documents done", f"{done} of {total}", ProgressBar(total=total, completed=done))
    rows.add_row(
        "backlog", f"{now.backlog}", ProgressBar(total=total, completed=now.backlog, complete_style="yellow")
    )
    rows.add_row("documents/s", f"{rate(samples, 'stored'):.0f}", "")
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
