"""The processor on a machine that has neither NumPy nor SciPy nor scikit-learn."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.classifier import native_binding
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from support.labelled import labelled_documents

if TYPE_CHECKING:
    from pathlib import Path

# A module that is None in sys.modules cannot be imported, as if it were not installed.
PROGRAM = """
import json, sys
sys.modules.update(dict.fromkeys(("numpy", "scipy", "sklearn")))
from stream_processor.bootstrap import build_processor
from stream_processor.settings import Settings
from support.processor_fakes import FakeClock, FakeQuarantine, FakeTable
given = json.load(sys.stdin)
clock = FakeClock()
table = FakeTable(clock)
settings = Settings.from_mapping(given["settings"])
processor = build_processor(settings, table=table, quarantine=FakeQuarantine(), clock=clock)
response = processor.process(given["event"], lambda: 60.0)
json.dump({"response": response, "items": table.items}, sys.stderr)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model, saved."""
    path = tmp_path_factory.mktemp("served") / "model"
    train(labelled_documents(), options=TrainingOptions.quick()).save(path, created_at="2026-01-02T03:04:05Z")
    return path


def run(model: Path, make: Any, engine: str) -> subprocess.CompletedProcess[str]:
    """Process two documents in a fresh process."""
    pages = {"a": "total AMOUNT due, payment of tax", "b": "dear sincerely regards"}
    settings = {
        "SMARTCAT_TABLE": "results",
        "SMARTCAT_QUARANTINE_BUCKET": "failures",
        "SMARTCAT_MODEL": str(model),
        "SMARTCAT_WRITE_UNITS_PER_SECOND": "100",
        "SMARTCAT_ENGINE": engine,
    }
    records = [
        make.entry(make.payload(name, page), number) for number, (name, page) in enumerate(pages.items(), 1)
    ]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            "PYTHONPATH": ":".join(["tests", ".", *filter(None, sys.path)]),
            "AWS_DEFAULT_REGION": "eu-central-1",
        },
        input=json.dumps({"settings": settings, "event": {"Records": records}}),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)
def test_an_event_is_processed_with_reasons(model: Path, make: Any) -> None:
    """Loading, classifying and writing need the compiled engine alone, and the log says that it serves."""
    done = run(model, make, "auto")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stderr)
    assert answer["response"] == {"batchItemFailures": []}
    assert {name: item["label"]["S"] for name, item in answer["items"].items()} == {
        "a": "invoice",
        "b": "letter",
    }
    assert all(item["reasons"] for item in answer["items"].values())
    (loaded,) = (line for line in done.stdout.splitlines() if '"model loaded"' in line)
    assert json.loads(loaded)["engine"] == "compiled"


def test_an_engine_that_is_not_there_refuses_to_start(model: Path, make: Any) -> None:
    """Who asks for scikit-learn where there is none is told so, in the one line of a refusal."""
    done = run(model, make, "sklearn")
    assert done.returncode != 0
    assert "refusing to start" in done.stdout
    assert "the sklearn engine cannot be imported here" in done.stdout
