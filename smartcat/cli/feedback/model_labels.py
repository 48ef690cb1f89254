"""Reads the labels of a model, to recognise a mistyped label. Knows no correction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcat.cli.models.errors import NotPublishedError
from smartcat.cli.models.location import MANIFEST, SCHEME, parse_location
from smartcat.cli.models.model_store import ModelStore
from smartcat.cli.models.promotion import current
from smartcat.cli.models.publish import read_published_manifest
from smartcat.cli.models.published_manifest import MAX_MANIFEST_BYTES, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable


def read_model_labels(model: str, s3: Callable[[], Any]) -> tuple[str, ...]:
    """Return the labels of a model.

    Args:
        model: A model directory, or ``s3://bucket/prefix`` with versions, one of them promoted.
        s3: Returns a boto3 client; not called for a directory.

    Raises:
        PublishingError: There is no such model, or its manifest is invalid.
        OSError: The directory cannot be read.
    """
    if not model.startswith(SCHEME):
        file = Path(model) / MANIFEST
        with file.open("rb") as stream:
            return read_manifest(stream.read(MAX_MANIFEST_BYTES + 1), str(file)).labels
    store = ModelStore(s3(), parse_location(model))
    pointer = current(store)
    manifest = pointer and read_published_manifest(store, pointer.model_version)
    if not manifest:
        raise NotPublishedError(f"no version is promoted at {store.location}")
    return manifest.labels
