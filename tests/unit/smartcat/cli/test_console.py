import io
import sys

import pytest
import typer
from rich.console import Console

from smartcat.cli import console
from smartcat.cli.console import fail, one_line_errors, progress, visible


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


def test_a_bar_leaves_standard_output_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a bar is drawn on the terminal, results still go where standard output was sent."""
    screen, results = io.StringIO(), io.StringIO()
    monkeypatch.setattr(console, "err", Console(file=screen, force_terminal=True))
    monkeypatch.setattr(sys, "stdout", results)
    with progress() as report:
        report("sending", 1, 2)
        console.print_json({"document_id": "d"})
    assert results.getvalue() == '{"document_id":"d"}\n'
    assert "document_id" not in screen.getvalue()
    assert "sending" in screen.getvalue()


def test_no_bar_is_drawn_between_results(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results that run over the same terminal are progress enough."""
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, highlight=False)
    monkeypatch.setattr(console, "err", terminal)
    monkeypatch.setattr(console, "out", terminal)
    with progress(results_flow=True) as report:
        report("classifying", 1, 0)
    assert screen.getvalue() == "classifying ...\n"


def test_other_peoples_text_is_neither_style_nor_picture(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets and colons in a file name or an id come out as they went in; a line stays one line."""
    fail("[bold]a[/bold] :key: [/]\nsecond \x1b[2J")
    console.out.print("[red]id :cat:")
    printed = capsys.readouterr()
    assert printed.err == "error: [bold]a[/bold] :key: [/] second \\x1b[2J\n"
    assert printed.out == "[red]id :cat:\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Grundbuch 日本 😀 § 5", "Grundbuch 日本 😀 § 5"),
        ("a\u00a0b \N{MAN}\u200d\N{GIRL}", "a\u00a0b \N{MAN}\u200d\N{GIRL}"),
        ("\x1b[31m\n\t\x9b", "\\x1b[31m\\n\\t\\x9b"),
        ("\u202egpj.exe\ud800", "\\u202egpj.exe\\ud800"),
    ],
)
def test_visible_writes_out_what_could_move_a_cursor(text: str, shown: str) -> None:
    """Letters and emoji stay; control characters, changes of direction and half characters do not."""
    assert visible(text) == shown
