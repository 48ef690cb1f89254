import os
from pathlib import Path

import pytest

from producers.atomic_file import replace_file


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that refuses leaves the file as it was, and nothing beside it."""
    path = tmp_path / "a.json"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, b"three")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_no_other_file_is_written_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may write into the folder puts a link at its place: the target stays as it is."""
    path, victim = tmp_path / "a.json", tmp_path / "victim"
    victim.write_bytes(b"precious")
    new = tmp_path / f"a.json.{os.getpid()}.new"
    new.symlink_to(victim)
    replace_file(path, b"one")
    assert (path.read_bytes(), path.is_symlink()) == (b"one", False)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)  # the link is put there just now
    new.symlink_to(victim)
    with pytest.raises(FileExistsError):
        replace_file(path, b"two")
    assert (path.read_bytes(), victim.read_bytes()) == (b"one", b"precious")


def test_two_processes_do_not_share_the_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one replaces the same file in the midst of this: both succeed, and the last one stands."""
    path, real, own = tmp_path / "a.json", os.fsync, os.getpid()

    def meanwhile(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", real)
        monkeypatch.setattr(os, "getpid", lambda: own + 1)
        replace_file(path, b"other")
        assert path.read_bytes() == b"other"
        real(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    replace_file(path, b"own")
    assert path.read_bytes() == b"own"
    assert list(tmp_path.iterdir()) == [path]
