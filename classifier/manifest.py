"""The schema of ``manifest.json``: what a model says about itself. Reads no files, computes no scores."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from classifier.errors import ModelError, first_problem
from classifier.limits import MAX_ARRAY_BYTES, MAX_LABEL_CHARS, MAX_LABELS, MAX_MANIFEST_BYTES
from classifier.model import ArrayName, array_shapes
from classifier.spec import FeatureSpec

FORMAT: Final = "smartcat-model"
FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Label = Annotated[str, Field(min_length=1, max_length=MAX_LABEL_CHARS)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class StoredFile(_Part):
    """Size in bytes and checksum of one array file."""

    bytes: Annotated[int, Field(ge=4, le=MAX_ARRAY_BYTES)]
    sha256: Sha256


class GoldenDocument(_Part):
    """A document written for the purpose, with what the model answered where it was trained.

    Attributes:
        name: What the document is there to show.
        pages: Its texts; generated, never text of the training corpus.
        features: SHA-256 over its hashed counts.
        label: Label it was given.
        scores: Document score of each class, ``None`` where the document holds nothing the model knows.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    pages: Annotated[tuple[str, ...], Field(max_length=100)]
    features: Sha256
    label: Label
    scores: tuple[float, ...] | None


class TrainingFacts(_Part):
    """Where a model comes from.

    Attributes:
        documents: Documents learned from.
        pages: Their pages.
        blank_pages: Pages among them without any feature, which were left out.
        documents_per_label: Documents of each label.
        seed: Seed of the folds and of the solver.
        regularisation: The solver's C.
        folds: Folds that the temperature was learned on.
        held_out_documents: Documents scored by a model that had not seen them.
        held_out_accuracy: Share of those that were labelled rightly.
        held_out_ece: Expected calibration error over those.
        created_by: Name and version of Python and of the libraries that trained the model.
    """

    documents: Count
    pages: Count
    blank_pages: Count
    documents_per_label: dict[Label, Count]
    seed: Count
    regularisation: Annotated[float, Field(gt=0)]
    folds: Annotated[int, Field(ge=2)]
    held_out_documents: Count
    held_out_accuracy: Share
    held_out_ece: Share
    created_by: dict[str, Annotated[str, Field(max_length=100)]]


def _unique(labels: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(labels)) != len(labels):
        raise ValueError("should not repeat a label")
    return labels


class Manifest(_Part):
    """Everything about a model that is not an array.

    Attributes:
        format: Always ``smartcat-model``.
        format_version: Version of this schema.
        model_version: Short hash of the model's content.
        labels: One label a class, in the order of the weights' columns.
        spec: How text becomes features.
        temperature: Divisor of the scores before the softmax.
        threshold: Smallest confidence that is accepted.
        files: The array files; their names are fixed by the format.
        golden: Documents that every reader of the model must score alike.
        training: Where the model comes from.
        created_at: When, as the publisher said it (ISO 8601).
    """

    format: Literal["smartcat-model"]
    format_version: Literal[1]
    model_version: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    labels: Annotated[tuple[Label, ...], Field(min_length=2, max_length=MAX_LABELS), AfterValidator(_unique)]
    spec: FeatureSpec
    temperature: Annotated[float, Field(gt=0, le=1e6)]
    threshold: Share
    files: dict[ArrayName, StoredFile]
    golden: Annotated[tuple[GoldenDocument, ...], Field(min_length=1, max_length=50)]
    training: TrainingFacts
    created_at: Annotated[str, Field(min_length=1, max_length=64)]

    @model_validator(mode="after")
    def _sizes_agree(self) -> Self:
        shapes = array_shapes(self.spec, len(self.labels))
        if set(self.files) != set(shapes):
            raise ValueError(f"files should be {', '.join(sorted(shapes))}")
        for name, file in self.files.items():
            expected = 4
            for extent in shapes[name]:
                expected *= extent
            if file.bytes != expected:
                raise ValueError(f"files.{name}.bytes should be {expected} for this spec and these labels")
        return self

    @model_validator(mode="after")
    def _golden_agrees(self) -> Self:
        for document in self.golden:
            if document.label not in self.labels:
                raise ValueError(f"golden document {document.name!r} should have one of the model's labels")
            if document.scores is not None and len(document.scores) != len(self.labels):
                raise ValueError(f"golden document {document.name!r} should have one score a label")
        return self


class _Header(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    format: Literal["smartcat-model"]
    format_version: int


def parse_manifest(content: bytes, where: str) -> Manifest:
    """Read a manifest.

    Args:
        content: The file's content.
        where: What to call the file in an error.

    Returns:
        The manifest; every size and name in it is consistent and within bounds.

    Raises:
        ModelError: Not JSON, not this format, another format version, or a field that is not as it should be.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        raise ModelError(f"{where}: larger than {MAX_MANIFEST_BYTES} bytes, not a manifest")
    try:
        header = _Header.model_validate_json(content)
        if header.format_version != FORMAT_VERSION:
            found = f"format version {header.format_version}"
            raise ModelError(f"{where}: {found}, but this smartcat reads version {FORMAT_VERSION}")
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise ModelError(f"{where}: {first_problem(error)}") from None
