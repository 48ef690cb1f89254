"""A classifier that decides nothing: it takes known time, and its labels make results of known size."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from benchmarks.workload import MIXED
from smartcat.classifier.decision import Decision
from stream_processor.core.drift import TrainingBaseline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.virtual_lambda import Environment

COMPUTE_SECONDS: Final = 0.001
"""Of reading and classifying one document."""

_PAGE_LABELS: Final = {f"costs {units}": "p" * (1024 * (units - 1) + 7) for units, _ in MIXED}
"""The label of a page, by its text: the labels of many pages are what makes results large."""


class SimulatedClassifier:
    """Labels a document so that its result costs what its page says; see ``ports.DocumentClassifier``.

    Args:
        environment: Where the time for it is booked.
        seconds: Virtual time of one document.
    """

    model_version = "benchmark"
    canary_document = ("costs 1",)
    training_baseline = TrainingBaseline()

    def __init__(self, environment: Environment, seconds: float) -> None:
        self._environment = environment
        self._seconds = seconds

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Decision]:
        """Take the time, and return the same decision for each document, with its page's label."""
        seconds = self._seconds * len(documents)
        time.sleep(seconds)
        self._environment.computed += seconds
        del reasons
        return [
            Decision(
                label="invoice",
                confidence=0.97,
                decision="accepted",
                page_labels=(_PAGE_LABELS[pages[0]],),
                candidates=(("invoice", 0.97),),
            )
            for pages in documents
        ]
