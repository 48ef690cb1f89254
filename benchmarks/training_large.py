"""Training beyond memory: what it costs beside training in memory, and whether its memory stays flat.

    python -m benchmarks.training_large compare CORPUS.jsonl.gz ... [--features words]
    python -m benchmarks.training_large grow 17500 35000 [--features words] [--memory-mb 500]
    python -m benchmarks.training_large spool CORPUS.jsonl.gz ... [--features words]

``compare`` learns each corpus's "train" side in memory, in passes, and in passes once more with its documents
sorted by label, and judges on "test". ``grow`` generates corpora of so many documents, learns each in passes
with nothing compared, and judges on 2,000 documents of another seed; the corpora are deleted. Every training
is a process of its own, so that its peak of memory is its own. ``spool`` measures what a pass over the text
takes beside a pass over the temporary file. Each row is one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcat.cli.samples.paperwork import generate
from smartcat.training.corpus.copies import CorpusSurvey
from smartcat.training.corpus.labelled_documents import LabelledDocument, read_labelled
from smartcat.training.corpus.pages import by_page, join_pages
from smartcat.training.corpus.profile import profile_corpus
from smartcat.training.corpus.sampling import DocumentSample
from smartcat.training.evaluation.evaluate import evaluate
from smartcat.training.hyperparameters import FEATURE_SETS, TrainingOptions, feature_spec
from smartcat.training.out_of_core.counting import HoldoutSelector, count_to_spill_file
from smartcat.training.out_of_core.memory_budget import MemoryBudget
from smartcat.training.out_of_core.spill_file import SpillFile
from smartcat.training.progress import no_progress
from smartcat.training.strategy import choose_strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FRESH_SEED = 99


def write_generated(path: Path, count: int) -> None:
    """Write generated paperwork as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for each in generate(count, seed=1):
            row = {"id": each.document_id, "label": each.label, "pages": list(each.pages)}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def fresh() -> Iterator[LabelledDocument]:
    """Return generated documents that no training saw."""
    for each in generate(2000, seed=FRESH_SEED):
        yield LabelledDocument(each.document_id, each.label, tuple(each.pages))


def train_once(job: dict[str, Any]) -> dict[str, Any]:
    """Train as a job says, and measure."""
    path = Path(job["corpus"])
    read: Callable[[], Iterator[LabelledDocument]] = partial(_documents, path, job["split"])
    if job["sorted"]:
        in_order = sorted(read(), key=lambda document: document.label)
        read = partial(iter, in_order)
    options = TrainingOptions.quick(*FEATURE_SETS[job["features"]])
    began = time.perf_counter()
    stages: dict[str, float] = {}

    def tell(stage: str, _done: int, _total: int) -> None:
        stages[stage] = round(time.perf_counter() - began, 1)

    strategy = choose_strategy(
        read, options=options, budget=MemoryBudget(job["memory"]), stream=job["stream"], progress=tell
    )
    with tempfile.TemporaryDirectory(dir=path.parent if job["split"] is None else None) as folder:
        trained = strategy.train(directory=Path(folder), progress=tell)
    found = {
        "documents": strategy.profile.documents,
        "megabytes of text": round(strategy.profile.characters / 1e6, 1),
        "seconds": round(time.perf_counter() - began, 1),
        "done after": stages,
        "CPU seconds": round(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]), 1),
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "in memory, estimated MB": round(strategy.estimate.memory / 1e6),
        "spool, estimated MB": round(strategy.estimate.spill_bytes(options.parts) / 1e6),
        "held out": round(trained.facts.held_out_accuracy, 4),
        "model": trained.model.model_version,
    }
    unseen = fresh() if job["split"] is None else by_page(_documents(path, "test"))
    judged = evaluate(trained.classifier(), list(unseen))
    return {**found, "accuracy": round(judged.accuracy, 4), "ECE": round(judged.ece, 4)}


def spool_once(corpus: str, features: str) -> dict[str, Any]:
    """Hash a corpus into a spill file, read it back, and measure the processor's time of both."""
    spec = feature_spec(*FEATURE_SETS[features])
    documents = list(CorpusSurvey().distinct(_documents(Path(corpus), "train")))
    profile = profile_corpus(documents, no_progress, max_documents=1, max_characters=1, seed=0)
    holdout = HoldoutSelector(profile, 5, DocumentSample(1, 1, seed=0))
    with SpillFile(Path(tempfile.gettempdir()), spec.width) as spill_file:
        began = time.process_time()
        count_to_spill_file(spill_file, documents, profile, spec, holdout, no_progress)
        counted = time.process_time()
        for number in range(0, len(spill_file), 64):
            spill_file.read(range(number, min(number + 64, len(spill_file))))
        return {
            "corpus": Path(corpus).name.partition(".")[0],
            "megabytes of text": round(profile.characters / 1e6, 1),
            "megabytes of counts": round(float(spill_file.sizes().sum()) / 1e6, 1),
            "CPU seconds to hash and write": round(counted - began, 2),
            "CPU seconds to read back": round(time.process_time() - counted, 3),
        }


def _documents(path: Path, split: str | None) -> Iterator[LabelledDocument]:
    return join_pages(read_labelled(path, split=split))


def in_child(job: dict[str, Any]) -> None:
    """Run a job in a process of its own, and print what it measured."""
    command = [sys.executable, "-m", "benchmarks.training_large", "job", json.dumps(job)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this program
    name = Path(job["corpus"]).name.partition(".")[0]
    story = "in passes" if job["stream"] else "in memory"
    row = {"corpus": name, "story": story + (", sorted" if job["sorted"] else ""), **json.loads(done.stdout)}
    print(json.dumps(row), flush=True)


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("compare", "grow", "spool", "job"))
    parser.add_argument("of", nargs="+")
    parser.add_argument("--features", default="words", choices=sorted(FEATURE_SETS))
    parser.add_argument("--memory-mb", type=int, default=4000)
    arguments = parser.parse_args()
    job = {
        "features": arguments.features,
        "memory": arguments.memory_mb * 10**6,
        "stream": True,
        "sorted": False,
        "split": "train",
    }
    if arguments.what == "job":
        print(json.dumps(train_once(json.loads(arguments.of[0]))))
    elif arguments.what == "spool":
        for corpus in arguments.of:
            print(json.dumps(spool_once(corpus, arguments.features)), flush=True)
    elif arguments.what == "compare":
        for corpus in arguments.of:
            in_child({**job, "corpus": corpus, "stream": False})
            in_child({**job, "corpus": corpus})
            in_child({**job, "corpus": corpus, "sorted": True})
    else:
        for count in map(int, arguments.of):
            with tempfile.TemporaryDirectory() as folder:
                corpus = Path(folder) / f"generated-{count}.jsonl"
                write_generated(corpus, count)
                in_child({**job, "corpus": str(corpus), "split": None})


if __name__ == "__main__":
    main()
