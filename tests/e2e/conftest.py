"""Systems to run the end-to-end tests on, with the engine that SMARTCAT_ENGINE names."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from smartcat.local_process import LocalAwsProcess
from smartcat.stack import StackOptions, build_stack
from support.cli import smartcat
from support.system import System

Start = Callable[[Path, StackOptions], System]


@pytest.fixture(scope="module")
def start_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start systems that end with the module."""
    with ExitStack() as running:

        def start(model: Path, options: StackOptions) -> System:
            logs = tmp_path_factory.mktemp("logs")
            aws = running.enter_context(LocalAwsProcess(logs=logs))
            chosen = replace(options, engine=os.environ.get("SMARTCAT_ENGINE", "auto"))
            return System(aws, build_stack(aws.client, model, chosen), logs)

        yield start


@pytest.fixture(scope="module")
def paperwork_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model of generated paperwork."""
    folder = tmp_path_factory.mktemp("paperwork")
    corpus, model = folder / "corpus.jsonl", folder / "model"
    corpus.write_text(smartcat("samples", "--count", "150", "--seed", "11").stdout, "utf-8")
    done = smartcat("train", str(corpus), "--out", str(model), "--quick")
    assert done.returncode == 0, done.stderr
    return model
