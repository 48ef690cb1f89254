from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.cli.models.pointer import MAX_NOTE_CHARS
from support.models import published_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.models import TwoModels

    Command = Callable[..., Any]

PLACE = "s3://artifacts/papers"


def pin(version: str) -> str:
    """What a function is set to."""
    return f"{PLACE}/versions/{version}/"


@pytest.mark.usefixtures("s3")
def test_from_publishing_to_going_back(command: Command, models: TwoModels) -> None:
    """Standard output carries what a script needs, standard error what a person reads."""
    first, second = models.versions
    done = command("model", "publish", str(models.first), PLACE)
    assert (done.code, done.out) == (0, f"{pin(first)}\n")
    assert f"published {first}: {len(published_files(models.first))} files" in done.err
    again = command("model", "publish", str(models.first), PLACE)
    assert (again.out, again.err) == (done.out, f"{first} was already published with the same content\n")
    done = command("model", "publish", str(models.second), PLACE, "--promote", "--by", "anna")
    assert done.out == f"{pin(second)}\nSMARTCAT_MODEL={pin(second)}\n"
    assert f"promoted {second}\n" in done.err
    done = command("model", "promote", first, PLACE, "--note", "fewer errors on letters")
    assert (done.out, done.err) == (
        f"SMARTCAT_MODEL={pin(first)}\n",
        f"promoted {first} (previously {second})\n",
    )
    assert "is already the promoted version" in command("model", "promote", first, PLACE).err
    listed = command("model", "list", PLACE)
    assert [line.split() for line in listed.out.splitlines()][1:] == [
        [second, "2026-01-02T00:00", "3", "36", *listed.out.splitlines()[1].split()[4:]],
        [first, "2026-01-01T00:00", "3", "36", *listed.out.splitlines()[2].split()[4:]],
    ]
    assert listed.out.splitlines()[2].split()[-1] == "promoted"
    done = command("model", "rollback", PLACE, "--from", first)
    assert (done.out, done.err) == (
        f"SMARTCAT_MODEL={pin(second)}\n",
        f"rolled back to {second} (previously {first})\n",
    )
    done = command("model", "rollback", PLACE)
    assert done.code == 1
    assert done.err == f"error: {second} was promoted first; there is no version to roll back to\n"


@pytest.mark.usefixtures("s3")
def test_scripts_get_json(command: Command, models: TwoModels, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for each thing done, or each version; the place may come from the environment."""
    monkeypatch.setenv("SMARTCAT_MODELS", PLACE)
    first, second = models.versions
    done = command("model", "publish", str(models.first), "--promote", "--json")
    published, promoted = map(json.loads, done.out.splitlines())
    assert (published["model_version"], published["location"]) == (first, pin(first))
    assert promoted == {"model_version": first, "before": None, "moved": True, "location": pin(first)}
    command("model", "publish", str(models.second))
    rows = [json.loads(line) for line in command("model", "list", "--json").out.splitlines()]
    assert [(row["model_version"], row["promoted"], row["labels"]) for row in rows] == [
        (second, False, 3),
        (first, True, 3),
    ]


@pytest.mark.usefixtures("s3")
def test_the_function_is_given_the_model(command: Command, models: TwoModels, function: Any) -> None:
    """Promoting with an alias leads it to a new version of the function; a rollback does the same."""
    first, second = models.versions
    for model in (models.first, models.second):
        command("model", "publish", str(model), PLACE)
    serving = ("--function", "classifier", "--alias", "live")
    done = command("model", "promote", first, PLACE, *serving)
    assert done.code == 0, done.err
    assert "function classifier (alias live) now serves it, version 2 of the function" in done.err
    variables = function.get_function_configuration(FunctionName="classifier", Qualifier="live")[
        "Environment"
    ]
    assert variables["Variables"] == {"SMARTCAT_MODEL": pin(first), "SMARTCAT_TABLE": "results"}
    command("model", "promote", second, PLACE, *serving)
    assert "promoted, served" in command("model", "list", PLACE, *serving).out
    assert command("model", "rollback", PLACE, *serving).code == 0
    assert function.get_alias(FunctionName="classifier", Name="live")["FunctionVersion"] == "4"
    done = command("model", "promote", second, PLACE, "--function", "classifier")
    assert "note: its alias live points to an earlier version" in done.err
    listed = command("model", "list", PLACE, *serving, "--json")
    assert [json.loads(line)["served"] for line in listed.out.splitlines()] == [False, True]
    assert f"note: the function serves {pin(first)}, which is not the promoted version" in listed.err
    assert "already serves it" in command("model", "promote", second, PLACE, "--function", "classifier").err


@pytest.mark.parametrize(
    ("serving", "said"),
    [
        (["--function", "clasifier"], "no function 'clasifier'"),
        (["--function", "classifier", "--alias", "life"], "no function 'classifier' with an alias 'life'"),
        (["--function", "other"], "function other has no variable SMARTCAT_MODEL: it serves no model"),
        (["--function", "classifier", "--alias", "split"], "alias split of classifier splits traffic"),
    ],
)
def test_a_function_that_cannot_be_switched_leaves_everything(
    command: Command, models: TwoModels, s3: Any, function: Any, serving: list[str], said: str
) -> None:
    """It is looked at first: nothing is uploaded, promoted or rolled back, however often it is tried."""
    function.create_alias(
        FunctionName="classifier",
        Name="split",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}},
    )
    first, second = models.versions
    done = command("model", "publish", str(models.first), PLACE, "--promote", *serving)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {said}")
    assert "Contents" not in s3.list_objects_v2(Bucket="artifacts")
    for model in (models.first, models.second):
        command("model", "publish", str(model), PLACE, "--promote")
    pointer = s3.get_object(Bucket="artifacts", Key="papers/current.json")["Body"].read()
    for arguments in (["promote", first, PLACE], ["rollback", PLACE], ["rollback", PLACE, "--from", second]):
        done = command("model", *arguments, *serving)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"error: {said}")
    assert s3.get_object(Bucket="artifacts", Key="papers/current.json")["Body"].read() == pointer


@pytest.mark.usefixtures("s3")
def test_a_rollback_first_brings_the_function_along(
    command: Command, models: TwoModels, function: Any
) -> None:
    """Where the pointer went back without the function, the next rollback finishes that first."""
    first, second = models.versions
    for model in (models.first, models.second, models.first):
        command("model", "publish", str(model), PLACE)
    for version in (first, second, first):
        command("model", "promote", version, PLACE, "--function", "classifier")
    command("model", "rollback", PLACE)
    done = command("model", "rollback", PLACE, "--function", "classifier")
    assert (done.code, done.out) == (0, f"SMARTCAT_MODEL={pin(second)}\n")
    assert done.err.startswith(f"the rollback to {second} was not finished; finishing it\n")
    variables = function.get_function_configuration(FunctionName="classifier")["Environment"]["Variables"]
    assert variables["SMARTCAT_MODEL"] == pin(second)
    done = command("model", "rollback", PLACE, "--function", "classifier")
    assert f"rolled back to {first} (previously {second})\n" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["list", "s3://nowhere-there/"], 1, "no bucket 'nowhere-there'"),
        (["list", "papers"], 1, "papers: expected s3://bucket/prefix"),
        (["list", f"{PLACE}/versions/0123456789ab/"], 1, "the prefix that holds all versions"),
        (["promote", "0123456789ab", f"{PLACE}s"], 1, "is not published at s3://artifacts/paperss/"),
        (["promote", "latest", PLACE], 1, "'latest' is not a model version"),
        (["rollback", PLACE], 1, "no version was promoted yet at s3://artifacts/papers/"),
        (["rollback", PLACE, "--to", "1"], 1, "'1' is not a model version"),
        (["publish", ".", PLACE], 1, "it has no manifest.json"),
        (["publish", "no-such-folder", PLACE], 1, "no such model directory"),
        (["publish", ".", PLACE, "--note", "x"], 2, "--promote"),
        (["promote", "0123456789ab", PLACE, "--alias", "live"], 2, "--alias"),
        (
            ["promote", "0123456789ab", PLACE, "--note", "x" * (MAX_NOTE_CHARS + 1)],
            2,
            "note: expected at most",
        ),
        (["promote", "0123456789ab", PLACE, "--by", "\x1b[2J"], 2, "by: should hold printable"),
        (["promote", "0123456789ab"], 2, "LOCATION"),
    ],
)
@pytest.mark.usefixtures("s3")
def test_what_is_wrong_is_one_line(
    command: Command,
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wrong bucket, prefix, version or directory: the line names it, and nothing was done."""
    monkeypatch.chdir(tmp_path)
    done = command("model", *arguments)
    assert done.code == code
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert said in done.err


def test_no_network_is_one_line(command: Command, models: TwoModels, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that nobody serves."""
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    done = command("model", "publish", str(models.first), PLACE)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: Could not connect")


def test_a_switch_that_was_not_finished_is_listed(command: Command, models: TwoModels, s3: Any) -> None:
    """Whoever looks at the versions sees that a function has not followed yet."""
    command("model", "publish", str(models.first), PLACE, "--promote")
    stored = {"Bucket": "artifacts", "Key": "papers/current.json"}
    pointer = json.load(s3.get_object(**stored)["Body"])
    s3.put_object(**stored, Body=json.dumps({**pointer, "switching": "classifier:live"}).encode())
    said = "note: function classifier:live was not yet seen to serve the promoted version\n"
    assert command("model", "list", PLACE).err == said


def test_an_empty_place_is_said(command: Command, s3: Any) -> None:
    """A mistyped prefix looks like one, and so it is named; what is broken is said below the list."""
    done = command("model", "list", PLACE)
    assert (done.code, done.out) == (0, "")
    assert done.err == "note: no version is published at s3://artifacts/papers/\n"
    s3.put_object(Bucket="artifacts", Key="papers/versions/0123456789ab/manifest.json", Body=b"{}")
    s3.put_object(Bucket="artifacts", Key="papers/versions/ba9876543210/w", Body=b"")
    s3.put_object(Bucket="artifacts", Key="papers/current.json", Body=b"{}")
    done = command("model", "list", PLACE)
    assert done.out.splitlines()[1].split() == ["0123456789ab", "?", "?", "?", "?", "0.0"]
    assert [line[:30] for line in done.err.splitlines()] == [
        "note: 0123456789ab cannot be u",
        "note: ba9876543210 is incomple",
        "note: s3://artifacts/papers/cu",
    ]
