"""How many documents of a kind never seen are accepted: labels left out of training, one group after another.

    python -m benchmarks.strangers LEARN.jsonl UNSEEN.jsonl [--features words] [--precision 0.99]
    python -m benchmarks.strangers CORPUS.jsonl.gz [--groups 5]

With one file, rows with ``"split": "train"`` are learned from and those with "test" judged. For each group of
labels a model is trained without their documents, as with ``--quick`` and five folds, and asked for the
precision. Of the test documents, those of the group are strangers, and the others its own. "Expected" is what
training says.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartcat.training.corpus.labelled_documents import read_labelled
from smartcat.training.corpus.pages import join_pages
from smartcat.training.hyperparameters import FEATURE_SETS, TrainingOptions
from smartcat.training.train import train

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.training.corpus.labelled_documents import LabelledDocument


def measure(
    learn: Sequence[LabelledDocument],
    unseen: Sequence[LabelledDocument],
    group: Sequence[str],
    options: TrainingOptions,
) -> tuple[float, float, float, float]:
    """Return shares: own accepted, of those right, strangers accepted, and what training expected of them."""
    trained = train([each for each in learn if each.label not in group], options=options)
    decisions = trained.classifier().classify([each.pages for each in unseen], reasons=0)
    own = [(each, said) for each, said in zip(unseen, decisions, strict=True) if each.label not in group]
    strangers = [said for each, said in zip(unseen, decisions, strict=True) if each.label in group]
    accepted = [(each, said) for each, said in own if said.decision == "accepted"]
    right = sum(said.label == each.label for each, said in accepted) / max(1, len(accepted))
    passed = sum(said.decision == "accepted" for said in strangers) / len(strangers)
    # Models from before the gate expected nothing.
    expected = getattr(trained.facts, "strangers_accepted", None)
    return len(accepted) / len(own), right, passed, float("nan") if expected is None else expected


def main() -> None:
    """Measure one group of labels after another, and the mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--features", default="words", choices=FEATURE_SETS)
    parser.add_argument("--precision", type=float, default=0.99)
    parser.add_argument("--groups", type=int)
    arguments = parser.parse_args()
    splits = ("train", "test") if len(arguments.files) == 1 else (None, None)
    learn, unseen = (
        list(join_pages(read_labelled(file, split=split)))
        for file, split in zip((arguments.files * 2)[:2], splits, strict=True)
    )
    options = TrainingOptions.quick(*FEATURE_SETS[arguments.features])
    options = replace(options, folds=5, target_precision=arguments.precision)
    labels = sorted({each.label for each in learn})
    groups = arguments.groups or len(labels)
    print("| left out | own accepted | of those right | strangers accepted | expected |")
    print("| --- | ---: | ---: | ---: | ---: |")
    rows = []
    for first in range(groups):
        group = labels[first::groups]
        rows.append(measure(learn, unseen, group, options))
        print(_row(", ".join(group), rows[-1]), flush=True)
    print(_row("mean", tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))))


def _row(name: str, shares: Sequence[float]) -> str:
    return f"| {name} | {' | '.join(f'{100 * share:.1f} %' for share in shares)} |"


if __name__ == "__main__":
    main()
