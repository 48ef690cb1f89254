import io
from pathlib import Path

import pytest
from rich.console import Console

from smartcat.cli.demo.scenario import Scenario
from smartcat.cli.demo.streaming import StreamingRun
from smartcat.cli.demo.summary import summarise
from smartcat.cli.demo.terminal_report import print_report


@pytest.mark.parametrize("width", [40, 80, 200])
def test_other_peoples_labels_are_shown_as_they_are(
    scenario: Scenario, finished: StreamingRun, width: int
) -> None:
    """Brackets and colons in labels are neither style nor picture, and no id can clear the screen."""
    screen = io.StringIO()
    console = Console(
        file=screen, width=width, markup=False, emoji=False, highlight=False, force_terminal=True
    )
    print_report(console, scenario, finished, summarise(finished), Path("build/demo"))
    shown = screen.getvalue()
    assert "[bold]bill[/bold]" in shown
    assert ":key:" in shown
    assert "\\x1b[2J" in shown
    assert "\x1b[2J" not in shown
    assert "lost" in shown
