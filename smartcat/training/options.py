"""What a person may choose about training, checked before any work is done."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

from pydantic import ValidationError

from smartcat.classifier.errors import validation_message
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.errors import TrainingError

_MOST_BYTES: Final = 500_000_000
"""Of a compressed model: about twice as much is what one may have when it is read."""
HEAD: Final = 256
"""Characters at the top of a page that get features of their own: a letterhead, a title, "page 2"."""
WORDS: Final = FeaturePart(analyzer="word", ngram_range=(1, 2))
CHARACTERS: Final = FeaturePart(analyzer="char_wb", ngram_range=(2, 5))
HEAD_WORDS: Final = FeaturePart(analyzer="word", ngram_range=(1, 2), head=HEAD)
HEAD_CHARACTERS: Final = FeaturePart(analyzer="char_wb", ngram_range=(2, 5), head=HEAD)

FEATURE_SETS: Final[dict[str, tuple[FeaturePart, ...]]] = {
    "words": (WORDS,),
    "characters": (CHARACTERS,),
    "both": (WORDS, CHARACTERS),
    "words-and-head": (WORDS, HEAD_WORDS),
    "characters-and-head": (CHARACTERS, HEAD_CHARACTERS),
    "all": (WORDS, CHARACTERS, HEAD_WORDS),
}
"""The features that a person may ask for, and that training chooses among."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to learn.

    Attributes:
        parts: The kinds of n-grams.
        loss: What the solver minimises.
        regularisation: The solver's C, > 0: larger values trust the training labels more.
        class_weight: ``balanced`` to let rare labels weigh more.
        naive_bayes: How much of a naive Bayes is added to the solver's weights, >= 0, in deviations of its
            scores: it learns from few documents what a solver needs many for.
    """

    parts: tuple[FeaturePart, ...] = (WORDS,)
    loss: Literal["squared_hinge", "log"] = "squared_hinge"
    regularisation: float = 1.0
    class_weight: Literal["balanced"] | None = None
    naive_bayes: float = 0.0


STEPS: Final[tuple[tuple[dict[str, object], ...], ...]] = (
    ({"naive_bayes": 0.3}, {"naive_bayes": 0.6}),
    ({"regularisation": 0.3}, {"regularisation": 3.0}),
    ({"class_weight": "balanced"},),
    ({"loss": "log", "regularisation": 10.0},),
)
"""What is tried after the features, each step on the best way so far."""


@dataclass(frozen=True)
class TrainOptions:
    """How to learn. The defaults suit pages of ordinary prose.

    Attributes:
        ways: The ways to compare first: one for each set of features. With a single one nothing is compared.
        steps: Whether to go on with :data:`STEPS`.
        n_features: Number of hash buckets of each kind of n-gram, a power of two. The engine looks
            features up in 4 bytes a bucket; the model's size does not depend on it.
        lowercase: Whether text is lowercased first.
        strip_accents: How accents are removed, ``None`` to keep them.
        sublinear_tf: Whether a count ``c`` becomes ``1 + ln c``.
        idf: Whether rare features weigh more.
        min_pages: Features on fewer pages than this are left out, >= 1. A word of a single page tells that
            page from all others, not its label, and new pages miss their likes: leaving such words out gained
            up to 3 points in cross-validation, and keeps them out of the model.
        max_bytes: Most bytes of the model when it is compressed, about: only the features that matter most
            are kept.
        precision: How weights are stored.
        seed: Seed of the solver, 0..2**32 - 1; equal seeds give equal models.
        review_below: Confidence below which a document is for a person to look at, 0..1.
        target_precision: Choose each label's threshold, ``review_below`` or higher, so that this share of
            what is accepted is right, 0..1; ``None`` to use ``review_below`` for all.
        folds: Folds that confidence is learned on, >= 2; each costs one or two more fits.
        choice_folds: Folds that the ways are compared on, >= 2.
        max_choice_documents: Documents that the ways are compared on, at most, >= 100.
    """

    ways: tuple[Way, ...] = tuple(Way(parts) for parts in FEATURE_SETS.values())
    steps: bool = True
    n_features: int = 2**20
    lowercase: bool = True
    strip_accents: Literal["unicode", "ascii"] | None = None
    sublinear_tf: bool = True
    idf: bool = True
    min_pages: int = 2
    max_bytes: int = 5_000_000
    precision: Literal["int8", "float32"] = "int8"
    seed: int = 0
    review_below: float = 0.5
    target_precision: float | None = None
    folds: int = 5
    choice_folds: int = 3
    max_choice_documents: int = 2000

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            TrainingError: Names the option and what was expected.
        """
        precision = self.target_precision
        expectations = {
            "ways should be one or more": bool(self.ways),
            "seed should be from 0 to 2**32 - 1": 0 <= self.seed < 2**32,
            "review_below should be from 0 to 1": 0 <= self.review_below <= 1,
            "target_precision should be above 0 and below 1": precision is None or 0 < precision < 1,
            "folds should be 2 or more": min(self.folds, self.choice_folds) >= 2,
            "min_pages should be 1 or more": self.min_pages >= 1,
            "max_bytes should be from 10000 to 500000000": 10_000 <= self.max_bytes <= _MOST_BYTES,
            "max_choice_documents should be 100 or more": self.max_choice_documents >= 100,
            "regularisation should be a number above 0": all(
                0 < way.regularisation < math.inf for way in self.ways
            ),
        }
        for expectation, met in expectations.items():
            if not met:
                raise TrainingError(expectation)
        try:
            _ = [self.spec_of(way) for way in self.ways]
        except ValidationError as error:
            raise TrainingError(validation_message(error)) from None

    @classmethod
    def quick(cls, *parts: FeaturePart) -> TrainOptions:
        """Return options that compare nothing: these features, or words, and three folds."""
        return cls(ways=(Way(parts or (WORDS,)),), steps=False, folds=3)

    @cached_property
    def parts(self) -> tuple[FeaturePart, ...]:
        """Every kind of n-gram that some way uses."""
        return tuple(dict.fromkeys(part for way in self.ways for part in way.parts))

    def spec_of(self, way: Way) -> FeatureSpec:
        """How text becomes features in a way to learn."""
        return FeatureSpec(
            n_features=self.n_features,
            parts=way.parts,
            lowercase=self.lowercase,
            strip_accents=self.strip_accents,
            sublinear_tf=self.sublinear_tf,
            idf=self.idf,
        )


def next_ways(best: Way, step: int) -> list[Way]:
    """Return what to compare the best way so far with, in a step of :data:`STEPS`."""
    return [replace(best, **change) for change in STEPS[step]]  # type: ignore[arg-type]
