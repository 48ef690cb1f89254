"""The table of hyperparameters: name, type, default, range and meaning of each, written once.

The classes of :mod:`smartcat.training.hyperparameters` take defaults and checks from here, the command line
its options, the manifest and the summary what was chosen, docs/models.md its table. Imports nothing heavy:
the command line reads it to print its help.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

FEATURE_SET_NAMES: Final = (
    "words",
    "characters",
    "both",
    "words-and-head",
    "characters-and-head",
    "all",
)


_ACCEPTED: Final[dict[type, tuple[type, ...]]] = {
    bool: (bool,),
    int: (int,),
    float: (int, float),
    str: (str,),
}
"""The types of a value that is good for each type of the table."""
_TYPE_NAMES: Final = {bool: "true or false", int: "integer", float: "number", str: "text"}


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """One thing that decides how a model is trained.

    Attributes:
        name: The field that holds it.
        kind: Its type.
        default: Its value if it is not set.
        meaning: What it does, for people; one clause without a full stop.
        group: ``model`` for what model selection may choose, ``features`` for what all feature
            specifications that are compared have in common, ``training`` for everything else.
        minimum: The smallest value, or the value it must exceed; ``None`` for no bound.
        maximum: The largest value, or the value it must stay below; ``None`` for no bound.
        exclusive: Whether the bounds themselves are outside the range.
        choices: All values of one that is no number.
        optional: Whether it may be ``None``.
        unit: The unit of a number.
        option: The option of ``smartcat train`` that sets it, if any.
        summary: How a value other than ``None`` and 0 is written in a summary; ``{}`` is the value.
    """

    name: str
    kind: type
    default: Any
    meaning: str
    group: Literal["model", "features", "training"] = "training"
    minimum: float | None = None
    maximum: float | None = None
    exclusive: bool = False
    choices: tuple[str, ...] = ()
    optional: bool = False
    unit: str = ""
    option: str | None = None
    summary: str = ""

    def accepts(self, value: Any) -> bool:
        """Return whether a value has the type and is in range; never for NaN and infinity."""
        if value is None:
            return self.optional
        # True is a number to Python.
        if isinstance(value, bool) is not (self.kind is bool) or not isinstance(value, _ACCEPTED[self.kind]):
            return False
        if not isinstance(value, int | float) or isinstance(value, bool):
            return not self.choices or value in self.choices
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        in_range = low < value < high if self.exclusive else low <= value <= high
        return in_range and math.isfinite(value)

    @property
    def range(self) -> str:
        """The range in words, as an error message and the documentation give it."""
        if self.choices:
            return " or ".join(self.choices)
        if self.minimum is None:
            return _TYPE_NAMES[self.kind]
        if self.maximum is None:
            return f"a number above {self.minimum:g}" if self.exclusive else f"{self.minimum:g} or more"
        low, high = f"{self.minimum:.0f}", f"{self.maximum:.0f}"
        return f"above {low} and below {high}" if self.exclusive else f"from {low} to {high}"

    @property
    def help(self) -> str:
        """The meaning as a sentence, for the help of a command."""
        return f"{self.meaning[0].upper()}{self.meaning[1:]}."

    def summarize(self, value: Any) -> str:
        """Return the words for a value in a summary of a model; nothing for one that changes nothing."""
        if not self.summary or value is None or value == 0:
            return ""
        return self.summary.format(value.replace("_", " ") if isinstance(value, str) else f"{value:g}")


TABLE: Final = (
    Hyperparameter(
        "features",
        str,
        "auto",
        "what text is cut into: n-grams of words, of characters, of the top of each page; auto compares all"
        " sets on held-out documents",
        "model",
        choices=("auto", *FEATURE_SET_NAMES),
        option="--features",
    ),
    Hyperparameter(
        "loss",
        str,
        "squared_hinge",
        "the loss that the solver minimizes",
        "model",
        choices=("squared_hinge", "log"),
        summary="{}",
    ),
    Hyperparameter(
        "regularisation",
        float,
        1.0,
        "the solver's C: larger values trust the training labels more",
        "model",
        minimum=0,
        exclusive=True,
        summary="C {}",
    ),
    Hyperparameter(
        "class_weight",
        str,
        None,
        "balanced lets rare labels weigh more",
        "model",
        choices=("balanced",),
        optional=True,
        summary="{}",
    ),
    Hyperparameter(
        "naive_bayes",
        float,
        0.0,
        "how much of a naive Bayes is added to the solver's weights, in standard deviations of its scores: it"
        " learns from few documents what a solver needs many for",
        "model",
        minimum=0,
        summary="naive Bayes {}",
    ),
    Hyperparameter(
        "n_features",
        int,
        2**20,
        "hash buckets of each kind of n-gram, a power of two; the model's size does not depend on it",
        "features",
        minimum=2**4,
        maximum=2**24,
    ),
    Hyperparameter(
        "canonical",
        str,
        "nfc-plain",
        "the form that text is brought into first, so that texts which read alike are alike; none takes it as"
        " it comes",
        "features",
        choices=("nfc-plain",),
        optional=True,
    ),
    Hyperparameter("lowercase", bool, True, "lowercase text then", "features"),
    Hyperparameter(
        "strip_accents",
        str,
        None,
        "how accents are removed",
        "features",
        choices=("unicode", "ascii"),
        optional=True,
    ),
    Hyperparameter("sublinear_tf", bool, True, "a count c becomes 1 + ln c", "features"),
    Hyperparameter("idf", bool, True, "rare features weigh more", "features"),
    Hyperparameter(
        "refine",
        bool,
        True,
        "after the features, compare naive Bayes, C and class weights; not with --quick",
    ),
    Hyperparameter(
        "thorough",
        bool,
        False,
        "compare all sets of features on 2000 documents, and the logistic loss, and take the best at any"
        " cost; without it the better half of the sets goes on after a first round, and the cheapest within"
        " one standard error of the best is taken",
        option="--thorough",
    ),
    Hyperparameter("selection_folds", int, 3, "folds that candidates are compared on", minimum=2),
    Hyperparameter(
        "max_selection_documents",
        int,
        1000,
        "documents that candidates are compared on, at most; 2000 with --thorough",
        minimum=100,
    ),
    Hyperparameter(
        "folds",
        int,
        5,
        "cross-validation folds that confidence is learned on, each one or two fits more; 3 with --quick",
        minimum=2,
    ),
    Hyperparameter(
        "calibration_documents",
        int,
        4000,
        "documents that are enough to learn confidence from: with more, fewer of the folds are held out, at"
        " least two",
        minimum=100,
    ),
    Hyperparameter(
        "min_pages",
        int,
        2,
        "features on fewer pages are left out: one of a single page identifies the page, not its label",
        minimum=1,
    ),
    Hyperparameter(
        "max_bytes",
        int,
        5_000_000,
        "largest size of the compressed model, about; the features that matter least are pruned",
        minimum=10_000,
        maximum=500_000_000,
        unit="bytes",
        option="--size",
    ),
    Hyperparameter("precision", str, "int8", "how weights are stored", choices=("int8", "float32")),
    Hyperparameter(
        "seed",
        int,
        0,
        "the same seed and documents give the same model, to the bit of its version",
        minimum=0,
        maximum=2**32 - 1,
        option="--seed",
    ),
    Hyperparameter(
        "review_below",
        float,
        0.5,
        "confidence below which a document is for review",
        minimum=0,
        maximum=1,
        option="--review-below",
    ),
    Hyperparameter(
        "target_precision",
        float,
        None,
        "choose the threshold so that with 90 % probability, on documents like these, this share of what is"
        " accepted, such as 0.99, is right",
        minimum=0,
        maximum=1,
        exclusive=True,
        optional=True,
        option="--target-precision",
    ),
)

BY_NAME: Final = {hyperparameter.name: hyperparameter for hyperparameter in TABLE}


def default_of(name: str) -> Any:
    """Return the default of a hyperparameter."""
    return BY_NAME[name].default


def docs_table() -> list[str]:
    """Return the lines of the table of docs/models.md."""
    lines = [
        "| hyperparameter | type | default | range | meaning |",
        "| --- | --- | --- | --- | --- |",
    ]
    for each in TABLE:
        name = f"`{each.name}`, `{each.option}`" if each.option else f"`{each.name}`"
        default = "none" if each.default is None else str(each.default).lower()
        span = "" if each.range == _TYPE_NAMES[each.kind] else each.range
        kind = ", ".join(filter(None, (_TYPE_NAMES[each.kind], each.unit)))
        lines.append(f"| {name} | {kind} | {default} | {span} | {each.meaning} |")
    return lines
