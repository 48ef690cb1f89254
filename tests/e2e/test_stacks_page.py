"""The commands on the page about stacks are run; and scanned letters come apart as the page says."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from support.cli import smartcat

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.local_only("all of it runs on this machine"),
]

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "stacks.md").read_text("utf-8")


def test_the_page_s_commands_split_a_pile(tmp_path: Path) -> None:
    """Most of the documents come out whole, and the pile's documents hold all of its pages."""
    (commands,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SMARTCAT_"))}
    shell = ["bash", "-euo", "pipefail", "-c", commands]
    done = subprocess.run(
        shell,
        cwd=tmp_path,
        env=clean | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (whole,) = re.findall(r"^([0-9.]+)% of the documents were split exactly", done.stdout, re.MULTILINE)
    assert float(whole) >= 60
    split = json.loads(done.stdout.splitlines()[-1])
    unseen = [json.loads(line) for line in (tmp_path / "unseen.jsonl").read_text("utf-8").splitlines()]
    documents = split["documents"]
    assert documents[0]["first"] == 1
    assert all(before["last"] + 1 == after["first"] for before, after in pairwise(documents))
    assert documents[-1]["last"] == len(split["page_labels"]) == sum(len(row["pages"]) for row in unseen)


@pytest.mark.corpus
def test_scanned_letters_come_apart(corpora: Path, tmp_path: Path) -> None:
    """First pages of unseen scans are told from later ones far better than by each page alone."""
    corpus, model = str(corpora / "tobacco800_pages.jsonl.gz"), str(tmp_path / "model")
    how = ("--join-pages", "--quick", "--features", "characters-and-head")
    trained = smartcat("train", corpus, "--split", "train", *how, "--out", model)
    assert trained.returncode == 0, trained.stderr
    judged = smartcat("evaluate", model, corpus, "--split", "test", "--join-pages", "--stacks", "--json")
    assert judged.returncode == 0, judged.stderr
    found = json.loads(judged.stdout)
    assert (found["documents"], found["pages"]) == (112, 241)
    assert found["cuts"]["accuracy"] >= 0.96 > found["alone"]["accuracy"]
    assert found["cuts"]["kappa"] >= 0.92
    assert found["whole"] >= 0.88
