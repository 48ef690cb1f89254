"""Hyperparameters of a model and options of a training run, checked before any work is done.

Defaults, ranges and meanings stand in :mod:`smartcat.training.hyperparameter_table`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from pydantic import ValidationError

from smartcat.classifier.errors import validation_message
from smartcat.classifier.manifest import Trial
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.errors import TrainingError
from smartcat.training.hyperparameter_table import BY_NAME, TABLE, default_of

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
"""The sets of features that a person may name, and that model selection compares."""


def feature_spec(*parts: FeaturePart, **common: Any) -> FeatureSpec:
    """Return a feature specification.

    Args:
        parts: The kinds of n-grams.
        common: What all kinds have in common, where it is not the default of the table.

    Raises:
        TrainingError: The specification is impossible; names the field.
    """
    defaults = {each.name: each.default for each in TABLE if each.group == "features"}
    try:
        return FeatureSpec(parts=parts, **(defaults | common))
    except ValidationError as error:
        raise TrainingError(validation_message(error)) from None


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What decides the shape of one model: its features and how the solver fits them.

    Attributes:
        spec: How text becomes features.
        loss: See the table, as for all that follow.
        regularisation: Likewise.
        class_weight: Likewise.
        naive_bayes: Likewise.
    """

    spec: FeatureSpec = field(default_factory=lambda: feature_spec(WORDS))
    loss: Literal["squared_hinge", "log"] = default_of("loss")
    regularisation: float = default_of("regularisation")
    class_weight: Literal["balanced"] | None = default_of("class_weight")
    naive_bayes: float = default_of("naive_bayes")

    def __post_init__(self) -> None:
        """Refuse values out of range.

        Raises:
            TrainingError: Names the hyperparameter and its range.
        """
        _check(self)

    def to_facts(self, *, accuracy: float, log_loss: float) -> Trial:
        """Return the hyperparameters and how well they did on held-out documents, for the manifest."""
        values = {name: getattr(self, name) for name in _MODEL_FIELDS}
        return Trial(features=self.spec.describe(), **values, accuracy=accuracy, log_loss=log_loss)


_MODEL_FIELDS: Final = tuple(each.name for each in TABLE if each.group == "model" and each.name != "features")


def summarize(facts: Trial) -> str:
    """Return a manifest's hyperparameters in one line, such as ``squared hinge, C 1, naive Bayes 0.3``."""
    words = (BY_NAME[name].summarize(getattr(facts, name)) for name in _MODEL_FIELDS)
    return ", ".join(filter(None, words))


def all_feature_sets(**common: Any) -> tuple[Hyperparameters, ...]:
    """Return candidates with each set of features, and defaults otherwise.

    Args:
        common: What all kinds of n-grams have in common, where it is not the default of the table.
    """
    return tuple(Hyperparameters(feature_spec(*parts, **common)) for parts in FEATURE_SETS.values())


THOROUGH_DOCUMENTS: Final = 2000
"""Documents that a thorough comparison is made on."""

Changes: TypeAlias = tuple[dict[str, Any], ...]

REFINEMENTS: Final[tuple[Changes, ...]] = (
    ({"naive_bayes": 0.3}, {"naive_bayes": 0.6}),
    ({"regularisation": 0.3}, {"regularisation": 3.0}),
    ({"class_weight": "balanced"},),
)
"""What is compared after the features: each step changes the best candidate so far."""
THOROUGH_REFINEMENTS: Final[tuple[Changes, ...]] = (*REFINEMENTS, ({"loss": "log", "regularisation": 10.0},))
"""The same with the logistic loss, which takes several times as long and has hardly ever been worth it."""


def refined(best: Hyperparameters, changes: Changes) -> list[Hyperparameters]:
    """Return what to compare the best candidate so far with, in one step."""
    return [replace(best, **change) for change in changes]


@dataclass(frozen=True)
class TrainingOptions:
    """What a person may choose about training. The defaults suit pages of ordinary prose.

    Attributes:
        candidates: The hyperparameters to compare first. With a single one nothing is compared.
        refine: See the table, as for all that follow.
        thorough: Likewise.
        min_pages: Likewise.
        max_bytes: Likewise.
        precision: Likewise.
        seed: Likewise.
        review_below: Likewise.
        target_precision: Likewise; no threshold is below ``review_below``, and ``None`` uses it for all.
        folds: Likewise.
        selection_folds: Likewise.
        max_selection_documents: Likewise.
        suspects: Whether to rank the documents whose label may be wrong.
        calibration_documents: Likewise.
    """

    candidates: tuple[Hyperparameters, ...] = field(default_factory=all_feature_sets)
    refine: bool = default_of("refine")
    thorough: bool = default_of("thorough")
    min_pages: int = default_of("min_pages")
    max_bytes: int = default_of("max_bytes")
    precision: Literal["int8", "float32"] = default_of("precision")
    seed: int = default_of("seed")
    review_below: float = default_of("review_below")
    target_precision: float | None = default_of("target_precision")
    folds: int = default_of("folds")
    selection_folds: int = default_of("selection_folds")
    max_selection_documents: int = default_of("max_selection_documents")
    suspects: bool = False
    calibration_documents: int = default_of("calibration_documents")

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            TrainingError: Names the option and its range.
        """
        if not self.candidates:
            raise TrainingError("candidates should be one or more")
        if len({each.spec.model_copy(update={"parts": ()}) for each in self.candidates}) > 1:
            # Text is hashed once for all of them.
            raise TrainingError("candidates should differ in the parts of their features only")
        _check(self)

    @classmethod
    def quick(cls, *parts: FeaturePart, **common: Any) -> TrainingOptions:
        """Return options that compare nothing: these features, or words, and three folds.

        Args:
            parts: The kinds of n-grams; words if there is none.
            common: What all kinds have in common, where it is not the default.
        """
        only = Hyperparameters(feature_spec(*(parts or (WORDS,)), **common))
        return cls(candidates=(only,), refine=False, folds=3)

    @cached_property
    def parts(self) -> tuple[FeaturePart, ...]:
        """Every kind of n-gram that some candidate uses."""
        return tuple(dict.fromkeys(part for each in self.candidates for part in each.spec.parts))


def _check(values: Hyperparameters | TrainingOptions) -> None:
    for each in TABLE:
        if hasattr(values, each.name) and not each.accepts(getattr(values, each.name)):
            raise TrainingError(f"{each.name} should be {each.range}")
