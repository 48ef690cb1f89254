import os
from pathlib import Path

import pytest

from producers.sources.fingerprint import fingerprint_inputs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two texts, a document of two pages, and lines."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("a.txt", "deep/b.txt", "c.p1.txt", "c.p2.txt", "d.jsonl", "photo.jpg"):
        (tmp_path / "in" / name).write_text("x")
    return tmp_path / "in"


def test_files_are_counted_as_they_are_read(folder: Path) -> None:
    """Pages of one document count once, other kinds not at all; S3 and standard input cannot be counted."""
    assert fingerprint_inputs([str(folder)]).files == 4
    assert fingerprint_inputs([str(folder), str(folder / "a.txt"), "none.txt"]).files == 6
    assert fingerprint_inputs([str(folder), "s3://papers/in"]).files is None
    assert fingerprint_inputs(["-"]).unrepeatable
    assert not fingerprint_inputs(["s3://papers/in"]).unrepeatable


def test_the_fingerprint_changes_with_what_is_there(folder: Path) -> None:
    """A new file, a file that went, and lines that grew are other inputs; a photo is not."""
    before = fingerprint_inputs([str(folder)]).inputs
    (folder / "photo2.jpg").write_text("x")
    assert fingerprint_inputs([str(folder)]).inputs == before
    seen = [before]
    (folder / "deep" / "new.txt").write_text("x")
    seen.append(fingerprint_inputs([str(folder)]).inputs)
    (folder / "deep" / "b.txt").unlink()
    seen.append(fingerprint_inputs([str(folder)]).inputs)
    with (folder / "d.jsonl").open("a") as lines:
        lines.write("x")
    seen.append(fingerprint_inputs([str(folder)]).inputs)
    os.utime(folder / "d.jsonl", ns=(1, 1))
    seen.append(fingerprint_inputs([str(folder)]).inputs)
    assert len({fingerprint for ((_, fingerprint),) in seen}) == 5


def test_a_relative_path_has_the_same_fingerprint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative and an absolute path to the same folder give the same fingerprint."""
    monkeypatch.chdir(folder.parent)
    assert fingerprint_inputs(["in"]).inputs == fingerprint_inputs([str(folder)]).inputs
