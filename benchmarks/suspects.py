"""How many wrong labels are found: flips 5 % of them, and counts those among the first 5 % of suspects.

    python -m benchmarks.suspects [CORPUS.jsonl.gz ...] [--quick]

Measured are generated paperwork, and the training side of each corpus named. ``--quick`` compares no
hyperparameters.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smartcat.cli.samples.paperwork import generate
from smartcat.training.corpus.labelled_documents import LabelledDocument, read_labelled
from smartcat.training.corpus.pages import join_pages
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smartcat.cli.samples.paperwork import SampleDocument
    from smartcat.training.suspects import Suspect

SHARE: Final = 0.05
SEED: Final = 0
PAPERWORK: Final = 1200

RANKINGS: Final[dict[str, Callable[[Suspect], float]]] = {
    "self-confidence": lambda each: each.label_probability,
    "normalized margin": lambda each: each.label_probability - each.suggestion_probability,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of the flipped labels.

    Attributes:
        documents: Documents learned from.
        flipped: Those whose label was flipped.
        among_first: Flipped ones among as many suspects as were flipped, by ranking.
        repaired: Flipped ones among the first by self-confidence whose own label is the one suggested.
        suspects: All suspects.
        among_all: Flipped ones among them.
    """

    documents: int
    flipped: int
    among_first: dict[str, int]
    repaired: int
    suspects: int
    among_all: int


def flip(
    documents: Sequence[LabelledDocument], share: float, seed: int
) -> tuple[list[LabelledDocument], dict[str, str]]:
    """Return documents some of which have another label, and the label that was theirs, by id."""
    draw = random.Random(seed)  # noqa: S311 - a reproducible experiment
    labels = sorted({each.label for each in documents})
    chosen = set(draw.sample(range(len(documents)), round(share * len(documents))))
    noisy = list(documents)
    for place in sorted(chosen):
        others = [label for label in labels if label != documents[place].label]
        noisy[place] = replace(documents[place], label=draw.choice(others))
    return noisy, {documents[place].document_id: documents[place].label for place in sorted(chosen)}


def find(documents: Sequence[LabelledDocument], options: TrainingOptions) -> Found:
    """Flip labels, learn, and count what the suspects hold."""
    noisy, true_label = flip(documents, SHARE, SEED)
    suspects = train(noisy, options=replace(options, suspects=True)).suspects or ()
    count = len(true_label)

    def first(ranking: str) -> list[Suspect]:
        ranked = sorted(suspects, key=RANKINGS[ranking])[:count]
        return [each for each in ranked if each.document_id in true_label]

    return Found(
        documents=len(documents),
        flipped=count,
        among_first={ranking: len(first(ranking)) for ranking in RANKINGS},
        repaired=sum(true_label[each.document_id] == each.suggestion for each in first("self-confidence")),
        suspects=len(suspects),
        among_all=sum(each.document_id in true_label for each in suspects),
    )


def row(name: str, found: Found) -> str:
    """Return a row of the table."""
    shares = [f"{of / found.flipped:.0%}" for of in found.among_first.values()]
    cells = [
        name,
        f"{found.documents:,}",
        f"{found.flipped:,}",
        *shares,
        f"{found.repaired / max(1, found.among_first['self-confidence']):.0%}",
        f"{found.suspects:,}",
        f"{found.among_all / found.flipped:.0%}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpora", nargs="*", type=Path, metavar="CORPUS.jsonl.gz")
    parser.add_argument("--quick", action="store_true", help="compare no hyperparameters")
    arguments = parser.parse_args()
    options = TrainingOptions.quick() if arguments.quick else TrainingOptions()
    heads = ", ".join(f"found by {ranking}" for ranking in RANKINGS).split(", ")
    columns = ["corpus", "documents", "flipped", *heads, "repaired", "suspects", "flipped among all"]
    print(f"| {' | '.join(columns)} |", f"| --- {'| ---: ' * (len(columns) - 1)}|", sep="\n", flush=True)
    sources = {
        f"{PAPERWORK:,} generated papers": [_labelled(each) for each in generate(PAPERWORK, seed=SEED)]
    }
    for path in arguments.corpora:
        sources[path.name.split(".")[0]] = list(join_pages(read_labelled(path, split="train")))
    for name, documents in sources.items():
        print(row(name, find(documents, options)), flush=True)


def _labelled(sample: SampleDocument) -> LabelledDocument:
    return LabelledDocument(sample.document_id, sample.label, sample.pages)


if __name__ == "__main__":
    main()
