"""Held-out pages and their documents: relevance, calibration, and what a rule finds in them. Arrays only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smartcat.training.calibration.calibration import learn_calibration
from smartcat.training.calibration.held_out_documents import find
from smartcat.training.calibration.page_pooling import pool_pages, starts_of
from smartcat.training.calibration.parts import (
    distinct_pages,
    fullness,
    make_parts,
    pooled_probabilities,
    refine_calibration,
)
from smartcat.training.errors import TrainingError

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.rule import Rule
    from smartcat.training.calibration.calibration import Calibration
    from smartcat.training.calibration.held_out_documents import Findings
    from smartcat.training.calibration.page_pooling import PooledScores
    from smartcat.training.calibration.parts import Parts
    from smartcat.training.cross_validation import HeldOutScores
    from smartcat.training.feature_matrix import Dataset

_RELEVANCE_POWERS: Final = (0.0, 1.0, 2.0, 3.0)
"""What the log odds of a page's relevance may be multiplied by; 0 leaves all pages equal."""
_RARE: Final = 0.01
"""Share of the held-out pages that may count as near-blank, and of the documents as out of distribution."""
_ALONE: Final = 2.0
"""How much the pages of a document count alone, together, where the document counts 1."""
_FOLDS: Final = 5
_FIRST_CONCENTRATION: Final = 2.0


class HeldOutPages:
    """Held-out pages of the documents of which a page has a known feature, and which of them have a vote."""

    def __init__(self, data: Dataset, held_out: HeldOutScores) -> None:
        has_features: npt.NDArray[np.bool_] = np.any(held_out.known, axis=1)
        examples = data.examples[held_out.pages]
        if not has_features.any():
            raise TrainingError("no document shares a word with the others, so no confidence can be learned")
        kept = np.isin(examples, examples[has_features])
        self.min_known_features = _near_blank(held_out.known[kept], examples[kept])
        self._scores, self._full_scores = held_out.scores[kept], held_out.full_scores[kept]
        self._relevance = held_out.relevance[kept]
        self._known, self._distinct = held_out.known[kept], held_out.distinct[kept]
        self.examples, documents = np.unique(examples[kept], return_inverse=True)
        self.documents: npt.NDArray[np.int64] = documents.astype(np.int64)
        self.truth = data.targets[self.examples]
        enough = (self._known >= np.array(self.min_known_features)).all(axis=1)
        votes: npt.NDArray[np.bool_] = has_features[kept] & enough
        votes &= distinct_pages(self.documents, self._scores, self._known, self._distinct)
        self._votes = votes
        self._with_votes = np.unique(self.documents[votes])
        self._voting_documents = np.searchsorted(self._with_votes, self.documents[votes])
        self.voting_truth = self.truth[self._with_votes]
        starts = starts_of(self._voting_documents)
        sums = np.add.reduceat(self._known[votes], starts, axis=0)
        self._full: npt.NDArray[np.int64] = low_quantile(sums)
        self.full_features = tuple(map(int, self._full))
        fold = _FOLDS * np.arange(len(self.examples)) // len(self.examples)
        if held_out.fold is not None:
            starts = starts_of(self.documents)
            fold = held_out.fold[kept][starts]
        self._fold = fold

    def several_pages(self) -> npt.NDArray[np.bool_]:
        """Return which documents have several pages that vote, ``(documents,)``."""
        several: npt.NDArray[np.bool_] = (
            np.bincount(self.documents[self._votes], minlength=len(self.examples)) > 1
        )
        return several

    def learn_relevance(self) -> float:
        """Return the best power of page relevance, with which held-out log loss is lowest."""
        powers = _RELEVANCE_POWERS if self._relevance.any() else _RELEVANCE_POWERS[:1]
        losses = []
        for power in powers:
            pooled = self._pool(self._scores, power)
            losses.append(
                self._plain(self._scores, power).log_loss(pooled.scores, self.voting_truth, pooled.pages)
            )
        return powers[int(np.argmin(losses))]

    def cost_of_storing(self, power: float) -> float:
        """Return by how much pruning and rounding lower the accuracy, each side with its own calibration."""
        return self._plain_accuracy(self._full_scores, power) - self._plain_accuracy(self._scores, power)

    def _plain_accuracy(self, scores: npt.NDArray[np.float64], power: float) -> float:
        calibration, pooled = self._plain(scores, power), self._pool(scores, power)
        return float(((pooled.scores + calibration.offsets).argmax(axis=1) == self.voting_truth).mean())

    def calibrate(self, power: float) -> tuple[Calibration, Parts]:
        """Return the calibration of documents and of each of their pages alone, and the documents' parts.

        A document may come with all its pages or with one of them, and its confidence has to be honest either
        way. The pages of a document count together as much as the document does, or twice as much.
        """
        start = self._plain(self._scores, power)
        if not len(self._voting_documents) > len(self._with_votes):
            return start, self._parts(start, power)
        parts = self._parts(start, power)
        alone, weights = self._pages_alone()
        calibration = refine_calibration(
            replace(start, concentration=_FIRST_CONCENTRATION),
            parts.then(
                self._scores[self._votes][alone], fullness(self._known[self._votes][alone], self._full)
            ),
            np.concatenate((self.voting_truth, self.voting_truth[self._voting_documents[alone]])),
            np.concatenate((np.ones(len(self.voting_truth)), _ALONE * weights)),
        )
        return calibration, self._parts(calibration, power)

    def cross_fitted(
        self, calibration: Calibration, parts: Parts, found: Findings
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return label and confidence of each document by a calibration that has not seen its fold.

        Without a page that votes, a document keeps what was found; else its confidence is shrunk as that was.
        """
        fold, labels = self._fold[self._with_votes], parts.scores.shape[1]
        label, confidence = found.label.copy(), found.confidence.copy()
        for number in np.unique(fold) if len(np.unique(fold)) > 1 else ():
            outside = fold == number
            fitted = refine_calibration(calibration, parts.of(~outside), self.voting_truth[~outside])
            chances = pooled_probabilities(fitted, parts.of(outside))
            held = self._with_votes[outside]
            factor = found.familiarity[held]
            label[held] = chances.argmax(axis=1)
            confidence[held] = factor * chances.max(axis=1) + (1.0 - factor) / labels
        return label, confidence

    def find(self, rule: Rule, calibration: Calibration, power: float) -> Findings:
        """Return what a rule finds in the documents."""
        return find(
            rule,
            self._scores + calibration.offsets,
            power * self._relevance,
            self._known,
            self._distinct,
            self.documents,
        )

    def _parts(self, calibration: Calibration, power: float) -> Parts:
        return make_parts(
            self._scores[self._votes],
            calibration.offsets,
            power * self._relevance[self._votes],
            self._voting_documents,
            self._known[self._votes],
            self._full,
        )

    def _pages_alone(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
        """Return which voting pages have others beside them, and how much each of those counts alone."""
        pages = np.bincount(self._voting_documents)[self._voting_documents]
        return pages > 1, 1.0 / pages[pages > 1]

    def _plain(self, scores: npt.NDArray[np.float64], power: float) -> Calibration:
        """Return the calibration that takes the mean of all pages as one part."""
        voting = scores[self._votes]
        pooled = self._pool(scores, power)
        alone, weights = self._pages_alone()
        return learn_calibration(
            np.concatenate((pooled.scores, voting[alone])),
            np.concatenate((self.voting_truth, self.voting_truth[self._voting_documents[alone]])),
            np.concatenate((pooled.pages, np.ones(int(alone.sum()), dtype=np.int64))),
            np.concatenate((np.ones(len(pooled.pages)), weights)),
        )

    def _pool(self, scores: npt.NDArray[np.float64], power: float) -> PooledScores:
        return pool_pages(scores[self._votes], power * self._relevance[self._votes], self._voting_documents)


def _near_blank(known: npt.NDArray[np.int64], examples: npt.NDArray[np.int64]) -> tuple[int, ...]:
    """Return the fewest known features of a page that is more than near-blank, for each part.

    Nearly all pages have as many, and nearly all documents a page that has.
    """
    starts = starts_of(examples)
    fullest = np.maximum.reduceat(known, starts, axis=0)
    pages = known[known.any(axis=1)]
    bound: list[int] = np.minimum(low_quantile(pages), low_quantile(fullest)).tolist()
    return tuple(bound)


def low_quantile(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the value that all but a rare share of the rows reach, column by column."""
    return np.asarray(np.quantile(values, _RARE, axis=0, method="lower"))
