import ast
import io
import json
import re
import sys
from pathlib import Path

import pytest
import typer
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from smartcat.cli import console
from smartcat.cli.console import SafeConsole, fail, one_line_errors, progress

CLI = Path(console.__file__).parent


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


# Rich itself takes a bell, a backspace and a carriage return out of a text.
HOSTILE = "a\x1b[2J\x9b31m\u202egpj.exe\u200b\u2028b\ud800"
SHOWN = "a\\x1b[2J\\x9b31m\\u202egpj.exe\\u200b\\u2028b\\ud800"


def a_table() -> Table:
    """Make a table with a hostile title, header and cell."""
    table = Table(title=HOSTILE, expand=True)
    table.add_column(HOSTILE, no_wrap=True)
    table.add_row(HOSTILE)
    return table


@pytest.mark.parametrize(
    "printed",
    [
        HOSTILE,
        Text(HOSTILE),
        Text.assemble(("x", "red"), HOSTILE),
        Panel(HOSTILE),
        a_table(),
        Group(HOSTILE, a_table()),
    ],
    ids=["string", "text", "styled", "panel", "table", "group"],
)
def test_nothing_that_is_printed_controls_the_terminal(printed: object) -> None:
    """Nobody has to remember to escape: of a terminal's codes there are rich's own colours, and no more."""
    screen = io.StringIO()
    SafeConsole(file=screen, force_terminal=True, width=200, color_system="standard").print(printed)
    text = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    assert SHOWN in text
    assert all(line.isprintable() for line in text.split("\n"))


def test_a_string_is_one_line_and_text_may_have_several(capsys: pytest.CaptureFixture[str]) -> None:
    """A name with a line feed in it does not begin a line; what is ours to lay out does."""
    console.out.print("a\nerror: forged")
    console.out.print(Text("a\nb"))
    assert capsys.readouterr().out == "a\\nerror: forged\na\nb\n"


def test_json_has_no_controls_and_is_the_same_value(capsys: pytest.CaptureFixture[str]) -> None:
    """A script reads what was meant, and a terminal that shows it stays as it is."""
    console.print_json({HOSTILE: [HOSTILE], "label": "Grundbuch 日本 😀"})
    line = capsys.readouterr().out
    assert line.rstrip("\n").isprintable()
    assert json.loads(line) == {HOSTILE: [HOSTILE], "label": "Grundbuch 日本 😀"}
    assert "日本 😀" in line


def test_every_command_writes_through_the_one_console() -> None:
    """No other console, no bare print and no stream of one's own; what is ours alone may be echoed."""
    modules = {path.relative_to(CLI).as_posix(): ast.parse(path.read_bytes()) for path in CLI.rglob("*.py")}
    assert len(modules) > 100
    calls = {
        (name, ast.unparse(node.func))
        for name, module in modules.items()
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
    }
    own = re.compile(r"print|Console|.*std(out|err)\.(write|buffer.*)|.*\.s?echo")
    assert {call for call in calls if own.fullmatch(call[1])} == {
        ("console.py", "sys.stdout.write"),  # one line of JSON
        ("app.py", "typer.echo"),  # the version
    }
