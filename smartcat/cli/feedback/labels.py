"""The labels of a model, to tell a label that is new from one that is mistyped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcat.cli.models.errors import NotPublishedError
from smartcat.cli.models.location import MANIFEST, SCHEME, parse_location
from smartcat.cli.models.promotion import current
from smartcat.cli.models.publish import published_manifest
from smartcat.cli.models.published import MAX_MANIFEST_BYTES, read_manifest
from smartcat.cli.models.store import ModelStore

if TYPE_CHECKING:
    from collections.abc import Callable


def labels_of(place: str, s3: Callable[[], Any]) -> tuple[str, ...]:
    """Read which labels a model has.

    Args:
        place: A model directory, or ``s3://bucket/prefix`` with versions, one of them promoted.
        s3: Gives a boto3 client; not called for a directory.

    Raises:
        PublishingError: There is no such model, or its manifest is broken.
        OSError: The directory cannot be read.
    """
    if not place.startswith(SCHEME):
        file = Path(place) / MANIFEST
        with file.open("rb") as stream:
            return read_manifest(stream.read(MAX_MANIFEST_BYTES + 1), str(file)).labels
    store = ModelStore(s3(), parse_location(place))
    pointer = current(store)
    manifest = pointer and published_manifest(store, pointer.model_version)
    if not manifest:
        raise NotPublishedError(f"no version is promoted at {store.location}")
    return manifest.labels
