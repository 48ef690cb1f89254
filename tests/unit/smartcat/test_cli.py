import subprocess
import sys
from pathlib import Path

import pytest
from support.cli import smartcat

COMMANDS = ("demo", "samples", "train", "evaluate", "classify", "local", "produce", "results")


def test_help_names_every_command() -> None:
    """The first thing a person types lists what there is."""
    done = smartcat("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", [*COMMANDS, "results get", "results list"])
def test_help_of_each_command_shows_an_example(command: str) -> None:
    """Nobody has to guess how a command is used."""
    done = smartcat(*command.split(), "--help")
    assert done.returncode == 0
    assert "Example: smartcat" in done.stdout or command == "results"


def test_help_does_not_import_what_only_some_commands_need() -> None:
    """Help answers at once: no scikit-learn, NumPy, boto3 or moto behind it."""
    code = (
        "import sys, smartcat.cli\n"
        "heavy = {'sklearn', 'numpy', 'boto3', 'moto', 'awslambdaric'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["train"],
        ["train", "corpus.jsonl"],
        ["train", "corpus.jsonl", "--out", "m", "--analyzer", "letters"],
        ["train", "corpus.jsonl", "--out", "m", "--features", "99"],
        ["classify", "a.txt"],
        ["produce", "a.txt"],
        ["results", "get", "some-id"],
        ["results", "list", "--table", "t", "--decision", "maybe"],
        ["demo", "--count", "0"],
        ["local", "--port", "99999"],
    ],
)
def test_bad_usage_is_exit_code_2_without_traceback(arguments: list[str]) -> None:
    """A wrong command line says what was expected and does nothing."""
    done = smartcat(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


BAD_CORPORA = {
    "not JSON": ("{]\n", ":1:"),
    "not an object": ("[1]\n", ":1:"),
    "no label": ('{"id":"1","text":"x","label":"a"}\n{"id":"2","text":"x"}\n', ":2:"),
    "no text": ('{"id":"1","label":"a"}\n', ":1:"),
    "one label only": ('{"id":"1","text":"x","label":"a"}\n', "label"),
    "empty": ("", "no"),
}


@pytest.mark.parametrize("name", BAD_CORPORA)
def test_a_bad_corpus_is_one_line_that_names_the_place(name: str, tmp_path: Path) -> None:
    """Training on unusable input fails with exit code 1 and names file and line."""
    content, place = BAD_CORPORA[name]
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(content)
    done = smartcat("train", str(corpus), "--out", str(tmp_path / "model"))
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert place in errors[0]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "missing.jsonl", "--out", "model"],
        ["evaluate", "missing-model", "missing.jsonl"],
        ["classify", "--model", "missing-model", "a.txt"],
        ["demo", "--documents", "missing.jsonl"],
        ["local", "--port", "0", "--model", "missing-model"],
    ],
)
def test_a_missing_file_is_named(arguments: list[str], tmp_path: Path) -> None:
    """One line with the file's name, exit code 1."""
    done = smartcat(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert len([line for line in done.stderr.splitlines() if line.startswith("error:")]) == 1
    assert "missing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [["produce", "-", "--stream", "s"], ["results", "list", "--table", "t"]]
)
def test_no_region_is_one_line(arguments: list[str], tmp_path: Path) -> None:
    """Without AWS configuration the command says so instead of showing boto3's insides."""
    done = smartcat(*arguments, cwd=tmp_path, stdin='{"id":"1","text":"x"}\n')
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "You must specify a region." in done.stderr
    assert "Traceback" not in done.stderr


def test_samples_are_labelled_documents(tmp_path: Path) -> None:
    """What `smartcat samples` prints, `smartcat train` learns from and `smartcat classify` classifies."""
    corpus = tmp_path / "paperwork.jsonl"
    corpus.write_text(smartcat("samples", "--count", "60", "--seed", "3").stdout)
    trained = smartcat("train", str(corpus), "--out", str(tmp_path / "model"), "--features", "14", "--json")
    assert trained.returncode == 0, trained.stderr
    classified = smartcat("classify", "--model", str(tmp_path / "model"), str(corpus))
    assert classified.returncode == 0, classified.stderr
    assert len(classified.stdout.splitlines()) == 60
    evaluated = smartcat("evaluate", str(tmp_path / "model"), str(corpus))
    assert evaluated.returncode == 0, evaluated.stderr
    assert "accuracy" in evaluated.stdout


def test_an_unreadable_input_is_reported_and_the_others_are_classified(tmp_path: Path) -> None:
    """Bad inputs are listed with their reason and make the exit code 1; what was good is printed."""
    corpus = tmp_path / "paperwork.jsonl"
    corpus.write_text(smartcat("samples", "--count", "60", "--seed", "3").stdout)
    assert (
        smartcat("train", str(corpus), "--out", str(tmp_path / "model"), "--features", "14").returncode == 0
    )
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_text('{"id":"good","text":"x"}\n{"id":"bad"}\n{"id":"fine","text":"y"}\n')
    done = smartcat("classify", "--model", str(tmp_path / "model"), str(mixed))
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    assert "mixed.jsonl:2" in done.stderr
