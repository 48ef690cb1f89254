"""The wheel alone does the work: outside the clone, beside other people's packages of the names ours had."""

import base64
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from smartcat.distribution import EXTRAS, NAME
from support.tables import WAIT_FOR_RESULTS
from support.wheel import (
    PACKAGES,
    ROOT,
    build_wheel,
    clean_environment,
    folder_of_strangers,
    install_wheel,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.local_only("installs the wheel here, and runs it on local AWS"),
]

# An event as Kinesis hands it over, to the handler as Lambda finds it.
HANDLE = """
import json, sys
from types import SimpleNamespace
from stream_processor.handler import handler
context = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
answer = handler(json.load(sys.stdin), context)
print(json.dumps([answer, sys.modules["stream_processor"].__file__]))
"""


class Installed:
    """An environment with the wheel, and the folder that its program is run in."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.python = python
        self.folder = folder

    def run(
        self, *arguments: str, stdin: str | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run its interpreter."""
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=self.folder,
            env=clean_environment(**variables),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def smartcat(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the program in the way that finds packages of the folder it stands in first."""
        return self.run("-m", "smartcat", *arguments, **variables)

    def done(self, *arguments: str, **variables: str) -> str:
        """Run the program, which must succeed, and give what it printed."""
        process = self.smartcat(*arguments, **variables)
        assert process.returncode == 0, process.stderr
        return process.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def plain(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel with the base dependencies alone."""
    folder = tmp_path_factory.mktemp("plain")
    return Installed(install_wheel(wheel, folder / "python"), folder_of_strangers(folder / "work"))


@pytest.fixture(scope="module")
def full(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel with all extras, a corpus and a model that it trained."""
    folder = tmp_path_factory.mktemp("full")
    installed = Installed(
        install_wheel(wheel, folder / "python", "all"), folder_of_strangers(folder / "work")
    )
    corpus = installed.done("samples", "--count", "60", "--seed", "3")
    (installed.folder / "corpus.jsonl").write_text(corpus, "utf-8")
    installed.done("train", "corpus.jsonl", "--out", "model", "--quick")
    return installed


@pytest.fixture(scope="module")
def local(full: Installed) -> Iterator[Mapping[str, str]]:
    """Local AWS from the wheel with the whole system in it; gives the variables it exports."""
    command = [str(full.python), "-m", "smartcat", "local", "--port", "0", "--json", "--model", "model"]
    with subprocess.Popen(
        command, cwd=full.folder, env=clean_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["environment"]
        finally:
            process.terminate()
    assert process.returncode == 0


def test_it_installs_three_names_and_all_of_our_files(wheel: Path) -> None:
    """No generic name, no tests; every module and every file beside one; the engine where a compiler is."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        described = archive.read(metadata).decode()
    tops = {name.split("/")[0] for name in names}
    assert tops - {metadata.split("/")[0]} == set(PACKAGES)
    assert f"\nName: {NAME}\n" in described
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".so"}
    }
    assert len(ours) > 300
    assert sorted(ours - names) == []
    if any(map(shutil.which, ("cc", "gcc", "clang"))):
        assert "smartcat/classifier/_native.abi3.so" in names


def test_a_plain_install_answers(plain: Installed) -> None:
    """Version, help and generated documents need no extra."""
    libraries = sorted(library for library, extra in EXTRAS.items() if extra)
    there = plain.run(
        "-c", f"from importlib.util import find_spec; print([n for n in {libraries} if find_spec(n)])"
    )
    assert there.stdout == "[]\n", "an extra leaked into the plain environment"
    assert plain.done("--version").startswith("smartcat ")
    assert "produce" in plain.done("--help")
    assert "--dry-run" in plain.done("produce", "--help")
    assert len(plain.done("samples", "--count", "12").splitlines()) == 12
    command = plain.python.with_name("smartcat")
    assert subprocess.run([command, "--version"], capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    ("command", "requirement"),
    [
        ("train labelled.jsonl --out model", "'scikit-learn<2,>=1.7'"),
        ("evaluate model labelled.jsonl", "'scikit-learn<2,>=1.7'"),
        ("produce --dry-run labelled.jsonl", "'boto3>=1.36'"),
        ("local --port 0", "'moto[dynamodb,kinesis,s3,server,sqs]<6,>=5.1'"),
        ("demo --count 10", "'aws-lambda-powertools<4,>=3.4'"),
    ],
)
def test_what_a_plain_install_lacks_is_one_line(plain: Installed, command: str, requirement: str) -> None:
    """The line is a command for this very environment, and names the libraries that are missing."""
    process = plain.smartcat(*command.split())
    assert (process.returncode, process.stdout, process.stderr.count("\n")) == (1, "", 1)
    assert f"is not installed: {plain.python} -m pip install " in process.stderr
    assert requirement in process.stderr


def test_it_trains_classifies_and_says_what_it_would_send(full: Installed) -> None:
    """With packages of our former names in the folder, the program imports its own."""
    labels = full.done("classify", "--model", "model", "corpus.jsonl").splitlines()
    assert len(labels) == 60
    assert all(json.loads(line)["label"] for line in labels)
    assert json.loads(full.done("produce", "--dry-run", "--json", "corpus.jsonl"))["documents"] == 60


def test_its_handler_serves_a_stream(full: Installed, local: Mapping[str, str]) -> None:
    """Under a mapping of local AWS, which runs it from the zip that the wheel makes of itself."""
    full.done("produce", "corpus.jsonl", **local)
    process = full.run("-c", WAIT_FOR_RESULTS, "60", **local)
    assert process.returncode == 0, process.stderr


def test_its_handler_can_be_imported_beside_strangers(full: Installed, local: Mapping[str, str]) -> None:
    """Called from the folder, it stores a result and leaves nothing for a second attempt."""
    settings = {"SMARTCAT_MODEL": "model", "SMARTCAT_WRITE_UNITS_PER_SECOND": "10"}
    process = full.run("-c", HANDLE, stdin=json.dumps(event("by-hand")), **local, **settings)
    assert process.returncode == 0, process.stderr
    answer, file = json.loads(process.stdout.splitlines()[-1])
    assert answer == {"batchItemFailures": []}
    assert Path(file).is_relative_to(full.python.parents[1])
    assert "by-hand" in full.done("results", "get", "by-hand", **local)


def event(document_id: str) -> dict[str, Any]:
    """Make the event of a mapping that delivers one document."""
    document = json.dumps({"document_id": document_id, "text": "Gehaltsabrechnung Brutto Netto"})
    number = f"4954{7:052d}"
    kinesis = {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": document_id,
        "sequenceNumber": number,
        "data": base64.b64encode(document.encode()).decode(),
        "approximateArrivalTimestamp": 1767225600.0,
    }
    record = {
        "kinesis": kinesis,
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000000:{number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/wheel",
        "awsRegion": "eu-central-1",
        "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/wheel",
    }
    return {"Records": [record]}
