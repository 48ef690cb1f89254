"""Commands of several steps: broken off between any two and given again, each ends where it should."""

from __future__ import annotations

import functools
import json
import os
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient

from smartcat.cli.feedback.corrections_table import create_corrections_table
from stream_processor.storage_format.quarantine_object import RejectedRecord, object_body, object_key
from stream_processor.storage_format.record_position import RecordPosition

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.models import TwoModels

    Command = Callable[..., Any]

PLACE = "s3://artifacts/papers"
LAMBDA = ("--function", "classifier")
ALIAS = (*LAMBDA, "--alias", "live")
READS = ("Describe", "Get", "Head", "List", "Query", "Scan")
MOMENT = datetime(2026, 1, 3, 4, 5, 6, tzinfo=UTC)
CORRECTIONS = 26
"""More than one request holds."""


class Killed(BaseException):
    """The end of the process: nothing of ours handles it."""


@dataclass
class Steps:
    """Counts the steps of a command, and kills it before one of them."""

    fatal: int = 0
    seen: list[str] = field(default_factory=list)

    def begin(self, name: str) -> None:
        """Note a step that is about to change something.

        Raises:
            Killed: It is the fatal one.
        """
        # The producer's threads send by themselves, and have retries and tests of their own.
        if threading.current_thread() is threading.main_thread() and not name.startswith(READS):
            self.seen.append(name)
            if len(self.seen) == self.fatal:
                raise Killed(name)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    """The steps of what runs now: calls of AWS that change something, and files that get their name."""
    steps, call, replace = Steps(), BaseClient._make_api_call, os.replace  # type: ignore[attr-defined]

    def make_call(client: Any, operation: str, arguments: Any) -> Any:
        steps.begin(operation)
        return call(client, operation, arguments)

    def replaced(*arguments: Any, **more: Any) -> None:
        steps.begin("replace")
        replace(*arguments, **more)

    monkeypatch.setattr(BaseClient, "_make_api_call", make_call)
    monkeypatch.setattr(os, "replace", replaced)
    return steps


@dataclass
class World:
    """What a command changes: brought back to where it was before, and read."""

    restore: Callable[[], None]
    state: Callable[[], Any]
    words: dict[str, Any]


@pytest.fixture
def published(command: Command, models: TwoModels, function: Any, s3: Any) -> World:
    """Two published versions, the second one promoted and served."""
    for model in (models.first, models.second):
        assert command("model", "publish", str(model), PLACE, "--promote").code == 0
    before = s3.get_object(Bucket="artifacts", Key="papers/current.json")["Body"].read()
    variables = {"SMARTCAT_MODEL": f"{PLACE}/versions/{models.versions[1]}/"}

    def restore() -> None:
        s3.put_object(Bucket="artifacts", Key="papers/current.json", Body=before)
        function.update_function_configuration(
            FunctionName="classifier", Environment={"Variables": variables}
        )
        version = function.publish_version(FunctionName="classifier")["Version"]
        function.update_alias(FunctionName="classifier", Name="live", FunctionVersion=version)

    def state() -> Any:
        read = functools.partial(function.get_function_configuration, FunctionName="classifier")
        return pointer(s3), [each["Environment"]["Variables"] for each in (read(), read(Qualifier="live"))]

    first, second = models.versions
    return World(restore, state, {"first": first, "second": second, "model": models.first})


def pointer(s3: Any) -> Any:
    """Return the pointer, without its times."""
    found = json.load(s3.get_object(Bucket="artifacts", Key="papers/current.json")["Body"])
    moves = [(each["kind"], each["model_version"]) for each in (found, *found["history"])]
    return moves, found["before"], found.get("switching")


@pytest.fixture
def corrections(account: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """An empty table of corrections, and a file of some."""
    dynamodb = account("dynamodb")
    monkeypatch.setenv("SMARTCAT_CORRECTIONS_TABLE", create_corrections_table(dynamodb, "corrections"))
    lines = [json.dumps({"id": f"d{number}", "label": "invoice"}) for number in range(CORRECTIONS)]
    (tmp_path / "corrections.jsonl").write_text("\n".join(lines), "utf-8")

    def restore() -> None:
        for item in dynamodb.scan(TableName="corrections")["Items"]:
            key = {name: item[name] for name in ("document_id", "corrected_at")}
            dynamodb.delete_item(TableName="corrections", Key=key)

    def state() -> Any:
        items = dynamodb.scan(TableName="corrections")["Items"]
        return sorted((item["document_id"]["S"], item["label"]["S"]) for item in items)

    return World(restore, state, {"folder": tmp_path})


@pytest.fixture
def quarantined(account: Callable[[str], Any], s3: Any) -> World:
    """Three rejected records, and the stream they came from."""
    s3.create_bucket(Bucket="quarantine")
    kinesis = account("kinesis")
    kinesis.create_stream(StreamName="documents", ShardCount=1)
    for _ in range(3):  # what is replayed gets later numbers than it had
        kinesis.put_record(StreamName="documents", Data=b"earlier", PartitionKey="k")

    def restore() -> None:
        for number in range(1, 4):
            place = RecordPosition("documents", "shardId-000000000000", str(number), None, "k", MOMENT)
            rejected = RejectedRecord(place, "too_large", "why", b'{"document_id": "a", "text": "b"}')
            key, body = object_key("quarantine/", rejected), object_body(rejected)
            s3.put_object(Bucket="quarantine", Key=key, Body=body)

    def state() -> Any:
        return s3.list_objects_v2(Bucket="quarantine").get("Contents", ())

    return World(restore, state, {})


@pytest.fixture
def files(account: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A folder without files, and a table of corrections with one of them."""
    dynamodb, folder = account("dynamodb"), tmp_path / "files"
    monkeypatch.setenv("SMARTCAT_CORRECTIONS_TABLE", create_corrections_table(dynamodb, "corrections"))
    item = {"document_id": "d", "corrected_at": "2026-01-03T04:05:06.000007Z-00000000", "label": "invoice"}
    dynamodb.put_item(TableName="corrections", Item={name: {"S": text} for name, text in item.items()})
    folder.mkdir()

    def restore() -> None:
        for path in folder.iterdir():
            path.unlink()

    def state() -> Any:
        return {path.name: path.read_text("utf-8") for path in folder.iterdir()}

    return World(restore, state, {"folder": folder})


COMMANDS = {
    "publish and promote": ("published", ["model", "publish", "{model}", PLACE, "--promote", *LAMBDA], 4),
    "promote": ("published", ["model", "promote", "{first}", PLACE], 1),
    "promote with an alias": ("published", ["model", "promote", "{first}", PLACE, *ALIAS], 6),
    "rollback": ("published", ["model", "rollback", PLACE], 1),
    "rollback with a function": ("published", ["model", "rollback", PLACE, *LAMBDA], 4),
    "rollback with an alias": ("published", ["model", "rollback", PLACE, *ALIAS], 6),
    "rollback to": ("published", ["model", "rollback", PLACE, "--to", "{first}", *LAMBDA], 4),
    "rollback from": ("published", ["model", "rollback", PLACE, "--from", "{second}", *LAMBDA], 4),
    "feedback": ("corrections", ["feedback", "--from", "{folder}/corrections.jsonl"], 2),
    "export": ("files", ["feedback", "--export", "{folder}/export.jsonl"], 1),
    "replay": (
        "quarantined",
        ["replay", "--stream", "documents", "--quarantine", "quarantine", "--yes"],
        1,
    ),
    "plan": ("files", ["plan", "--documents-per-day", "1000", "--out", "{folder}/terraform.tfvars"], 1),
}
"""Commands: what they work on, and how many steps each has at least. Uploads have a test of their own."""


@pytest.mark.parametrize(("world", "arguments", "at_least"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_that_was_broken_off_can_be_given_again(
    request: pytest.FixtureRequest, command: Command, world: str, arguments: list[str], at_least: int
) -> None:
    """Killed before any of its steps, it reaches the same end at the second attempt."""
    around: World = request.getfixturevalue(world)
    steps: Steps = request.getfixturevalue("steps")
    given = [each.format(**around.words) for each in arguments]

    def attempt(fatal: int) -> Any:
        steps.fatal = 0
        around.restore()
        steps.seen.clear()
        steps.fatal = fatal
        return command(*given)

    done = attempt(0)
    assert done.code == 0, done.err
    wanted, names = around.state(), list(steps.seen)
    assert len(names) >= at_least, names
    for fatal, name in enumerate(names, start=1):
        with pytest.raises(Killed, match=name):
            attempt(fatal)
        steps.fatal = 0
        again = command(*given)
        assert again.code == 0, (name, again.err)
        assert around.state() == wanted, name
