from pathlib import Path

import pytest

from producers.sources import Position
from producers.sources.fingerprint import InputFingerprints
from smartcat.cli.produce.progress import SAVE_SECONDS, DeliveryProgress
from support.clock import Clock

INPUTS = InputFingerprints(1, [("/in", "1")], unrepeatable=False)


def test_a_journey_goes_on_where_all_was_done(tmp_path: Path) -> None:
    """What was done behind something that was not is done again; what was done before it is not."""
    path = tmp_path / "c.json"
    progress = DeliveryProgress(path, "papers", INPUTS, Clock())
    first, _, third = (progress.begin(Position(0, name)) for name in "abc")
    first()
    third()
    progress.save()
    again = DeliveryProgress(path, "papers", INPUTS, Clock())
    assert (again.start, again.done_before, again.finished_before) == (Position(0, "a"), 1, False)
    again.begin(Position(0, "b"))()
    again.save(all_read=True)
    last = DeliveryProgress(path, "papers", INPUTS, Clock())
    assert (last.start, last.done_before, last.finished_before) == (Position(0, "b"), 2, True)
    last.save()
    assert DeliveryProgress(path, "papers", INPUTS, Clock()).finished_before


def test_a_journey_with_something_undone_is_not_finished(tmp_path: Path) -> None:
    """All read is not all delivered."""
    path = tmp_path / "c.json"
    progress = DeliveryProgress(path, "papers", INPUTS, Clock())
    progress.begin(Position(0, "a"))
    progress.save(all_read=True)
    assert not DeliveryProgress(path, "papers", INPUTS, Clock()).finished_before


def test_the_file_is_written_every_so_often(tmp_path: Path) -> None:
    """Not for every document, and not when nothing was done since."""
    path, clock = tmp_path / "c.json", Clock()
    progress = DeliveryProgress(path, "papers", INPUTS, clock)
    progress.begin(Position(0, "a"))()
    progress.save_if_due()
    assert not path.exists()
    clock.now += SAVE_SECONDS
    progress.save_if_due()
    assert path.exists()
    path.unlink()
    clock.now += SAVE_SECONDS
    progress.save_if_due()
    assert not path.exists()


def test_without_a_checkpoint_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery need not be resumable."""
    monkeypatch.chdir(tmp_path)
    progress = DeliveryProgress(None, "papers", INPUTS, Clock())
    progress.begin(Position(0, "a"))()
    progress.save(all_read=True)
    assert (progress.start, list(tmp_path.iterdir())) == (None, [])
