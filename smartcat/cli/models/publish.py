"""The story of publishing: check the directory, upload what is missing, and the manifest last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.classifier.classifier import load_classifier
from smartcat.cli.models.errors import DamagedError, MovedError
from smartcat.cli.models.location import MANIFEST
from smartcat.cli.models.plan import plan_uploads
from smartcat.cli.models.published import MAX_BYTES, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.cli.console import Report
    from smartcat.cli.models.plan import Plan
    from smartcat.cli.models.published import PublishedManifest
    from smartcat.cli.models.store import ModelStore


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did.

    Attributes:
        model_version: The version.
        files: Files that were uploaded, the manifest among them; 0 where all was there.
        bytes: Their size.
        completed: Whether some of it was there before.
        left_out: What is in the directory and no part of the model.
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

    A version that is there already is compared by checksums, and what is missing of it is uploaded. Stopped
    anywhere, it leaves nothing that counts as published.

    Args:
        store: Where to.
        directory: A model directory.
        report: Told ``("upload", files so far, files)``.

    Returns:
        What was done.

    Raises:
        smartcat.classifier.errors.ModelError: The directory holds no sound model.
        PublishingError: The version is there with other content, or the directory changed meanwhile.
        OSError: A file cannot be read.
    """
    version = load_classifier(directory).model_version
    content = (directory / MANIFEST).read_bytes()
    model = read_manifest(content, str(directory / MANIFEST))
    if model.model_version != version:
        raise DamagedError(f"{directory}: changed while it was published")
    if len(content) + model.total_bytes > MAX_BYTES:
        raise DamagedError(f"{directory}: more than the {MAX_BYTES} bytes that the function loads")
    sizes = store.files(version)
    plan = _plan(store, model, sizes)
    _upload(store, directory, model, plan, report)
    if plan.manifest:
        _publish_manifest(store, model, content)
    return Published(
        model_version=version,
        files=len(plan.files) + plan.manifest,
        bytes=sum(file.bytes for file in plan.files.values()) + plan.manifest * len(content),
        completed=bool(sizes),
        left_out=tuple(sorted({file.name for file in directory.iterdir()} - {MANIFEST, *model.files})),
    )


def _plan(store: ModelStore, model: PublishedManifest, sizes: dict[str, int]) -> Plan:
    version = model.model_version
    there = {
        name: store.stored_file(version, name, size) for name, size in sizes.items() if name in model.files
    }
    return plan_uploads(model, there, published_manifest(store, version))


def _upload(store: ModelStore, directory: Path, model: PublishedManifest, plan: Plan, report: Report) -> None:
    total = len(plan.files) + plan.manifest
    for number, (name, file) in enumerate(plan.files.items(), start=1):
        with (directory / name).open("rb") as stream:
            store.put_file(model.model_version, name, stream, file)
        report("upload", number, total)


def _publish_manifest(store: ModelStore, model: PublishedManifest, content: bytes) -> None:
    try:
        store.put_manifest(model.model_version, content)
    except MovedError:
        # Somebody else published the version meanwhile, or our own request did and its answer was lost.
        plan_uploads(model, model.files, published_manifest(store, model.model_version))


def published_manifest(store: ModelStore, version: str) -> PublishedManifest | None:
    """Read the manifest of a version; None where it is not published.

    Raises:
        DamagedError: What is there is no manifest, or that of another version.
    """
    content = store.manifest(version)
    if content is None:
        return None
    where = f"{store.location.pin(version)}{MANIFEST}"
    manifest = read_manifest(content, where)
    if manifest.model_version != version:
        raise DamagedError(f"{where}: is that of version {manifest.model_version}")
    return manifest
