"""The pages on deploying and on LocalStack name commands, options and targets that exist."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from smartcat.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = {name: (ROOT / "docs" / name).read_text("utf-8") for name in ("deploy.md", "localstack.md")}
BLOCKS = [block for page in PAGES.values() for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)]
SMARTCAT = [line for block in BLOCKS for line in block.splitlines() if line.startswith("smartcat ")]


def command_of(line: str) -> tuple[Any, list[str]]:
    """Find the command that a line runs, and give its arguments."""
    words = shlex.split(line, comments=True)[1:]
    found: Any = typer.main.get_command(app)
    while hasattr(found, "commands"):
        found = found.commands[words.pop(0)]
    return found, words


@pytest.mark.parametrize("line", SMARTCAT)
def test_each_smartcat_command_can_be_run_as_written(line: str) -> None:
    """Its options exist and its arguments are as many as it takes; what AWS answers is for other tests."""
    command, words = command_of(line)
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert [word for word in words if word.startswith("--") and word not in known] == []
    assert command.get_short_help_str()


def test_the_way_to_the_first_label_is_ten_commands() -> None:
    """As the heading says; each line of the block is one."""
    first = re.findall(r"## Ten commands.*?```sh\n(.*?)```", PAGES["deploy.md"], re.DOTALL)[0]
    assert len(first.splitlines()) == 10


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_is_shell(block: str) -> None:
    """Bash can read it."""
    assert subprocess.run(["/bin/bash", "-n", "-c", block], check=False, timeout=10).returncode == 0


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_and_files_exist(page: str) -> None:
    """Targets are in the Makefile; scripts and compose files are where they are said to be."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(
        re.findall(
            r"\bmake ([a-z-]+)\b", " ".join(re.findall(r"`[^`]+`|```sh\n.*?```", PAGES[page], re.DOTALL))
        )
    )
    assert [name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
    files = re.findall(r"\b(?:tests/[\w/]+\.py|docker-compose[\w.]+\.yml)", PAGES[page])
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_the_variables_are_read_from_terraform_s_output() -> None:
    """The line that exports them quotes what a shell would take for more than a name."""
    (line,) = [line for block in BLOCKS for line in block.splitlines() if line.startswith("eval ")]
    program = re.findall(r"python3 -c '(.*?)'\)", line)[0]
    done = subprocess.run(
        [sys.executable, "-c", program],
        input='{"SMARTCAT_STREAM": "a b", "SMARTCAT_TABLE": "t"}',
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    assert done.stdout == "export SMARTCAT_STREAM='a b'\nexport SMARTCAT_TABLE=t\n"
