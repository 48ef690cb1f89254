import threading
from pathlib import Path

import pytest

from producers.checkpoint import CheckpointError
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
    progress.done(first)
    progress.done(third)
    progress.save()
    again = DeliveryProgress(path, "papers", INPUTS, Clock())
    assert (again.start, again.done_before, again.finished_before) == (Position(0, "a"), 1, False)
    again.done(again.begin(Position(0, "b")))
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
    progress.done(progress.begin(Position(0, "a")))
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
    progress.done(progress.begin(Position(0, "a")))
    progress.save(all_read=True)
    assert (progress.start, list(tmp_path.iterdir())) == (None, [])


def test_what_was_skipped_is_known_to_the_next_run(tmp_path: Path) -> None:
    """Counted are those before the position to resume at: the others are read, and skipped, again."""
    path = tmp_path / "c.json"
    progress = DeliveryProgress(path, "papers", INPUTS, Clock())
    progress.skip(progress.begin(Position(0, "a")))
    progress.begin(Position(0, "b"))
    progress.skip(progress.begin(Position(0, "c")))
    progress.save()
    again = DeliveryProgress(path, "papers", INPUTS, Clock())
    assert (again.start, again.done_before, again.skipped_before) == (Position(0, "a"), 1, 1)
    again.done(again.begin(Position(0, "b")))
    again.skip(again.begin(Position(0, "c")))
    again.save(all_read=True)
    assert DeliveryProgress(path, "papers", INPUTS, Clock()).skipped_before == 2


@pytest.mark.parametrize("before", ["1", ""])
def test_objects_that_changed_are_known_to_the_next_run(tmp_path: Path, before: str) -> None:
    """A delivery from S3 goes on, but nobody says that all was delivered; nor where nobody has looked."""
    path = tmp_path / "c.json"

    def progress(fingerprint: str) -> DeliveryProgress:
        inputs = InputFingerprints(None, [("s3://b/in/", fingerprint), ("/in", "1")], unrepeatable=False)
        return DeliveryProgress(path, "papers", inputs, Clock())

    progress(before).save(all_read=True)
    assert progress("1").changed == ([] if before else ["s3://b/in/"])
    assert progress("2").changed == ["s3://b/in/"]
    assert progress("2").finished_before


def test_an_error_of_the_disk_meanwhile_comes_out(tmp_path: Path) -> None:
    """While nothing is read, and receipts still come, the file is written; what it says is not lost."""
    progress = DeliveryProgress(tmp_path / "none" / "c.json", "papers", INPUTS, Clock())
    written = threading.Event()
    real = progress.save

    def save() -> None:
        try:
            real()
        finally:
            written.set()

    progress.save = save  # type: ignore[method-assign]
    progress.done(progress.begin(Position(0, "a")))
    with pytest.raises(CheckpointError, match="cannot be written"), progress.saved_meanwhile():
        assert written.wait(10)
