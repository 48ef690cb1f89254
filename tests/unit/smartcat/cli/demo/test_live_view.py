import io

import pytest
from rich.console import Console

from smartcat.cli.demo.live_view import PLAIN_INTERVAL, line, live_view, panel
from smartcat.cli.demo.snapshots import Snapshot


def sample(seconds: float, stored: int) -> Snapshot:
    """A moment of a run with one record quarantined and one id sent twice."""
    return Snapshot(seconds, 100, 1, stored, 1, 50.0, float(stored), 2, 3)


def test_a_line_tells_the_state_and_the_rates() -> None:
    """Backlog, documents a second, write units against the provisioned ones, throttles, quarantine."""
    told = " ".join(line([sample(0, 0), sample(2, 40)]).split())
    expected = "2 s backlog 58 stored 40 20 docs/s write units 20/s of 50/s throttled 2 quarantined 1"
    assert told == expected


def test_a_log_gets_a_line_every_few_seconds() -> None:
    """Where there is no terminal, nothing is drawn twice a second."""
    screen = io.StringIO()
    with live_view(Console(file=screen, width=200), 100) as show:
        for tick in range(21):
            show([sample(tick * PLAIN_INTERVAL / 10, tick)])
    assert len(screen.getvalue().splitlines()) == 3


@pytest.mark.parametrize("samples", [[sample(0, 0)], [sample(0, 0), sample(1, 99)]])
@pytest.mark.parametrize("width", [30, 80, 200])
def test_a_panel_fits_its_terminal(samples: list[Snapshot], width: int) -> None:
    """At the first moment and at the last, on narrow and on wide terminals, no line is too long."""
    screen = io.StringIO()
    Console(file=screen, width=width, force_terminal=True, color_system=None).print(panel(samples, 100))
    assert max(map(len, screen.getvalue().splitlines())) <= width
