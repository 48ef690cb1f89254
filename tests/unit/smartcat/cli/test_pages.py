"""The commands on the pages about shipping and feedback are run, in an emulated account."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.cli.feedback.corrections_table import create_corrections_table
from support.labelled import labelled_documents
from support.tables import create

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.models import TwoModels

DOCS = Path(__file__).resolve().parents[4] / "docs"


def lines_of(page: str) -> list[list[str]]:
    """Give the words of each line of a page's shell block."""
    (block,) = re.findall(r"```sh\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    return [shlex.split(line, comments=True) for line in block.splitlines()]


@pytest.fixture
def folder(
    account: Callable[[str], Any], models: TwoModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """What the pages presuppose: a model, labelled documents, and what `smartcat local --model` builds."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(models.first, tmp_path / "model")
    rows = [
        json.dumps({"id": each.document_id, "label": each.label, "pages": each.pages})
        for each in labelled_documents()
    ]
    (tmp_path / "labelled.jsonl").write_text("\n".join(rows))
    (tmp_path / "unseen.jsonl").write_text(json.dumps({"id": "sample-2-000000", "text": "total due"}))
    (tmp_path / "corrections.csv").write_text("id,label\ncontract-0,letter\n")
    account("s3").create_bucket(Bucket="smartcat-artifacts")
    monkeypatch.setenv("SMARTCAT_CORRECTIONS_TABLE", create_corrections_table(account("dynamodb"), "c"))
    monkeypatch.setenv("SMARTCAT_TABLE", "results")
    create(account("dynamodb"), "results", units=None, key="document_id")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("handler.py", "")
    account("lambda").create_function(
        FunctionName="smartcat-classifier",
        Runtime="python3.13",
        Role=account("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"],
        Handler="handler.handler",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": {"SMARTCAT_MODEL": "s3://old/"}},
    )
    return tmp_path


def run(page: str, command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Run a page's commands, all of which must succeed."""
    done = []
    for first, *words in lines_of(page):
        if first == "export":
            monkeypatch.setenv(*words[0].split("=", 1))
            continue
        assert first == "smartcat"
        done.append(command(*words))
        assert done[-1].code == 0, done[-1].err
    return done


@pytest.mark.usefixtures("folder")
def test_shipping_as_its_page_says(
    command: Callable[..., Any], account: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two versions, the stricter one served for a while, and the first one in the end."""
    first, *_, listed, back = run("shipping.md", command, monkeypatch)
    assert "promoted, served" in listed.out
    pinned = account("lambda").get_function_configuration(FunctionName="smartcat-classifier")
    assert pinned["Environment"]["Variables"]["SMARTCAT_MODEL"] == first.out.splitlines()[0]
    assert back.out == first.out.splitlines()[1] + "\n"


def test_feedback_as_its_page_says(
    folder: Path, command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was corrected one way or the other is exported, and the next model has learned it."""
    *_, exported, trained = run("feedback.md", command, monkeypatch)
    assert exported.err.startswith("2 corrections written")
    assert "2 documents have the label of a correction, 2 of them another" in trained.err
    manifest = json.loads((folder / "better" / "manifest.json").read_text())
    assert "payslip" in manifest["labels"]
