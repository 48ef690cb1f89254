"""Reading a model directory: nothing in it is used before it was checked, and nothing in it can be code.

Training writes it; the engines check the values in its arrays.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from smartcat.classifier.errors import ModelError
from smartcat.classifier.format_limits import MAX_MANIFEST_BYTES
from smartcat.classifier.manifest import MANIFEST, Manifest, parse_manifest
from smartcat.classifier.model import Model, content_version
from smartcat.classifier.model_arrays import INTERCEPT
from smartcat.classifier.rule import Link, Rule

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.classifier.manifest import StoredFile


def read_model(path: Path) -> Model:
    """Return the model in a directory, after every check but an engine's.

    Checked are: the manifest's size, schema and version; each file's size (before it is read) and SHA-256;
    and the content's version. :func:`smartcat.classifier.classifier.load_classifier` goes on to check the
    values of the arrays and the golden documents.

    Args:
        path: The directory that training wrote. Each file is read once, so what was checked is what is used,
            even if the directory changes meanwhile.

    Returns:
        The model.

    Raises:
        ModelError: The directory must not be used; the message names the file and the check.
    """
    manifest = _read_manifest(path)
    arrays = {name: _read(path / name, stored) for name, stored in manifest.files.items()}
    rule = Rule(
        labels=manifest.labels,
        intercept=tuple(memoryview(arrays[INTERCEPT]).cast("f")[: len(manifest.labels)].tolist()),
        link=Link(**manifest.link.model_dump()),
        thresholds=manifest.thresholds,
        min_known_shares=manifest.familiar,
        min_known_features=manifest.evidence,
        segmentation=manifest.stacks.parameters(),
        pooling=None if manifest.pooling is None else manifest.pooling.pooling(),
        gate=None if manifest.gate is None else manifest.gate.gate(),
    )
    _check_version(path, manifest, rule)
    return Model(
        spec=manifest.spec,
        columns=manifest.columns,
        precision=manifest.precision,
        kept=manifest.kept,
        arrays=arrays,
        rule=rule,
        model_version=manifest.model_version,
        manifest=manifest,
    )


def _read_manifest(path: Path) -> Manifest:
    file = path / MANIFEST
    if not path.is_dir():
        raise ModelError(f"{path}: no such model directory")
    if not file.is_file():
        raise ModelError(f"{path}: not a model directory, it has no {MANIFEST}")
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        raise ModelError(f"{file}: cannot be read ({error.strerror})") from None
    return parse_manifest(content, str(file))


def _read(file: Path, stored: StoredFile) -> bytes:
    if not file.is_file():
        raise ModelError(f"{file}: missing")
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, 2)
            if size != stored.bytes:
                raise ModelError(f"{file}: {size} bytes, but the manifest says {stored.bytes}")
            stream.seek(0)
            content = stream.read(size)
    except OSError as error:
        raise ModelError(f"{file}: cannot be read ({error.strerror})") from None
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise ModelError(f"{file}: SHA-256 differs from the manifest, the file was damaged or replaced")
    return content


def _check_version(path: Path, manifest: Manifest, rule: Rule) -> None:
    version = content_version(
        spec=manifest.spec,
        columns=manifest.columns,
        precision=manifest.precision,
        rule=rule,
        checksums={name: file.sha256 for name, file in manifest.files.items()},
    )
    if version != manifest.model_version:
        raise ModelError(
            f"{path / MANIFEST}: says model_version {manifest.model_version}, but its content is {version}"
        )
