"""What a published manifest says, as far as publishing needs it. Pure.

Read leniently, unlike ``smartcat.classifier.manifest``: a list must also show models that an older or a
newer smartcat made, which this one could not serve.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from smartcat.classifier.errors import validation_message
from smartcat.cli.models.errors import DamagedError

MAX_MANIFEST_BYTES: Final = 4 * 2**20
"""As ``smartcat.classifier.format_limits`` bounds it."""

MAX_FILES: Final = 32
MAX_BYTES: Final = 400 * 2**20
"""What the function takes: ``stream_processor.adapters.s3_model`` refuses more."""

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)


class PublishedFile(_Part):
    """A file of a model beside its manifest.

    Attributes:
        bytes: Its size.
        sha256: Its checksum, in hexadecimal.
    """

    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Training(_Part):
    """Where a model comes from, as far as its maker said.

    Attributes:
        documents: Documents learned from.
        held_out_accuracy: Share of held-out documents that were labelled rightly.
    """

    documents: int | None = None
    held_out_accuracy: float | None = None


class PublishedManifest(_Part):
    """The manifest of a model.

    Attributes:
        model_version: The version.
        labels: What it can say.
        created_at: When it was trained, as its maker said.
        training: Where it comes from.
        files: The files beside the manifest.
    """

    model_version: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    labels: tuple[str, ...]
    created_at: str = ""
    training: Training = Training()
    files: Annotated[dict[FileName, PublishedFile], Field(min_length=1, max_length=MAX_FILES - 1)]

    @property
    def total_bytes(self) -> int:
        """The size of all files beside the manifest."""
        return sum(file.bytes for file in self.files.values())


def read_manifest(content: bytes, where: str) -> PublishedManifest:
    """Read a manifest.

    Args:
        content: Its bytes.
        where: What to call it in an error.

    Raises:
        DamagedError: It is none.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        raise DamagedError(f"{where}: larger than {MAX_MANIFEST_BYTES} bytes, not a manifest")
    try:
        return PublishedManifest.model_validate_json(content)
    except ValidationError as error:
        raise DamagedError(f"{where}: not a model's manifest: {validation_message(error)}") from None
