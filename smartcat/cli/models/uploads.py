"""Decides which files of a version to upload, given what is stored already. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.cli.models.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.cli.models.published_manifest import PublishedFile, PublishedManifest


@dataclass(frozen=True, slots=True)
class Uploads:
    """What to upload, in this order: the manifest comes last, because it publishes the version.

    Attributes:
        files: The files that are missing or differ, by name.
        manifest: Whether the manifest is missing.
    """

    files: Mapping[str, PublishedFile]
    manifest: bool

    @property
    def is_empty(self) -> bool:
        """Whether everything is stored already."""
        return not self.files and not self.manifest


def needed_uploads(
    model: PublishedManifest, stored: Mapping[str, PublishedFile | None], manifest: PublishedManifest | None
) -> Uploads:
    """Return what to upload.

    A version is a hash of its content, so a file that differs from the manifest is damaged and is replaced.
    Two manifests of one version may differ in the time of training: the stored one stays.

    Args:
        model: The manifest of the version.
        stored: The stored files by name; None for a file that was deleted meanwhile.
        manifest: The stored manifest, if there is one.

    Raises:
        DamagedError: The stored manifest names other files, or other content of them.
    """
    if manifest is not None and manifest.files != model.files:
        raise DamagedError(
            f"version {model.model_version} is published with different files; "
            "one of the two does not match its version"
        )
    wanted = {name: file for name, file in sorted(model.files.items()) if stored.get(name) != file}
    return Uploads(wanted, manifest=manifest is None)


def missing_files(manifest: PublishedManifest, sizes: Mapping[str, int]) -> list[str]:
    """Return the names of the files of a published version that are missing or have the wrong size.

    Args:
        manifest: Its manifest.
        sizes: The size of each stored file.
    """
    return [name for name, file in sorted(manifest.files.items()) if sizes.get(name) != file.bytes]
