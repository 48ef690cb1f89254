import fcntl
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.checkpoint import Checkpoint, CheckpointError, advanced, exclusive, load, save
from producers.sources import Position
from producers.sources.fingerprint import InputFingerprints

INPUTS = InputFingerprints(2, [("/in/a", "1"), ("/in/b", "2")], unrepeatable=False)


@given(
    st.builds(
        Position,
        st.integers(0),
        st.text(st.characters(codec=None), max_size=9),
        st.integers(0),
        st.integers(0),
    ),
    st.integers(0),
)
def test_what_is_saved_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, position: Position, done: int
) -> None:
    """Every position comes back as it was, whatever is in the names of files."""
    path = tmp_path_factory.getbasetemp() / "checkpoint.json"
    path.unlink(missing_ok=True)
    fresh = load(path, "papers", INPUTS)
    assert (fresh.start, fresh.done, fresh.finished) == (None, 0, False)
    save(path, advanced(fresh, position, done, finished=True))
    again = load(path, "papers", INPUTS)
    assert (again.start, again.done, again.finished) == (position, done, True)


@pytest.mark.parametrize(
    ("stream", "inputs", "complaint"),
    [
        ("others", INPUTS.inputs, "the stream 'papers', not for 'others'"),
        ("papers", [("/in/a", "9"), ("/in/b", "2")], "other inputs: /in/a has changed since"),
        ("papers", [("/in/a", "1"), ("/in/c", "2")], "other inputs: /in/b then, /in/c now"),
        ("papers", [("/in/a", "1")], "other inputs: 2 inputs then, 1 now"),
    ],
)
def test_the_checkpoint_of_another_delivery_is_refused(
    tmp_path: Path, stream: str, inputs: list[tuple[str, str]], complaint: str
) -> None:
    """Skipping what was never sent would be loss, so the difference is named and nothing begins."""
    path = tmp_path / "c.json"
    save(path, Checkpoint(stream="papers", inputs=INPUTS.inputs))
    with pytest.raises(CheckpointError) as caught:
        load(path, stream, InputFingerprints(1, inputs, unrepeatable=False))
    assert str(caught.value) == (
        f"{path}: is a checkpoint for {complaint}; use another file, or delete this one"
    )


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"{}",
        b'{"smartcat_checkpoint":2,"stream":"s","inputs":[]}',
        b"[" * 9999,
    ],
)
def test_a_damaged_checkpoint_is_one_clear_error(tmp_path: Path, damage: bytes) -> None:
    """Nobody guesses what a damaged file meant."""
    path = tmp_path / "c.json"
    path.write_bytes(damage)
    with pytest.raises(CheckpointError, match="not a valid checkpoint file; delete it"):
        load(path, "papers", INPUTS)


def test_every_cut_file_is_refused(tmp_path: Path) -> None:
    """No beginning of a checkpoint is taken for a whole one."""
    path = tmp_path / "c.json"
    save(
        path,
        advanced(Checkpoint(stream="s", inputs=INPUTS.inputs), Position(1, "f", 2, 3), 4, finished=False),
    )
    whole = path.read_bytes()
    assert json.loads(whole)["position"]["line"] == 2
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError):
            load(path, "s", INPUTS)


def test_standard_input_has_no_checkpoint(tmp_path: Path) -> None:
    """What can be read once cannot be taken up again."""
    with pytest.raises(CheckpointError, match="standard input cannot"):
        load(tmp_path / "c.json", "s", InputFingerprints(None, [("-", "")], unrepeatable=True))


def test_a_full_disk_is_named_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which file could not be written."""

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(CheckpointError, match=r"c\.json: cannot be written: No space left on device"):
        save(tmp_path / "c.json", Checkpoint(stream="s", inputs=[]))


def test_two_runs_do_not_share_a_checkpoint(tmp_path: Path) -> None:
    """The second is refused, with the file; afterwards it can be used again, and no lock is left."""
    path = tmp_path / "c.json"
    with exclusive(path):
        with pytest.raises(CheckpointError, match=r"c\.json: is in use by another run"), exclusive(path):
            pass
        save(path, Checkpoint(stream="s", inputs=[]))
    with exclusive(path):
        assert (tmp_path / "c.json.lock").exists()
    assert [each.name for each in tmp_path.iterdir()] == ["c.json"]


def test_a_lock_that_is_removed_meanwhile_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run before ends between opening its file and locking it: a file that is gone protects nothing."""
    path, lock = tmp_path / "c.json", tmp_path / "c.json.lock"
    real = fcntl.flock
    removed: list[int] = []

    def flock(descriptor: int, how: int) -> None:
        if not removed:
            lock.unlink()
        removed.append(descriptor)
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with exclusive(path):
        assert os.path.samestat(lock.stat(), os.fstat(removed[-1]))
    assert len(removed) == 2


def test_a_file_system_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint that cannot be kept from another run is not used."""

    def refuse(*_: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with (
        pytest.raises(CheckpointError, match=r"c\.json: cannot be written: No locks"),
        exclusive(tmp_path / "c.json"),
    ):
        pass
