import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.cli import smartcat

Command = Callable[..., Any]

GROUPS = ("results", "model")
COMMANDS = (
    *("demo", "samples", "train", "evaluate", "classify", "local", "plan", "produce", "replay", "feedback"),
    *GROUPS,
)
WITHIN_GROUPS = (
    *("results get", "results list"),
    *("model publish", "model list", "model promote", "model rollback"),
)


def test_help_names_every_command(command: Command) -> None:
    """The first thing a person types lists what there is."""
    done = command("--help")
    assert done.code == 0
    assert all(name in done.out for name in COMMANDS)


@pytest.mark.parametrize("name", [*COMMANDS, *WITHIN_GROUPS])
def test_help_of_each_command_shows_an_example(name: str, command: Command) -> None:
    """Nobody has to guess how a command is used."""
    done = command(*name.split(), "--help")
    assert done.code == 0
    assert "Example: smartcat" in done.out or name in GROUPS


def test_help_does_not_import_what_only_some_commands_need() -> None:
    """Help answers at once: no scikit-learn, NumPy, boto3 or moto behind it."""
    code = (
        "import sys, smartcat.cli.app\n"
        "heavy = {'sklearn', 'numpy', 'boto3', 'moto', 'awslambdaric'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["no-such-command"], "no-such-command"),
        (["[bold]x"], "[bold]x"),
        (["train"], "corpus"),
        (["train", "corpus.jsonl"], "--out"),
        (["train", "corpus.jsonl", "--out", "m", "--analyzer", "letters"], "--analyzer"),
        (["train", "corpus.jsonl", "--out", "m", "--features", "99"], "--features"),
        (["train", "corpus.jsonl", "--out", "m", "--ngrams", "3", "1"], "--ngrams"),
        (["train", "corpus.jsonl", "--out", "m", "--seed", "4294967296"], "--seed"),
        (["classify", "a.txt"], "--model"),
        (["produce", "a.txt"], "--stream"),
        (["results", "get", "some-id"], "--table"),
        (["results", "get", "", "--table", "t"], "document_id"),
        (["results", "list", "--table", "t", "--decision", "maybe"], "--decision"),
        (["demo", "--count", "0"], "--count"),
        (["local", "--port", "99999"], "--port"),
        (["classify", "--model", "m", "--engine", "fast", "a.txt"], "--engine"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(arguments: list[str], named: str, command: Command) -> None:
    """A wrong command line says in one line what was wrong and where help is, and does nothing."""
    done = command(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert named in done.err
    assert "--help)" in done.err


def test_without_arguments_the_help_is_shown(command: Command) -> None:
    """Somebody who types the name alone sees what there is; it is bad usage all the same."""
    done = command()
    assert done.code == 2
    assert "Usage:" in done.out
    assert done.err == ""


BAD_CORPORA = {
    "not JSON": ("{]\n", ":1:"),
    "not an object": ("[1]\n", ":1:"),
    "no label": ('{"id":"1","text":"x","label":"a"}\n{"id":"2","text":"x"}\n', ":2:"),
    "no text": ('{"id":"1","label":"a"}\n', ":1:"),
    "one label only": ('{"id":"1","text":"x","label":"a"}\n', "label"),
    "empty": ("", "no"),
}


@pytest.mark.parametrize("name", BAD_CORPORA)
def test_a_bad_corpus_is_one_line_that_names_the_place(name: str, tmp_path: Path, command: Command) -> None:
    """Training on unusable input fails with exit code 1 and names file and line."""
    content, place = BAD_CORPORA[name]
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(content)
    done = command("train", str(corpus), "--out", str(tmp_path / "model"))
    assert done.code == 1
    errors = [line for line in done.err.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert place in errors[0]
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
def test_a_missing_file_is_named(
    arguments: list[str], tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line with the file's name, exit code 1."""
    monkeypatch.chdir(tmp_path)
    done = command(*arguments)
    assert done.code == 1
    assert len([line for line in done.err.splitlines() if line.startswith("error:")]) == 1
    assert "missing" in done.err


@pytest.mark.parametrize(
    "arguments", [["produce", "nothing.jsonl", "--stream", "s"], ["results", "list", "--table", "t"]]
)
def test_no_region_is_one_line(arguments: list[str], command: Command) -> None:
    """Without AWS configuration the command says what to set instead of showing boto3's insides."""
    done = command(*arguments)
    assert done.code == 1
    assert done.err.startswith("error: You must specify a region. Set AWS_DEFAULT_REGION")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("place", ["a file", "a folder"])
def test_training_refuses_a_wrong_place_before_it_learns(
    place: str, tmp_path: Path, command: Command
) -> None:
    """Nobody waits for a model that cannot be saved, and nothing that is no model is replaced."""
    target = tmp_path / "mine"
    if place == "a file":
        target.write_text("precious")
    else:
        target.mkdir()
        (target / "precious.txt").touch()
    done = command("train", str(tmp_path / "never-read.jsonl"), "--out", str(target))
    assert done.code == 1
    assert done.err.startswith(f"error: {target}: is not a")
    assert target.exists()


@pytest.fixture(scope="module")
def paperwork(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty labelled documents and a model of them, in one folder."""
    folder = tmp_path_factory.mktemp("paperwork")
    corpus = folder / "paperwork.jsonl"
    corpus.write_text(smartcat("samples", "--count", "60", "--seed", "3").stdout)
    trained = smartcat("train", str(corpus), "--out", str(folder / "model"), "--quick", "--json")
    assert trained.returncode == 0, trained.stderr
    assert json.loads(trained.stdout)["documents"] == 60
    return folder


def test_samples_are_labelled_documents(paperwork: Path, command: Command) -> None:
    """What `smartcat samples` prints, `smartcat train` learns from and `smartcat classify` classifies."""
    model, corpus = str(paperwork / "model"), str(paperwork / "paperwork.jsonl")
    classified = command("classify", "--model", model, corpus)
    assert classified.code == 0, classified.err
    assert len([json.loads(line) for line in classified.out.splitlines()]) == 60
    evaluated = command("evaluate", model, corpus)
    assert evaluated.code == 0, evaluated.err
    assert "accuracy" in evaluated.out


def test_an_unreadable_input_is_reported_and_the_others_are_classified(
    paperwork: Path, tmp_path: Path, command: Command
) -> None:
    """Bad inputs are listed with their reason and make the exit code 1; what was good is printed."""
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_text('{"id":"good","text":"x"}\n{"id":"bad"}\n{"id":"fine","text":"y"}\n')
    done = command("classify", "--model", str(paperwork / "model"), str(mixed))
    assert done.code == 1
    assert len(done.out.splitlines()) == 2
    assert "mixed.jsonl:2" in done.err
    strict = command("classify", "--model", str(paperwork / "model"), "--strict", str(mixed))
    assert strict.code == 1
    assert strict.err.startswith("error: ")
    assert "mixed.jsonl:2" in strict.err


def test_labels_with_markup_are_shown_as_they_are(tmp_path: Path, command: Command) -> None:
    """A label in brackets is a label, no style: not in tables, not in notes, and never an error of rich."""
    corpus, other = tmp_path / "corpus.jsonl", tmp_path / "other.jsonl"
    rows = [
        {"id": str(n), "label": "[/]" if n % 2 else "[bold]:key:", "text": f"w{n % 2} " * (9 + n)}
        for n in range(12)
    ]
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows))
    other.write_text(json.dumps({"id": "1", "label": "[red]new", "text": "w1"}) + "\n")
    trained = command("train", str(corpus), "--out", str(tmp_path / "model"), "--quick")
    assert trained.code == 0, trained.err
    shown = command("evaluate", str(tmp_path / "model"), str(corpus), str(other))
    assert shown.code == 0, shown.err
    assert "[/]" in shown.out
    assert "[bold]:key:" in shown.out
    assert "[red]new" in shown.err


def test_an_empty_input_is_said(paperwork: Path, tmp_path: Path, command: Command) -> None:
    """Nothing to classify is no failure, and no silence either."""
    (tmp_path / "empty.jsonl").touch()
    done = command("classify", "--model", str(paperwork / "model"), str(tmp_path / "empty.jsonl"))
    assert (done.code, done.out, done.err) == (0, "", "note: the inputs contain no documents\n")


def test_the_demo_deletes_nothing_but_its_own_logs(tmp_path: Path, command: Command) -> None:
    """A folder that already has logs of something else keeps them; those of an earlier demo go."""
    mine, old = tmp_path / "logs" / "mine.log", tmp_path / "logs" / "smartcat-classifier" / "old.log"
    old.parent.mkdir(parents=True)
    mine.touch()
    old.touch()
    done = command("demo", "--documents", str(tmp_path / "missing.jsonl"), "--out", str(tmp_path))
    assert done.code == 1
    assert mine.exists()
    assert not old.exists()
