"""`smartcat produce` on local AWS: killed and taken up again, with AWS away and back, and as documented."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.cli.local_aws_process import LocalAwsProcess
from support.cli import smartcat
from support.fault_proxy import FaultProxy, running_proxy
from support.pdfs import pdf_of
from support.stream_reader import documents_on

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.local_only("kills the command, takes AWS away, and reads the stream itself"),
]

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "produce.md").read_text("utf-8")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAwsProcess]:
    """Local AWS without a function: these tests read the stream themselves."""
    with LocalAwsProcess(logs=tmp_path_factory.mktemp("logs")) as process:
        yield process


def make_stream(aws: LocalAwsProcess, name: str) -> Any:
    """Make a stream of two shards, and give a client that reads it."""
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    return kinesis


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """Start the command as a shell would, to be killed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SMARTCAT_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "smartcat", "produce", *arguments],
        env=clean | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition: Any, what: str, seconds: float = 60.0) -> None:
    """Wait for a condition, and fail with its name at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def test_kill_minus_nine_in_mid_run_then_resume(aws: LocalAwsProcess, tmp_path: Path) -> None:
    """Each of 3,000 documents in folders, lines and rows arrives, and few arrive twice."""
    kinesis = make_stream(aws, "killed")
    scans, checkpoint = tmp_path / "scans", tmp_path / "c.json"
    (scans / "deep").mkdir(parents=True)
    noise = {number: os.urandom(3000).hex() for number in range(20)}
    expected = set()
    for number in range(1000):
        name = f"{'deep/' if number % 2 else ''}{number:04}.txt"
        (scans / name).write_text(noise[number % 20])
        expected.add(name)
    with (scans / "lines.jsonl").open("w") as lines, (tmp_path / "rows.csv").open("w") as rows:
        rows.write("id,text\n")
        for number in range(1000):
            lines.write(json.dumps({"id": f"l{number}", "text": noise[number % 20]}) + "\n")
            rows.write(f"r{number},{noise[number % 20]}\n")
            expected |= {f"l{number}", f"r{number}"}
    arguments = [
        str(scans),
        str(tmp_path / "rows.csv"),
        "--stream",
        "killed",
        "--checkpoint",
        str(checkpoint),
    ]
    kills = 0
    for later in (0.0, 0.1, 0.2):
        before = checkpoint.read_text() if checkpoint.exists() else ""
        with start(aws.environment, *arguments) as process:
            wait_until(
                lambda before=before, process=process: (
                    process.poll() is not None or (checkpoint.exists() and checkpoint.read_text() != before)
                ),
                "the checkpoint has moved",
            )
            time.sleep(later)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
    done = smartcat("produce", *arguments, "--json", environment=aws.environment)
    assert done.returncode == 0, done.stderr
    assert kills
    arrived = Counter(document.document_id for document in documents_on(kinesis, "killed"))
    assert set(arrived) == expected
    # What two shards take in the quarter of a second before each kill, and what was under way.
    assert arrived.total() - 3000 <= kills * 600
    assert json.loads(checkpoint.read_text())["finished"]
    again = smartcat("produce", *arguments, "--json", environment=aws.environment)
    assert json.loads(again.stdout)["accepted"] == 0


@pytest.fixture
def proxied(aws: LocalAwsProcess) -> Iterator[tuple[FaultProxy, dict[str, str]]]:
    """Local AWS through a proxy that can be cut off from it, and the environment of a client."""
    with running_proxy() as (proxy, url):
        yield proxy, aws.environment | {"AWS_ENDPOINT_URL": url}


def closed_port() -> str:
    """Give an address at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{held.getsockname()[1]}"


def test_without_aws_documents_are_kept_and_later_all_arrives_in_order(
    aws: LocalAwsProcess, tmp_path: Path
) -> None:
    """Two runs without AWS, one of them killed; the third run delivers both, and each id in order."""
    kinesis = make_stream(aws, "spooled")
    nobody = aws.environment | {"AWS_ENDPOINT_URL": closed_port()}
    texts = [f"version {number}" for number in range(12)]
    for part, name in ((texts[:6], "one"), (texts[6:], "two")):
        rows = [json.dumps({"id": f"d{n}", "text": text}) + "\n" for text in part for n in range(20)]
        (tmp_path / f"{name}.jsonl").write_text("".join(rows))
    spool = ["--spool", str(tmp_path / "spool"), "--stream", "spooled"]
    with start(nobody, str(tmp_path / "one.jsonl"), *spool) as process:
        wait_until(
            lambda: sum(each.stat().st_size for each in (tmp_path / "spool").glob("spool.*")) > 120 * 4000,
            "the spool has documents",
        )
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
    done = smartcat(
        "produce", str(tmp_path / "two.jsonl"), *spool, "--spool-wait", "0", "--json", environment=nobody
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["kept"] == 240
    assert "note: AWS cannot be reached" in done.stderr
    assert "error: AWS took nothing for 0 s" in done.stderr
    done = smartcat("produce", *spool, "--json", environment=aws.environment)
    assert done.returncode == 0, done.stderr
    arrived: dict[str, list[str]] = {}
    for document in documents_on(kinesis, "spooled"):
        arrived.setdefault(document.document_id, []).append(document.pages[0])
    assert arrived == {f"d{number}": texts for number in range(20)}


def test_a_running_command_waits_for_aws_to_come_back(
    aws: LocalAwsProcess, tmp_path: Path, proxied: tuple[FaultProxy, dict[str, str]]
) -> None:
    """The endpoint is down when the command starts and up later: one run, all delivered in order."""
    kinesis = make_stream(aws, "returning")
    proxy, environment = proxied
    proxy.backend = closed_port()
    rows = [json.dumps({"id": f"d{n % 7}", "text": f"{n:03}"}) + "\n" for n in range(200)]
    (tmp_path / "in.jsonl").write_text("".join(rows))
    spool = ["--spool", str(tmp_path / "spool"), "--stream", "returning", "--json"]
    with start(environment, str(tmp_path / "in.jsonl"), *spool) as process:
        wait_until(lambda: list((tmp_path / "spool").glob("spool.sqlite3-wal")), "documents are kept")
        proxy.backend = aws.endpoint_url
        out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    assert json.loads(out)["accepted"] == 200
    texts = [(document.document_id, document.pages[0]) for document in documents_on(kinesis, "returning")]
    for number in range(7):
        mine = [text for name, text in texts if name == f"d{number}"]
        assert mine == sorted(mine)
    assert len(texts) == 200


def test_ctrl_c_ends_in_order(aws: LocalAwsProcess, tmp_path: Path) -> None:
    """What was accepted is on the stream, the rest is said, and the exit code is 130."""
    kinesis = make_stream(aws, "interrupted")
    (tmp_path / "in.jsonl").write_text(
        "".join(json.dumps({"id": f"d{n}", "text": os.urandom(4000).hex()}) + "\n" for n in range(3000))
    )
    with start(aws.environment, str(tmp_path / "in.jsonl"), "--stream", "interrupted", "--json") as process:
        wait_until(lambda: documents_on(kinesis, "interrupted"), "the first documents arrived")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    found = json.loads(out)
    assert err.endswith("error: stopped by SIGINT\n")
    assert 0 < found["accepted"] < 3000
    assert found["failed"] == found["interrupted"]
    arrived = Counter(document.document_id for document in documents_on(kinesis, "interrupted"))
    assert found["accepted"] <= len(arrived)


def refused(environment: dict[str, str], *arguments: str) -> str:
    """Run the command, which must fail with one line, and give it."""
    done = smartcat("produce", *arguments, environment=environment)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def refused_after(aws: LocalAwsProcess, *arguments: str) -> str:
    """Run the command, which fails when it has sent, and give what it said."""
    done = smartcat("produce", *arguments, environment=aws.environment)
    assert done.returncode == 1
    return done.stderr


def test_what_cannot_work_is_one_line(aws: LocalAwsProcess, tmp_path: Path) -> None:
    """No such stream, no network, no credentials, no region: each is named, and nothing is sent."""
    (tmp_path / "a.txt").write_text("x")
    arguments = [str(tmp_path / "a.txt"), "--stream", "nowhere"]
    assert refused(aws.environment, *arguments).startswith("error: no stream 'nowhere' in ")
    assert refused({**aws.environment, "AWS_ENDPOINT_URL": closed_port()}, *arguments).startswith(
        "error: Could not connect to the endpoint URL"
    )
    unset = {"HOME": str(tmp_path), "AWS_DEFAULT_REGION": "eu-west-3"}
    assert refused(unset, *arguments) == "error: Unable to locate credentials\n"
    assert refused({"HOME": str(tmp_path)}, *arguments).startswith("error: You must specify a region.")
    # A spool waits for a network, and for nothing else.
    spool = ["--spool", str(tmp_path / "spool")]
    assert refused(aws.environment, *arguments, *spool).startswith("error: no stream 'nowhere' in ")
    assert refused(unset, *arguments, *spool) == "error: Unable to locate credentials\n"
    make_stream(aws, "somewhere")
    used = ["--stream", "somewhere", "--spool", str(tmp_path / "a.txt")]
    assert refused(aws.environment, *used) == f"error: {tmp_path}/a.txt: File exists\n"
    into = [str(tmp_path / "a.txt"), "--stream", "somewhere", "--checkpoint", str(tmp_path / "no" / "c.json")]
    assert f"error: {tmp_path}/no/c.json: cannot be written: No such file" in refused_after(aws, *into)


def test_every_command_of_the_page_does_what_it_says(aws: LocalAwsProcess, tmp_path: Path) -> None:
    """All shell blocks of docs/produce.md, one after the other, in a folder as they expect it."""
    kinesis = make_stream(aws, "smartcat-documents")
    (tmp_path / "scans" / "2024").mkdir(parents=True)
    (tmp_path / "scans" / "2024" / "letter.p1.txt").write_text("Kontoauszug")
    (tmp_path / "scans" / "2024" / "letter.p2.txt").write_text("Seite 2")
    (tmp_path / "scans" / "statement.pdf").write_bytes(pdf_of("Kontoauszug", "Seite 2"))
    (tmp_path / "list.csv").write_text("id;page1;page2\ncsv-1;Kaufvertrag;Seite 2\n")
    (tmp_path / "papers.jsonl").write_text('{"id":"line-1","text":"Mietvertrag"}\n')
    s3 = aws.client("s3")
    s3.create_bucket(
        Bucket="my-papers", CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
    )
    s3.put_object(Bucket="my-papers", Key="2024/object.txt", Body=b"Grundbuch\fSeite 2")
    s3.put_object(Bucket="my-papers", Key="2024/statement.pdf", Body=pdf_of("Kontoauszug"))
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 6
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SMARTCAT_"))}
    environment = clean | aws.environment
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}",
        "SMARTCAT_STREAM": "smartcat-documents",
        "NO_COLOR": "1",
    }
    for block in blocks:
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", block],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), block
    arrived = {
        document.document_id: document.pages for document in documents_on(kinesis, "smartcat-documents")
    }
    assert arrived == {
        "2024/letter": ("Kontoauszug", "Seite 2"),
        "statement.pdf": ("Kontoauszug", "Seite 2"),
        "csv-1": ("Kaufvertrag", "Seite 2"),
        "line-1": ("Mietvertrag",),
        "2024/object.txt": ("Grundbuch", "Seite 2"),
        "2024/statement.pdf": ("Kontoauszug",),
    }
