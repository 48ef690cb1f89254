import io

import pytest
from rich.console import Console

from smartcat.cli.produce import progress_bar as module
from smartcat.cli.produce.progress_bar import progress_bar
from support.clock import Clock


def shown(*, terminal: bool, total: int | None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give what a delivery shows half way."""
    out, clock = io.StringIO(), Clock()
    console = Console(file=out, force_terminal=terminal, width=120, color_system=None)
    monkeypatch.setattr(module, "err", console)
    with progress_bar(total, clock) as show:
        clock.now += 10
        show(2.5, 500, lambda: 7)
    return out.getvalue()


def test_a_terminal_shows_rate_and_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents, documents a second and what was sent again; the share done where the total is known."""
    text = shown(terminal=True, total=5, monkeypatch=monkeypatch)
    assert "500 documents, 50/s, 7 sent again" in text
    assert "50%" in text
    assert "500 documents" in shown(terminal=True, total=None, monkeypatch=monkeypatch)


def test_no_terminal_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log file is no place for a bar."""
    assert shown(terminal=False, total=5, monkeypatch=monkeypatch) == ""
