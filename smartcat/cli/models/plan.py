"""What is still to be uploaded of a version, given what is there already. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.cli.models.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.cli.models.published import PublishedFile, PublishedManifest


@dataclass(frozen=True, slots=True)
class Plan:
    """What to upload, in this order: the manifest is last, for a version is there when its manifest is.

    Attributes:
        files: The files that are missing or not as they should be, by name.
        manifest: Whether the manifest is missing.
    """

    files: Mapping[str, PublishedFile]
    manifest: bool

    @property
    def nothing(self) -> bool:
        """Whether all of it is there."""
        return not self.files and not self.manifest


def plan_uploads(
    model: PublishedManifest, there: Mapping[str, PublishedFile | None], manifest: PublishedManifest | None
) -> Plan:
    """Plan.

    A version is a hash of its content, so whatever differs from what the manifest says is damage, and what is
    about to be uploaded mends it. Two manifests of one version may differ in what is no part of the content,
    such as the time of training: the one that is there stays.

    Args:
        model: What is to be there.
        there: What is there beside the manifest, by name; None for what cannot be told.
        manifest: The manifest that is there, if one is.

    Raises:
        DamagedError: The manifest that is there names other files, or other content of them.
    """
    if manifest is not None and manifest.files != model.files:
        raise DamagedError(
            f"version {model.model_version} is published with other files than these; "
            "one of the two is not what its version says"
        )
    wanted = {name: file for name, file in sorted(model.files.items()) if there.get(name) != file}
    return Plan(wanted, manifest=manifest is None)


def missing_files(manifest: PublishedManifest, sizes: Mapping[str, int]) -> list[str]:
    """Name the files of a published version that are not there, or have another size than they should.

    Args:
        manifest: Its manifest.
        sizes: The size of each file that is there.
    """
    return [name for name, file in sorted(manifest.files.items()) if sizes.get(name) != file.bytes]
