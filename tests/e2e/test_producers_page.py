"""The Python on the page about producers is run, on a local AWS; and its table is the benchmark's."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from smartcat.cli.local_aws_process import LocalAwsProcess

pytestmark = pytest.mark.local_only("runs the page's example on a local AWS of its own")

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "producers.md").read_text("utf-8")


@pytest.mark.e2e
def test_the_page_s_example_delivers_a_thousand_documents() -> None:
    """Every document prints its place, and the report says that none failed."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    with LocalAwsProcess() as aws:
        aws.client("kinesis").create_stream(StreamName="smartcat-documents", ShardCount=2)
        done = subprocess.run(
            [sys.executable, "-c", example],
            env=aws.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    *places, report = done.stdout.splitlines()
    assert len({line for line in places if re.fullmatch(r"letter-\d+ shardId-\d+ \d+ \d+", line)}) == 1000
    assert "accepted=1000, failed=()" in report


def test_the_page_s_figures_are_the_benchmark_s() -> None:
    """Each row of its tables is a way that benchmarks/results/producers.json holds, with the same figures."""
    results = json.loads((ROOT / "benchmarks" / "results" / "producers.json").read_text("utf-8"))
    rows = {
        f"| {way['way']} | {way['documents_per_second']:,.0f} | {way['byte_limit_used']:.1%} |"
        f" {way['throttled']:.2%} | {way['fewer_bytes']:.2f} |"
        for run in results.values()
        for way in run["ways"]
    }
    shown = re.findall(r"^(\| (?:boto3|aws-kinesis-agg|smartcat).*?\|(?: [^|]+\|){4})", PAGE, re.MULTILINE)
    assert len(shown) == len(rows)
    assert [row for row in shown if row not in rows] == []
