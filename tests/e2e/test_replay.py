"""What was put aside goes back, by the command line, until everything is stored and nothing is undone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from producers.producer import Producer
from smartcat.cli.deployment import DeploymentOptions
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from support.cli import smartcat
from support.system import System

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.local_only("changes the function's settings, which Terraform owns elsewhere"),
]

Start = Callable[[Path, DeploymentOptions], System]

SMALL = {"SMARTCAT_MAX_DOCUMENT_BYTES": "1024"}
"""Under this limit a document of 2,000 characters is poison."""


def document(name: str, words: str = "Gehaltsabrechnung Brutto Netto", *, long: bool = False) -> Document:
    """Make a document; a long one is too large for a small limit."""
    return Document(document_id=name, text=f"{words} " * (2000 // len(words) if long else 1))


@pytest.fixture(scope="module")
def system(paperwork_model: Path, start_system: Start) -> System:
    """Two shards, and a function that finds ordinary documents too large until its limit is raised."""
    options = DeploymentOptions(name="replay", shards=2, write_units=200, function_environment=SMALL)
    return start_system(paperwork_model, options)


def put(system: System, *records: tuple[bytes, str]) -> None:
    """Put records, in order."""
    with Producer(system.deployment.stream, client=system.aws.client("kinesis", attempts=1)) as producer:
        for data, key in records:
            producer.put_raw(data, key)


def configure(system: System, **changes: Any) -> None:
    """Change the function's variables; environments with the old ones end."""
    client = system.aws.client("lambda")
    before = client.get_function_configuration(FunctionName=system.deployment.function)
    variables = {**before["Environment"]["Variables"], **changes}
    client.update_function_configuration(
        FunctionName=system.deployment.function, Environment={"Variables": variables}
    )
    client.get_waiter("function_updated_v2").wait(FunctionName=system.deployment.function)


def replay(system: System, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run the command, and give its figures."""
    done = smartcat("replay", *arguments, "--json", environment=system.environment)
    assert done.returncode == code, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def items(system: System) -> dict[str, dict[str, Any]]:
    """Every item, by document id."""
    found = system.aws.client("dynamodb").scan(TableName=system.deployment.table, ConsistentRead=True)[
        "Items"
    ]
    return {item["document_id"]["S"]: item for item in found}


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait for a condition, and fail with its name at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def drained(system: System) -> bool:
    """Whether the mapping has nothing left to deliver."""
    return bool(system.aws.gauges()["mappings"][system.deployment.mapping_id]["backlog"] == 0)


def test_what_was_too_large_is_stored_once_the_limit_is_raised(system: System) -> None:
    """Every record is accounted for after a replay, and an old version leaves the newer result as it is.

    Documents, the parts of an aggregate, and an old version of a document that has a newer result are put
    back in one go. Each result is the one that the first delivery would have given.
    """
    long = [document(f"long-{number}", long=True) for number in range(30)]
    packed = [UserRecord(f"packed-{n}", to_bytes(document(f"packed-{n}", long=n % 2 == 1))) for n in range(6)]
    put(
        system,
        *((to_bytes(each), each.document_id) for each in long),
        (pack(packed), "some other key"),
        (to_bytes(document("twice", long=True)), "twice"),
    )
    put(system, (to_bytes(document("twice", "Mietvertrag Kaution")), "twice"))
    system.wait_until_done(30 + 6 + 2)
    aside = {
        entry["partition_key"]: entry
        for entry in system.quarantine_objects()
        if entry["reason"] == "too_large"
    }
    assert len(aside) == 30 + 3 + 1
    before = items(system)["twice"]

    shown = replay(system, "--reason", "too_large")
    assert [(group["reason"], group["records"]) for group in shown["reasons"]] == [("too_large", 34)]
    assert len(system.quarantine_objects()) == 34  # looking changes nothing

    # Still poison: it comes back to the quarantine, remembers its first place, and is put back once a run.
    still = replay(system, "--yes", "--id", "long-0")
    assert (still["accepted"], still["deleted"]) == (1, 1)
    wait_until(lambda: "long-0" in {entry["partition_key"] for entry in system.quarantine_objects()}, "back")
    (again,) = [entry for entry in system.quarantine_objects() if entry["partition_key"] == "long-0"]
    assert (
        again["origin"]["sequence_number"] == aside["long-0"]["sequence_number"] != again["sequence_number"]
    )

    configure(system, SMARTCAT_MAX_DOCUMENT_BYTES="1000000")
    done = replay(system, "--yes", "--reason", "too_large")
    assert (done["accepted"], done["deleted"], done["left"]) == (34, 34, {})
    wait_until(lambda: len(items(system)) == 30 + 6 + 1 and drained(system), "all are stored")
    assert system.quarantine_objects() == []
    assert items(system)["twice"] == before
    for name, entry in aside.items():
        if name != "twice":
            place = {field: items(system)[name][field]["S"] for field in ("shard_id", "sequence_number")}
            assert place == {field: entry[field] for field in place}
            assert items(system)[name]["arrived_at"]["S"] == entry["arrived_at"]
    assert replay(system, "--yes")["records"] == 0


def test_what_the_mapping_gave_up_is_stored_once_the_function_starts(
    paperwork_model: Path, start_system: Start
) -> None:
    """A batch in the failure destination goes back record by record; repeating it changes nothing."""
    options = DeploymentOptions(
        name="given-up",
        shards=1,
        write_units=200,
        max_retries=0,
        function_environment={"SMARTCAT_TABLE": " "},
    )
    system = start_system(paperwork_model, options)
    s3, bucket = system.aws.client("s3"), system.deployment.failures_bucket
    packed = [UserRecord(f"packed-{n}", to_bytes(document(f"packed-{n}"))) for n in range(3)]
    put(
        system,
        (to_bytes(document("old", "Grundbuch")), "old"),
        (to_bytes(document("twice", "Grundbuch")), "twice"),
        (pack(packed), "packed"),
    )
    wait_until(lambda: drained(system) and s3.list_objects_v2(Bucket=bucket).get("Contents"), "given up")
    configure(system, SMARTCAT_TABLE=system.deployment.table)
    put(system, (to_bytes(document("twice", "Mietvertrag Kaution")), "twice"))
    wait_until(lambda: "twice" in items(system), "the newer version is stored")
    newer = items(system)["twice"]

    kept = replay(system, "--yes", "--keep", "--reason", "RetryAttemptsExhausted")
    assert (kept["accepted"], kept["deleted"]) == (5, 0)
    wait_until(lambda: len(items(system)) == 5 and drained(system), "all are stored")
    first = items(system)
    done = replay(system, "--yes")
    assert (done["accepted"], done["left"]) == (5, {})
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    wait_until(lambda: drained(system), "the repetition is dealt with")
    assert items(system) == first
    assert first["twice"] == newer
    assert system.quarantine_objects() == []
