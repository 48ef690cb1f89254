"""Publishes a model: validates the directory, uploads what is missing, and the manifest last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.classifier.classifier import load_classifier
from smartcat.classifier.manifest import LEARNED_TEXTS
from smartcat.cli.models.errors import ConflictError, DamagedError
from smartcat.cli.models.location import MANIFEST
from smartcat.cli.models.published_manifest import MAX_BYTES, read_manifest
from smartcat.cli.models.uploads import needed_uploads

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.cli.console import Report
    from smartcat.cli.models.model_store import ModelStore
    from smartcat.cli.models.published_manifest import PublishedManifest
    from smartcat.cli.models.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Published:
    """The result of publishing.

    Attributes:
        model_version: The version.
        files: Number of uploaded files, with the manifest; 0 if all were stored already.
        bytes: Their size.
        completed: Whether some of it was stored before.
        left_out: Files of the directory that are not part of the model.
    """

    model_version: str
    files: int
    bytes: int
    completed: bool
    left_out: tuple[str, ...]


def publish(
    store: ModelStore, directory: Path, report: Report = lambda _stage, _done, _total: None
) -> Published:
    """Publish a model directory.

    A version that is stored already is compared by checksums and completed. If stopped at any point, no
    incomplete version counts as published.

    Args:
        store: The location.
        directory: A model directory.
        report: Called with ``("uploading", files so far, files)``.

    Returns:
        What was uploaded.

    Raises:
        smartcat.classifier.errors.ModelError: The directory holds no valid model.
        PublishingError: The version is stored with other content, or the directory changed meanwhile.
        OSError: A file cannot be read.
    """
    version = load_classifier(directory).model_version
    content = (directory / MANIFEST).read_bytes()
    model = read_manifest(content, str(directory / MANIFEST))
    if model.model_version != version:
        raise DamagedError(f"{directory}: changed while it was being published")
    if len(content) + model.total_bytes > MAX_BYTES:
        raise DamagedError(f"{directory}: larger than the {MAX_BYTES} bytes that the function accepts")
    sizes = store.files(version)
    uploads = _uploads(store, model, sizes)
    _upload(store, directory, model, uploads, report)
    if uploads.manifest:
        _publish_manifest(store, model, content)
    return Published(
        model_version=version,
        files=len(uploads.files) + uploads.manifest,
        bytes=sum(file.bytes for file in uploads.files.values()) + uploads.manifest * len(content),
        completed=bool(sizes),
        left_out=tuple(
            sorted({file.name for file in directory.iterdir()} - {MANIFEST, LEARNED_TEXTS, *model.files})
        ),
    )


def _uploads(store: ModelStore, model: PublishedManifest, sizes: dict[str, int]) -> Uploads:
    version = model.model_version
    stored = {
        name: store.stored_file(version, name, size) for name, size in sizes.items() if name in model.files
    }
    return needed_uploads(model, stored, read_published_manifest(store, version))


def _upload(
    store: ModelStore, directory: Path, model: PublishedManifest, uploads: Uploads, report: Report
) -> None:
    total = len(uploads.files) + uploads.manifest
    for number, (name, file) in enumerate(uploads.files.items(), start=1):
        with (directory / name).open("rb") as stream:
            store.put_file(model.model_version, name, stream, file)
        report("uploading", number, total)


def _publish_manifest(store: ModelStore, model: PublishedManifest, content: bytes) -> None:
    try:
        store.put_manifest(model.model_version, content)
    except ConflictError:
        # Somebody else published the version meanwhile, or our own request did and its response was lost.
        needed_uploads(model, model.files, read_published_manifest(store, model.model_version))


def read_published_manifest(store: ModelStore, version: str) -> PublishedManifest | None:
    """Return the manifest of a version; None if it is not published.

    Raises:
        DamagedError: The stored object is not a manifest, or that of another version.
    """
    content = store.manifest(version)
    if content is None:
        return None
    where = f"{store.location.url(version)}{MANIFEST}"
    manifest = read_manifest(content, where)
    if manifest.model_version != version:
        raise DamagedError(f"{where}: is the manifest of version {manifest.model_version}")
    return manifest
