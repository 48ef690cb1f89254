"""The schema of ``manifest.json``: all about a model that is not an array. Reads no files, scores nothing.

Field names are those of the file and must not change; where the code has better words, this module
translates.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from smartcat.classifier.errors import ModelError, validation_message
from smartcat.classifier.format_limits import (
    MAX_COUNT,
    MAX_GOLDEN_CHARS,
    MAX_LABEL_CHARS,
    MAX_LABELS,
    MAX_MANIFEST_BYTES,
    MAX_MANIFEST_NAMES,
    MAX_MODEL_BYTES,
    MAX_TABLE_BYTES,
    MAX_TRANSITIONS_PER_LABEL,
)
from smartcat.classifier.model_arrays import (
    COLUMNS,
    UNICODE,
    ArrayName,
    Column,
    Precision,
    array_bytes,
    array_shapes,
)
from smartcat.classifier.rule import GATE_NUMBERS, Gate, Pooling
from smartcat.classifier.segmentation_parameters import SegmentationParameters
from smartcat.classifier.spec import FeatureSpec

FORMAT: Final = "smartcat-model"
FORMAT_VERSION: Final = 2
MANIFEST: Final = "manifest.json"
LEARNED_TEXTS: Final = "learned.u32"
"""Hashes of the texts learned from, beside the model and no part of it."""

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Share = Annotated[float, Field(ge=0, le=1)]


def _printable(label: str) -> str:
    # Labels are shown on terminals and written into logs.
    if not label.isprintable():
        raise ValueError("should be printable")
    return label


Label = Annotated[str, Field(min_length=1, max_length=MAX_LABEL_CHARS), AfterValidator(_printable)]


def _at_most(entries: int) -> BeforeValidator:
    """Return the check that an object has at most so many entries, made before one of them is read."""

    def check(value: object) -> object:
        if isinstance(value, dict) and len(value) > entries:
            raise ValueError(f"should have at most {entries} entries")
        return value

    return BeforeValidator(check)


class _Strict(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class StoredFile(_Strict):
    """Size in bytes and checksum of one file of the model."""

    bytes: Annotated[int, Field(ge=1, le=MAX_MODEL_BYTES)]
    sha256: Sha256


class GoldenDocument(_Strict):
    """A document written for the purpose, with what the model decided where it was trained.

    Attributes:
        name: What the document tests.
        pages: Its texts; generated, never text of the training corpus.
        features: SHA-256 over its hashed counts.
        label: The label it got.
        scores: Document score of each class, ``None`` where the model knows no feature of the document.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    pages: Annotated[tuple[str, ...], Field(fail_fast=True, max_length=100)]
    features: Sha256
    label: Label
    scores: Annotated[tuple[float, ...], Field(fail_fast=True)] | None


class LabelFacts(_Strict):
    """The training documents of one label, and its scores on held-out documents.

    Attributes:
        documents: Number of training documents with the label.
        held_out: How many of those were held out.
        precision: Precision on the held-out documents; 0 where none was given the label.
        recall: Recall on the held-out documents; 0 where none has the label.
    """

    documents: Count
    held_out: Count
    precision: Share
    recall: Share


class Trial(_Strict):
    """One set of hyperparameters, and its scores on held-out documents.

    Attributes:
        features: Description of the features.
        loss: The solver's loss function.
        regularisation: The solver's C.
        class_weight: Whether rare labels weigh more.
        naive_bayes: Weight of the naive Bayes log-count ratios that were added.
        accuracy: Accuracy on the held-out documents.
        log_loss: Mean log loss on the held-out documents; the trial with the lowest is chosen.
    """

    features: Annotated[str, Field(max_length=300)]
    loss: Literal["squared_hinge", "log"]
    regularisation: Annotated[float, Field(gt=0)]
    class_weight: Literal["balanced"] | None
    naive_bayes: Annotated[float, Field(ge=0)]
    accuracy: Share
    log_loss: Annotated[float, Field(ge=0)]


class CorpusReportFacts(_Strict):
    """What was unusual about the corpus: the counts of ``smartcat.training.corpus.corpus_report``.

    Attributes:
        documents: Documents read.
        copies: Those with text and label of an earlier one, which were not learned from.
        near_copies: Those nearly equal to an earlier one; ``None`` where that was not looked for.
        from_templates: Those nearly equal to a large share of their label; ``None`` likewise.
        conflicting: Those with the text of an earlier one and another label.
        label_variants: Groups of labels that differ only by case, spaces or Unicode form.
        blank: Those without a letter or digit.
        unspaced: Those in scripts without spaces between words.
        labels_with_few: Labels with too few documents to be held out.
        largest_share: Share of the label of most documents.
        smallest_share: Share of the label of fewest.
        boilerplate: Share of the text that most pages of every label have; ``None`` where it is not known.
    """

    documents: Count
    copies: Count
    near_copies: Count | None
    from_templates: Count | None
    conflicting: Count
    label_variants: Count
    blank: Count
    unspaced: Count
    labels_with_few: Count
    largest_share: Share
    smallest_share: Share
    boilerplate: Share | None


class TrainingFacts(_Strict):
    """How a model was trained, and its scores on held-out documents.

    Attributes:
        data_sha256: Fingerprint of the training data: ids, labels and texts in the order read, but copies.
        documents: Number of training documents, without copies.
        pages: Number of their pages.
        blank_pages: Pages among them without any feature, which were left out.
        corrected: Documents whose label is a correction.
        labels: Facts about each label.
        features: Features that occurred on enough pages; those beyond the model's size were pruned.
        seed: Seed of the solver.
        choice: The hyperparameters that were chosen.
        tried: All hyperparameters that were compared; empty where none were.
        folds: Number of cross-validation folds that confidence was calibrated on.
        held_out_documents: Documents scored by a model that was not trained on them.
        held_out_accuracy: Accuracy on those.
        held_out_ece: Expected calibration error on those.
        held_out_coverage: Share of those that were accepted.
        held_out_precision: Share of the accepted whose label is right; 0 where none was accepted.
        held_out_confidence: Mean confidence.
        held_out_familiarity: Mean share of a document's distinct features that the model knew.
        held_out_accuracy_interval: 95 % interval of that accuracy; absent in older models, as what follows.
        held_out_ece_interval: 95 % interval of that calibration error (bootstrap).
        label_noise: Share of the held-out documents whose label the surest predictions contradict; about 0
            where labels are right.
        strangers: Documents of left-out labels that the gate was learned from; 0 where there were none.
        strangers_accepted: Share of those that would be accepted.
        strangers_own_review: Share of the own held-out documents that the gate sends to review.
        unpruned_accuracy: Accuracy on the same documents before weights were pruned and rounded.
        target_precision: The precision that the thresholds were chosen for, if any.
        without_evidence: Held-out documents without a feature that the model knew; they count as wrong.
        corpus: What was unusual about the corpus; ``None`` for models of before that was recorded.
        learned_texts: The file of hashes that recognises a document that was learned from. It lies beside the
            model's files, is none of them, and nothing but evaluation reads it; ``None`` as above.
        created_by: Name and version of Python and of the libraries that trained the model.
    """

    data_sha256: Sha256
    documents: Annotated[int, Field(ge=1, le=MAX_COUNT)]
    pages: Count
    blank_pages: Count
    corrected: Count = 0
    labels: Annotated[dict[Label, LabelFacts], _at_most(MAX_LABELS)]
    features: Count
    seed: Count
    choice: Trial
    tried: Annotated[tuple[Trial, ...], Field(fail_fast=True, max_length=1000)] = ()
    folds: Annotated[int, Field(ge=1)]
    held_out_documents: Count
    held_out_accuracy: Share
    held_out_ece: Share
    held_out_coverage: Share
    held_out_precision: Share
    held_out_confidence: Share
    held_out_familiarity: Share
    held_out_accuracy_interval: tuple[Share, Share] | None = None
    held_out_ece_interval: tuple[Share, Share] | None = None
    label_noise: Share | None = None
    strangers: Count = 0
    strangers_accepted: Share | None = None
    strangers_own_review: Share | None = None
    unpruned_accuracy: Share
    target_precision: Share | None = None
    without_evidence: Count = 0
    corpus: CorpusReportFacts | None = None
    learned_texts: StoredFile | None = None
    created_by: Annotated[dict[str, Annotated[str, Field(max_length=100)]], _at_most(100)]


class LinkFacts(_Strict):
    """See :class:`smartcat.classifier.decision.Link`."""

    above: Annotated[float, Field(gt=0, le=1e6)]
    below: Annotated[float, Field(gt=0, le=1e6)]
    knee: Annotated[float, Field(ge=-1e6, le=1e6)]
    growth: Share


class PoolingFacts(_Strict):
    """How :class:`smartcat.classifier.rule.Pooling` is stored."""

    concentration: Annotated[float, Field(ge=0, le=100)]
    max_pages: Annotated[int, Field(ge=1, le=MAX_COUNT)]
    min_known_features: Annotated[tuple[Count, ...], Field(fail_fast=True)]
    full_features: Annotated[tuple[Count, ...], Field(fail_fast=True)]
    max_dissent: Share

    def pooling(self) -> Pooling:
        """Return what is stored here."""
        return Pooling(**self.model_dump())


_Number = Annotated[float, Field(ge=-1e6, le=1e6)]
_GateNumbers = Annotated[
    tuple[_Number, ...], Field(fail_fast=True, min_length=GATE_NUMBERS, max_length=GATE_NUMBERS)
]


class GateFacts(_Strict):
    """How :class:`smartcat.classifier.rule.Gate` is stored."""

    weights: _GateNumbers
    lower: _GateNumbers
    upper: _GateNumbers
    threshold: _Number

    def gate(self) -> Gate:
        """Return what is stored here."""
        return Gate(**self.model_dump())


Transition = tuple[Count, Count, Share]
Weight = Annotated[float, Field(ge=0, le=1e6)]


class SegmentationFacts(_Strict):
    """How :class:`smartcat.classifier.segmentation_parameters.SegmentationParameters` are stored."""

    evidence: Weight
    slope: Weight
    likeness: Weight
    typical: Share
    offset: Annotated[float, Field(ge=-1e6, le=1e6)]
    blank_leads: Share
    # Far enough from 0 that the sum over all paths cannot underflow.
    starts: Annotated[tuple[Annotated[float, Field(ge=1e-12, le=1)], ...], Field(fail_fast=True)]
    ends: Annotated[tuple[Annotated[float, Field(ge=1e-6, le=1 - 1e-6)], ...], Field(fail_fast=True)]
    goes_on: Annotated[tuple[Transition, ...], Field(fail_fast=True)]

    @classmethod
    def of(cls, parameters: SegmentationParameters) -> Self:
        """Return the parameters as they are stored."""
        return cls(
            evidence=parameters.label_weight,
            slope=parameters.boundary_weight,
            likeness=parameters.similarity_weight,
            typical=parameters.typical_similarity,
            offset=parameters.boundary_bias,
            blank_leads=parameters.blank_begins,
            starts=parameters.start_probabilities,
            ends=parameters.end_probabilities,
            goes_on=parameters.transitions,
        )

    def parameters(self) -> SegmentationParameters:
        """Return the parameters that are stored here."""
        return SegmentationParameters(
            label_weight=self.evidence,
            boundary_weight=self.slope,
            similarity_weight=self.likeness,
            typical_similarity=self.typical,
            boundary_bias=self.offset,
            blank_begins=self.blank_leads,
            start_probabilities=self.starts,
            end_probabilities=self.ends,
            transitions=self.goes_on,
        )


def _unique(labels: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(labels)) != len(labels):
        raise ValueError("should not repeat a label")
    return labels


def _in_order(columns: tuple[str, ...]) -> tuple[str, ...]:
    if columns != tuple(column for column in COLUMNS if column in columns):
        raise ValueError(f"should be some of {', '.join(COLUMNS)}, in this order")
    return columns


class Manifest(_Strict):
    """Everything about a model that is not an array.

    Attributes:
        format: Always ``smartcat-model``.
        format_version: Version of this schema.
        model_version: Short hash of the model's content.
        labels: One label a class, in the order of the weights' columns.
        columns: What further columns of the weights mean.
        spec: How text becomes features.
        kept: Number of features that have weights.
        precision: How weights are stored.
        link: From scores to logits.
        thresholds: Smallest confidence that is accepted, for each label; above 1 for never.
        familiar: Smallest share of known features for each part of an in-distribution document; empty for no
            such condition.
        evidence: Fewest known features for each part of such a document; empty for no such condition.
        stacks: What was learned about page streams.
        pooling: How the pages of a document count together; absent from models that take the mean of all.
        gate: What keeps strangers out; absent where it was not learned.
        files: The files beside the manifest: one for each array, and ``unicode.bin``.
        golden: Documents that every reader of the model must score alike.
        training: How the model was trained.
        created_at: Time of training as its author gave it (ISO 8601).
    """

    format: Literal["smartcat-model"]
    format_version: Literal[2]
    model_version: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    labels: Annotated[
        tuple[Label, ...],
        Field(fail_fast=True, min_length=2, max_length=MAX_LABELS),
        AfterValidator(_unique),
    ]
    columns: Annotated[tuple[Column, ...], Field(fail_fast=True), AfterValidator(_in_order)]
    spec: FeatureSpec
    kept: Annotated[int, Field(ge=1)]
    precision: Precision
    link: LinkFacts
    thresholds: Annotated[tuple[Annotated[float, Field(ge=0, le=2)], ...], Field(fail_fast=True)]
    familiar: Annotated[tuple[Share, ...], Field(fail_fast=True)]
    evidence: Annotated[tuple[Count, ...], Field(fail_fast=True)]
    stacks: SegmentationFacts
    pooling: PoolingFacts | None = None
    gate: GateFacts | None = None
    files: Annotated[dict[ArrayName, StoredFile], _at_most(100)]
    golden: Annotated[tuple[GoldenDocument, ...], Field(fail_fast=True, min_length=1, max_length=50)]
    training: TrainingFacts
    created_at: Annotated[str, Field(min_length=1, max_length=64)]

    @model_validator(mode="after")
    def _numbers_agree(self) -> Self:
        if self.kept > self.spec.width:
            raise ValueError(f"kept should be at most {self.spec.width}, the number of features")
        if len(self.thresholds) != len(self.labels):
            raise ValueError("thresholds should be one a label")
        if not {len(self.familiar), len(self.evidence)} <= {0, len(self.spec.parts)}:
            raise ValueError("familiar and evidence should be one number a part, or none")
        if self.pooling:
            counts = {len(self.pooling.min_known_features), len(self.pooling.full_features)}
            if not counts <= {0, len(self.spec.parts)}:
                raise ValueError("pooling's numbers of features should be one a part, or none")
        return self

    @model_validator(mode="after")
    def _segmentation_agrees(self) -> Self:
        labels = len(self.labels)
        if not {len(self.stacks.starts), len(self.stacks.ends)} <= {0, labels}:
            raise ValueError("stacks.starts and stacks.ends should be one number a label, or none")
        if len(self.stacks.goes_on) > MAX_TRANSITIONS_PER_LABEL * labels:
            raise ValueError(
                f"stacks.goes_on should have at most {MAX_TRANSITIONS_PER_LABEL} transitions a label"
            )
        if any(max(label, following) >= labels for label, following, _ in self.stacks.goes_on):
            raise ValueError("stacks.goes_on should refer to labels by their indices")
        return self

    @model_validator(mode="after")
    def _sizes_agree(self) -> Self:
        columns = len(self.labels) + len(self.columns)
        shapes = array_shapes(self.spec, kept=self.kept, columns=columns, precision=self.precision)
        if set(self.files) != {*shapes, UNICODE}:
            raise ValueError(f"files should be {', '.join(sorted({*shapes, UNICODE}))}")
        for name, shape in shapes.items():
            expected = array_bytes(name, shape)
            if self.files[name].bytes != expected:
                raise ValueError(f"files.{name}.bytes should be {expected} for this spec and these labels")
        if sum(file.bytes for file in self.files.values()) > MAX_MODEL_BYTES:
            raise ValueError(f"files should be at most {MAX_MODEL_BYTES} bytes together")
        if self.files[UNICODE].bytes > MAX_TABLE_BYTES:
            raise ValueError(f"files.{UNICODE}.bytes should be at most {MAX_TABLE_BYTES}")
        return self

    @model_validator(mode="after")
    def _golden_agrees(self) -> Self:
        for document in self.golden:
            if document.label not in self.labels:
                raise ValueError(f"golden document {document.name!r} should have one of the model's labels")
            if document.scores is not None and len(document.scores) != len(self.labels):
                raise ValueError(f"golden document {document.name!r} should have one score a label")
        if sum(len(page) for document in self.golden for page in document.pages) > MAX_GOLDEN_CHARS:
            raise ValueError(f"golden documents should be at most {MAX_GOLDEN_CHARS} characters together")
        return self


class _Header(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    format: Literal["smartcat-model"]
    format_version: Annotated[int, Field(ge=0, le=MAX_COUNT)]


def parse_manifest(content: bytes, where: str) -> Manifest:
    """Return the manifest in a file.

    Args:
        content: The file's content.
        where: Name of the file for error messages.

    Returns:
        The manifest; every size and name in it is consistent and within bounds.

    Raises:
        ModelError: Not JSON, not this format, another format version, or an invalid field.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        raise ModelError(f"{where}: larger than {MAX_MANIFEST_BYTES} bytes, not a manifest")
    if content.count(b":") > MAX_MANIFEST_NAMES < _STRING.sub(b"", content).count(b":"):
        raise ModelError(f"{where}: more than {MAX_MANIFEST_NAMES} fields, not a manifest")
    try:
        header = _Header.model_validate_json(content)
        if header.format_version != FORMAT_VERSION:
            version = f"format version {header.format_version}"
            raise ModelError(f"{where}: {version}, but this smartcat reads version {FORMAT_VERSION}")
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise ModelError(f"{where}: {validation_message(error)}") from None
