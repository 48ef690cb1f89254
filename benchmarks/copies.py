"""What copies do to held-out figures, how many there are, and what it costs to find them.

    python -m benchmarks.copies CORPUS.jsonl.gz ...

Measured are generated paperwork, and the training side of each corpus named, with ``--quick``: as it is, with
every document three times, and with labels drawn at random and every document three times. "Chance" is the
share of the most frequent of those labels. Seconds are of CPU.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.cli.samples.paperwork import generate
from smartcat.training.corpus.copies import CorpusSurvey
from smartcat.training.corpus.labelled_documents import LabelledDocument, read_labelled
from smartcat.training.corpus.near_copies import copy_clusters, shingles, signatures
from smartcat.training.corpus.pages import join_pages
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.training.trained_model import TrainedModel

SEED: Final = 0
PAPERWORK: Final = 1200
RANDOM_DOCUMENTS: Final = 150
RANDOM_LABELS: Final = ("a", "b", "c")
COLUMNS: Final = (
    "corpus",
    "documents",
    "copies",
    "near copies",
    "of forms",
    "seconds to find",
    "to train",
    "held out",
    "three times",
    "random labels, three times",
    "chance",
)


def seconds_to_find(documents: Sequence[LabelledDocument]) -> float:
    """Return the CPU seconds that finding copies and near copies takes, one chunk of pages at a time."""
    began = time.process_time()
    survey = CorpusSurvey()
    kept = list(survey.distinct(documents))
    rows = []
    for start in range(0, len(kept), 512):
        chunk = kept[start : start + 512]
        pages = [(number, page) for number, each in enumerate(chunk) for page in each.pages]
        owners = np.array([number for number, _ in pages], dtype=np.int64)
        rows.append(signatures(shingles([page for _, page in pages]), owners, len(chunk)))
    labels = {label: index for index, label in enumerate(sorted({each.label for each in kept}))}
    targets = np.array([labels[each.label] for each in kept], dtype=np.int64)
    copy_clusters(np.concatenate(rows), np.array(survey.texts, dtype=np.uint64), targets)
    return time.process_time() - began


def with_random_labels(documents: Sequence[LabelledDocument]) -> list[LabelledDocument]:
    """Return some documents, evenly spaced, with labels that mean nothing."""
    draw = random.Random(SEED)  # noqa: S311 - a reproducible experiment
    step = max(1, len(documents) // RANDOM_DOCUMENTS)
    chosen = documents[::step][:RANDOM_DOCUMENTS]
    return [replace(each, label=draw.choice(RANDOM_LABELS), page_labels=None) for each in chosen]


def _learn(documents: Sequence[LabelledDocument]) -> TrainedModel:
    return train(documents, options=TrainingOptions.quick())


def measure(name: str, documents: list[LabelledDocument]) -> tuple[str, ...]:
    """Return the cells of a corpus's row."""
    began = time.process_time()
    once = _learn(documents)
    seconds = time.process_time() - began
    meaningless = with_random_labels(documents)
    labels = [each.label for each in meaningless]
    chance = max(labels.count(label) for label in RANDOM_LABELS) / len(labels)
    report = once.report
    return (
        name,
        f"{report.documents:,}",
        f"{report.copies:,}",
        f"{report.near_copies:,}",
        f"{report.from_templates:,}",
        f"{seconds_to_find(documents):.1f}",
        f"{seconds:.1f}",
        f"{once.facts.held_out_accuracy:.1%}",
        f"{_learn(documents * 3).facts.held_out_accuracy:.1%}",
        f"{_learn(meaningless * 3).facts.held_out_accuracy:.1%}",
        f"{chance:.1%}",
    )


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpora", nargs="*", type=Path, metavar="CORPUS.jsonl.gz")
    corpora: list[Path] = parser.parse_args().corpora
    print(f"| {' | '.join(COLUMNS)} |", f"| --- {'| ---: ' * (len(COLUMNS) - 1)}|", sep="\n", flush=True)
    papers = [
        LabelledDocument(each.document_id, each.label, each.pages) for each in generate(PAPERWORK, seed=SEED)
    ]
    sources = {f"{PAPERWORK:,} generated papers": papers}
    for path in corpora:
        sources[path.name.split(".")[0]] = list(join_pages(read_labelled(path, split="train")))
    for name, documents in sources.items():
        print(f"| {' | '.join(measure(name, documents))} |", flush=True)


if __name__ == "__main__":
    main()
