"""What training costs: CPU time and peak memory of ``smartcat train`` and of peers, each in its own process.

    python -m benchmarks.training [CORPUS.jsonl.gz ...] [--out benchmarks/results/training.json]

Corpora are learned on their training side and judged on the other. Texts made up by a generator show how the
cost grows with documents and with labels. Peers: tf-idf + LinearSVC and hashed words + SGD of scikit-learn,
and fastText where it is installed: as benchmarks/models.py sets it, and its autotune with as much time as
smartcat took. ``--table`` prints the table of a file, draws its picture and measures nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.models import joined_text, sklearn_peers
from smartcat.training.corpus.labelled_documents import LabelledDocument, read_labelled
from smartcat.training.corpus.pages import by_page, join_pages
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SEED: Final = 0
LEARNERS: Final = (
    "smartcat",
    "smartcat --quick",
    "tf-idf + LinearSVC",
    "hashing + SGD",
    "fastText",
    "autotune",
)
MADE_UP: Final = ((1_000, 20), (4_000, 20), (16_000, 20), (4_000, 10), (4_000, 100), (4_000, 1_000))
"""Documents and labels of the texts that are made up."""
_WORDS: Final = 40_000
_LENGTH: Final = 80
_OF_LABEL: Final = 0.06
_WORDS_OF_LABEL: Final = 40
_UNSEEN: Final = 1_000
_SHORTEST_AUTOTUNE: Final = 20.0
"""Seconds of smartcat below which autotune is not tried: told to take two, it takes minutes."""

Answer = dict[str, Any]


def made_up(documents: int, labels: int, *, seed: int) -> list[LabelledDocument]:
    """Return documents of words as frequent as Zipf says; each label prefers forty words of its own."""
    draw = np.random.default_rng(seed)
    preferred = np.random.default_rng(labels).integers(0, _WORDS, (labels, _WORDS_OF_LABEL))
    chances = 1.0 / np.arange(1, _WORDS + 1)
    words = draw.choice(_WORDS, (documents, _LENGTH), p=chances / chances.sum())
    for number in range(documents):
        chosen = draw.random(_LENGTH) < _OF_LABEL
        words[number, chosen] = draw.choice(preferred[number % labels], int(chosen.sum()))
    names = [_word(number) for number in range(_WORDS)]
    return [
        LabelledDocument(f"d{number}", f"label {number % labels}", (" ".join(names[word] for word in row),))
        for number, row in enumerate(words.tolist())
    ]


def _word(number: int) -> str:
    """Return a word of its own for a number, in syllables."""
    syllables = []
    number += 1
    while number:
        number, digit = divmod(number, 60)
        syllables.append("bdfghklmnprs"[digit % 12] + "aeiou"[digit // 12])
    return "".join(syllables)


def learn_and_judge(
    learner: str, learn: Sequence[LabelledDocument], unseen: Sequence[LabelledDocument], seconds: float
) -> Answer:
    """Return what one learner took, and how often it was right on documents it has not seen."""
    began = time.process_time()
    answers = _trained(learner, learn, seconds)
    cpu = time.process_time() - began
    # macOS counts bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    right = sum(answer == each.label for answer, each in zip(answers(unseen), unseen, strict=True))
    characters = sum(len(page) for each in learn for page in each.pages)
    return {"cpu": cpu, "peak": peak, "accuracy": right / len(unseen), "characters": characters}


def _trained(
    learner: str, learn: Sequence[LabelledDocument], seconds: float
) -> Callable[[Sequence[LabelledDocument]], list[str]]:
    """Train; return a function that classifies."""
    if learner.startswith("smartcat"):
        options = TrainingOptions.quick() if learner.endswith("quick") else TrainingOptions()
        classifier = train(learn, options=options).classifier()
        return lambda unseen: [
            said.label or "" for said in classifier.classify([each.pages for each in unseen], reasons=0)
        ]
    if learner in sklearn_peers():
        pipeline = sklearn_peers()[learner].fit(map(joined_text, learn), [each.label for each in learn])
        return lambda unseen: list(pipeline.predict([joined_text(each) for each in unseen]))
    return _fasttext(learn, seconds if learner == "autotune" else 0.0)


def _fasttext(
    learn: Sequence[LabelledDocument], seconds: float
) -> Callable[[Sequence[LabelledDocument]], list[str]]:
    import fasttext  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415 - it may be absent

    names = sorted({each.label for each in learn})
    number = {name: place for place, name in enumerate(names)}
    shuffled = np.random.default_rng(SEED).permutation(len(learn)).tolist()
    lines = [
        f"__label__{number[learn[place].label]} {' '.join(joined_text(learn[place]).lower().split())}\n"
        for place in shuffled
    ]
    with tempfile.TemporaryDirectory() as folder:
        parts = {"learn": lines[len(lines) // 5 :] if seconds else lines, "tune": lines[: len(lines) // 5]}
        for name, part in parts.items():
            (Path(folder) / name).write_text("".join(part), encoding="utf-8")
        options: dict[str, Any] = {"wordNgrams": 2, "epoch": 25, "lr": 1.0}
        if seconds:
            tune = str(Path(folder) / "tune")
            options = {"autotuneValidationFile": tune, "autotuneDuration": max(1, round(seconds))}
        file = str(Path(folder) / "learn")
        model = fasttext.train_supervised(file, seed=SEED, thread=1, verbose=0, **options)

    def answers(unseen: Sequence[LabelledDocument]) -> list[str]:
        labels, _ = model.predict([" ".join(joined_text(each).lower().split()) for each in unseen])
        return [names[int(found[0].removeprefix("__label__"))] for found in labels]

    return answers


def documents_of(task: str) -> tuple[list[LabelledDocument], list[LabelledDocument]]:
    """Return the documents to learn from and to be judged on: of a corpus, or made up for ``1000x20``."""
    if not task.endswith(".gz"):
        documents, labels = map(int, task.split("x"))
        made = made_up(documents + _UNSEEN, labels, seed=SEED)
        return made[:documents], made[documents:]
    sides = [list(by_page(join_pages(read_labelled(Path(task), split=side)))) for side in ("train", "test")]
    return sides[0], sides[1]


def measure(task: str, learner: str, seconds: float) -> Answer | None:
    """Measure one learner on one task in a process of its own; ``None`` where it is not installed."""
    command = [sys.executable, "-m", "benchmarks.training", "--one", learner, task, "--seconds", str(seconds)]
    done = subprocess.run(  # noqa: S603 - this very module
        command, capture_output=True, text=True, check=False, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    )
    if "No module named 'fasttext'" in done.stderr:
        return None
    if done.returncode:
        raise RuntimeError(f"{learner} on {task}: {done.stderr.strip().splitlines()[-1]}")
    answer: Answer = json.loads(done.stdout.splitlines()[-1])
    return answer


def run(tasks: Sequence[str], tell: Callable[[str], None]) -> Iterator[Answer]:
    """Measure every learner on every task; yield the report after each, so that a run may be broken off."""
    results: Answer = {}
    for task in tasks:
        name = Path(task).name.removesuffix(".jsonl.gz")
        results[name] = {}
        for learner in LEARNERS:
            seconds = results[name].get("smartcat", {}).get("cpu", 0.0)
            if learner == "autotune" and seconds < _SHORTEST_AUTOTUNE:
                continue
            answer = measure(task, learner, seconds)
            if answer is not None:
                results[name][learner] = answer
                tell(f"{name}, {learner}: {answer['cpu']:.1f} s, {answer['accuracy']:.1%}")
        machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
        measured_at = datetime.now(UTC).isoformat(timespec="seconds")
        yield {"measured_at": measured_at, "machine": machine, "results": results}


def table(report: Answer) -> str:
    """Return a row a task: CPU seconds, peak memory and accuracy of each learner."""
    learners = [name for name in LEARNERS if any(name in row for row in report["results"].values())]
    lines = [
        f"| documents | {' | '.join(learners)} |",
        f"| --- |{' ---: |' * len(learners)}",
    ]
    for task, row in report["results"].items():
        cells = [
            f"{row[name]['cpu']:.1f} s, {row[name]['peak'] / 1e6:.0f} MB, {row[name]['accuracy']:.1%}"
            if name in row
            else ""
            for name in learners
        ]
        lines.append(f"| {_title(task)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _title(task: str) -> str:
    if not task[0].isdigit():
        return task
    documents, labels = map(int, task.split("x"))
    return f"made up: {documents:,}, {labels:,} labels"


def draw(report: Answer, file: Path) -> None:
    """Draw CPU time against documents, and against labels."""
    from benchmarks.training_chart import growth  # noqa: PLC0415 - matplotlib is needed for this alone

    cells = [
        {
            "documents": int(task.split("x")[0]),
            "labels": int(task.split("x")[1]),
            "learner": learner,
            **answer,
        }
        for task, row in report["results"].items()
        if task[0].isdigit()
        for learner, answer in row.items()
    ]
    growth(cells, LEARNERS, file)


def main() -> None:
    """Measure, write the file, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", nargs="*")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/training.json"))
    parser.add_argument("--picture", type=Path, default=Path("docs/training-speed.svg"))
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=0.0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        learn, unseen = documents_of(chosen.corpora[0])
        print(json.dumps(learn_and_judge(chosen.one, learn, unseen, chosen.seconds)))
        return
    if not chosen.table:
        tasks = [*chosen.corpora, *(f"{documents}x{labels}" for documents, labels in MADE_UP)]
        for report in run(tasks, lambda line: print(line, file=sys.stderr, flush=True)):
            chosen.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    report = json.loads(chosen.out.read_text(encoding="utf-8"))
    draw(report, chosen.picture)
    print(table(report))


if __name__ == "__main__":
    main()
