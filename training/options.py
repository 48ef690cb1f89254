"""What a person may choose about training, checked before any work is done."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import ValidationError

from classifier.errors import first_problem
from classifier.spec import FeatureSpec
from training.errors import TrainingError


@dataclass(frozen=True)
class TrainOptions:
    """How to learn. The defaults suit pages of ordinary prose.

    Attributes:
        n_features: Number of hash buckets, a power of two. 2**18 costs 1 MiB of model a label; 2**20 gained
            0.3 points on 20 Newsgroups.
        ngram_range: Shortest and longest n-gram, both included.
        analyzer: ``word`` n-grams, or ``char_wb`` (characters within words), which suits OCR noise and short
            texts of languages with long words.
        lowercase: Whether text is lowercased first.
        strip_accents: How accents are removed, ``None`` to keep them.
        sublinear_tf: Whether a count ``c`` becomes ``1 + ln c``.
        idf: Whether rare features weigh more. Without it, ``min_pages`` has no effect.
        min_pages: Features on fewer pages than this are left out, >= 1. A word of a single page tells that
            page from all others, not its label, and new pages miss their likes: leaving such words out gained
            up to 3 points in cross-validation, and keeps them out of the model.
        seed: Seed of the folds and of the solver, 0..2**32 - 1; equal seeds give equal models.
        review_below: Confidence below which a document is for a person to look at, 0..1.
        calibration_folds: Folds on which the confidence is learned, >= 2; each costs one more fit.
        regularisation: The solver's C, > 0: larger values trust the training labels more.
        max_iterations: Most passes of the solver, >= 1.
    """

    n_features: int = 2**18
    ngram_range: tuple[int, int] = (1, 2)
    analyzer: Literal["word", "char_wb"] = "word"
    lowercase: bool = True
    strip_accents: Literal["unicode", "ascii"] | None = None
    sublinear_tf: bool = True
    idf: bool = True
    min_pages: int = 2
    seed: int = 0
    review_below: float = 0.5
    calibration_folds: int = 3
    regularisation: float = 1.0
    max_iterations: int = 1000

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            TrainingError: Names the option and what was expected.
        """
        expectations = {
            "seed should be from 0 to 2**32 - 1": 0 <= self.seed < 2**32,
            "review_below should be from 0 to 1": 0 <= self.review_below <= 1,
            "calibration_folds should be 2 or more": self.calibration_folds >= 2,
            "min_pages should be 1 or more": self.min_pages >= 1,
            "regularisation should be a number above 0": 0 < self.regularisation < math.inf,
            "max_iterations should be 1 or more": self.max_iterations >= 1,
        }
        for expectation, met in expectations.items():
            if not met:
                raise TrainingError(expectation)
        try:
            _ = self.spec
        except ValidationError as error:
            raise TrainingError(first_problem(error)) from None

    @cached_property
    def spec(self) -> FeatureSpec:
        """How text becomes features under these options."""
        return FeatureSpec(
            n_features=self.n_features,
            ngram_range=self.ngram_range,
            analyzer=self.analyzer,
            lowercase=self.lowercase,
            strip_accents=self.strip_accents,
            sublinear_tf=self.sublinear_tf,
            idf=self.idf,
        )
