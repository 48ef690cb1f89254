"""Lists the published versions with what their manifests say. Changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smartcat.cli.models.errors import DamagedError
from smartcat.cli.models.location import MANIFEST
from smartcat.cli.models.promotion import current
from smartcat.cli.models.publish import read_published_manifest
from smartcat.cli.models.uploads import missing_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.cli.models.model_store import ModelStore
    from smartcat.cli.models.pointer import Pointer

PARALLEL_READS: Final = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A published version.

    Attributes:
        model_version: The version.
        bytes: Size of its files.
        created_at: When it was trained, by its manifest; empty if unknown.
        labels: Number of labels.
        documents: Number of training documents.
        held_out_accuracy: Accuracy on held-out documents, 0 to 1.
        problem: Why it cannot be used; None if it can.
    """

    model_version: str
    bytes: int
    created_at: str = ""
    labels: int | None = None
    documents: int | None = None
    held_out_accuracy: float | None = None
    problem: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields for JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The versions at a location.

    Attributes:
        entries: The published versions, the newest first.
        unfinished: Versions with files but no manifest: they are not published.
        pointer: The promoted version; None before the first promotion, and if it cannot be read.
        broken: Why the pointer cannot be read; None if it can.
    """

    entries: tuple[Entry, ...]
    unfinished: tuple[str, ...]
    pointer: Pointer | None
    broken: str | None = None

    @property
    def dangling(self) -> str | None:
        """The promoted version, if it is not published any more."""
        if self.pointer is None or any(e.model_version == self.pointer.model_version for e in self.entries):
            return None
        return self.pointer.model_version


def read_catalogue(store: ModelStore) -> Catalogue:
    """Return all versions and the pointer; a damaged one is part of the result, not an error."""
    versions = store.versions()
    published = [version for version, files in versions.items() if MANIFEST in files]
    with ThreadPoolExecutor(PARALLEL_READS) as pool:
        entries = list(pool.map(lambda version: _entry(store, version, versions[version]), published))
    entries.sort(key=lambda entry: (entry.created_at, entry.model_version), reverse=True)
    unfinished = tuple(sorted(versions.keys() - set(published)))
    try:
        return Catalogue(tuple(entries), unfinished, current(store))
    except DamagedError as error:
        return Catalogue(tuple(entries), unfinished, None, str(error))


def _entry(store: ModelStore, version: str, sizes: Mapping[str, int]) -> Entry:
    total = sum(sizes.values())
    try:
        manifest = read_published_manifest(store, version)
    except DamagedError as error:
        return Entry(version, total, problem=str(error))
    if manifest is None:  # deleted since it was listed
        return Entry(version, total, problem="its manifest was deleted")
    missing = missing_files(manifest, sizes)
    return Entry(
        model_version=version,
        bytes=total,
        created_at=manifest.created_at,
        labels=len(manifest.labels),
        documents=manifest.training.documents,
        held_out_accuracy=manifest.training.held_out_accuracy,
        problem=f"{missing[0]} is missing or has another size" if missing else None,
    )
