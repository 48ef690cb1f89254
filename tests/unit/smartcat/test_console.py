import pytest
import typer

from smartcat.console import one_line_errors, progress


def test_an_expected_error_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    """The message reaches standard error on one line; no traceback does."""
    with pytest.raises(typer.Exit) as stopped, one_line_errors(ValueError):
        raise ValueError("corpus.jsonl:3: label:\n expected a string")
    assert stopped.value.exit_code == 1
    assert capsys.readouterr().err == "error: corpus.jsonl:3: label: expected a string\n"


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command expects files to be missing and disks to be full."""
    with pytest.raises(typer.Exit), one_line_errors(), open("nowhere/at/all"):  # noqa: PTH123 - any way to fail
        pass
    assert capsys.readouterr().err == "error: nowhere/at/all: No such file or directory\n"


def test_a_bug_stays_a_bug() -> None:
    """An error that nobody expected is not dressed up as bad input."""
    with pytest.raises(KeyError), one_line_errors(ValueError):
        raise KeyError("bug")


def test_progress_is_one_plain_line_a_stage_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A log gets a line when a stage begins, not a line a step."""
    with progress() as report:
        for done in range(3):
            report("fitting", done, 3)
        report("saving", 0, 0)
    assert capsys.readouterr().err == "fitting (3) ...\nsaving ...\n"
