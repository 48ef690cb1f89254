from pathlib import Path

import pytest

from smartcat.cli.inputs import InputError, Skipped, readable_documents


@pytest.fixture
def mixed(tmp_path: Path) -> str:
    """A file with two good documents and a bad one between them."""
    path = tmp_path / "mixed.jsonl"
    path.write_text('{"id":"a","text":"x"}\n{"id":"b"}\n{"id":"c","text":"y"}\n')
    return str(path)


def test_what_cannot_be_read_is_said_at_once_and_counted(
    mixed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that is stopped later has named the bad inputs before."""
    skipped = Skipped()
    documents = readable_documents([mixed], skipped, strict=False)
    assert next(documents).document_id == "a"
    assert skipped.count == 0
    assert next(documents).document_id == "c"
    assert skipped.count == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"skipped: {mixed}:2: ")


def test_strict_reading_ends_at_the_first_bad_input(mixed: str) -> None:
    """With --strict nothing after a bad input is read."""
    documents = readable_documents([mixed], Skipped(), strict=True)
    assert next(documents).document_id == "a"
    with pytest.raises(InputError, match=":2:"):
        next(documents)


def test_a_file_name_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences and line ends in a name are written out."""
    list(readable_documents(["no\x1b[2Jsuch\nfile.txt"], Skipped(), strict=False))
    assert "no\\x1b[2Jsuch\\nfile.txt" in capsys.readouterr().err
