"""The part of a published manifest that publishing needs. Pure.

Parsed leniently, unlike ``smartcat.classifier.manifest``: a list must also show models of an older or newer
smartcat, which this one could not serve.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from smartcat.classifier.errors import validation_message
from smartcat.cli.models.errors import DamagedError

MAX_MANIFEST_BYTES: Final = 4 * 2**20
"""The limit of ``smartcat.classifier.limits``."""

MAX_FILES: Final = 32
MAX_BYTES: Final = 400 * 2**20
"""The limit of ``stream_processor.adapters.s3_model``."""

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)


class PublishedFile(_Part):
    """A file of a model besides its manifest.

    Attributes:
        bytes: Its size.
        sha256: Its checksum in hexadecimal.
    """

    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Training(_Part):
    """How a model was trained, as far as the manifest says.

    Attributes:
        documents: Number of training documents.
        held_out_accuracy: Accuracy on held-out documents, 0 to 1.
    """

    documents: int | None = None
    held_out_accuracy: float | None = None


class PublishedManifest(_Part):
    """The manifest of a model.

    Attributes:
        model_version: The version.
        labels: Its labels.
        created_at: When it was trained.
        training: How it was trained.
        files: The files besides the manifest.
    """

    model_version: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    labels: Annotated[tuple[str, ...], Field(fail_fast=True)]
    created_at: str = ""
    training: Training = Training()
    files: Annotated[dict[FileName, PublishedFile], Field(min_length=1, max_length=MAX_FILES - 1)]

    @property
    def total_bytes(self) -> int:
        """Size of all files besides the manifest."""
        return sum(file.bytes for file in self.files.values())


def read_manifest(content: bytes, where: str) -> PublishedManifest:
    """Parse a manifest.

    Args:
        content: Its bytes.
        where: Names it in an error.

    Raises:
        DamagedError: It is not a manifest.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        raise DamagedError(f"{where}: larger than {MAX_MANIFEST_BYTES} bytes, not a manifest")
    try:
        return PublishedManifest.model_validate_json(content)
    except ValidationError as error:
        raise DamagedError(f"{where}: not a model's manifest: {validation_message(error)}") from None
