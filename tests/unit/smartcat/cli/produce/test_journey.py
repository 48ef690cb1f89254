from pathlib import Path

import pytest

from producers.sources import Position
from producers.sources.fingerprint import InputFingerprints
from smartcat.cli.produce.journey import SAVE_SECONDS, Journey
from support.clock import Clock

INPUTS = InputFingerprints(1, [("/in", "1")], unrepeatable=False)


def test_a_journey_goes_on_where_all_was_done(tmp_path: Path) -> None:
    """What was done behind something that was not is done again; what was done before it is not."""
    path = tmp_path / "c.json"
    journey = Journey(path, "papers", INPUTS, Clock())
    first, _, third = (journey.begin(Position(0, name)) for name in "abc")
    first()
    third()
    journey.save()
    again = Journey(path, "papers", INPUTS, Clock())
    assert (again.start, again.done_before, again.finished_before) == (Position(0, "a"), 1, False)
    again.begin(Position(0, "b"))()
    again.save(all_read=True)
    last = Journey(path, "papers", INPUTS, Clock())
    assert (last.start, last.done_before, last.finished_before) == (Position(0, "b"), 2, True)
    last.save()
    assert Journey(path, "papers", INPUTS, Clock()).finished_before


def test_a_journey_with_something_undone_is_not_finished(tmp_path: Path) -> None:
    """All read is not all delivered."""
    path = tmp_path / "c.json"
    journey = Journey(path, "papers", INPUTS, Clock())
    journey.begin(Position(0, "a"))
    journey.save(all_read=True)
    assert not Journey(path, "papers", INPUTS, Clock()).finished_before


def test_the_file_is_written_every_so_often(tmp_path: Path) -> None:
    """Not for every document, and not when nothing was done since."""
    path, clock = tmp_path / "c.json", Clock()
    journey = Journey(path, "papers", INPUTS, clock)
    journey.begin(Position(0, "a"))()
    journey.save_if_due()
    assert not path.exists()
    clock.now += SAVE_SECONDS
    journey.save_if_due()
    assert path.exists()
    path.unlink()
    clock.now += SAVE_SECONDS
    journey.save_if_due()
    assert not path.exists()


def test_without_a_checkpoint_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery need not be resumable."""
    monkeypatch.chdir(tmp_path)
    journey = Journey(None, "papers", INPUTS, Clock())
    journey.begin(Position(0, "a"))()
    journey.save(all_read=True)
    assert (journey.start, list(tmp_path.iterdir())) == (None, [])
