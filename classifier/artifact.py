"""Reading a model directory: nothing in it is believed before it was checked, and nothing in it can be code.

Writing one is training's business.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np

from classifier.errors import ModelError
from classifier.golden import check_golden
from classifier.limits import MAX_MANIFEST_BYTES
from classifier.manifest import MANIFEST, Manifest, parse_manifest
from classifier.model import IDF, INTERCEPT, WEIGHTS, Model, array_shapes, content_version

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from classifier.manifest import StoredFile

# Far beyond what training yields, and small enough that no sum of a page's terms can overflow float32.
_LARGEST_VALUE: Final = 1e6


def load_model(path: Path) -> Model:
    """Read and check a model directory.

    Checked are: the manifest's size, schema and version; each file's size (before it is read), SHA-256, shape
    and range of values; the content's version; and the golden documents, scored again. A model from another
    version of scikit-learn is welcome as long as the golden documents agree.

    Args:
        path: The directory that training wrote.

    Returns:
        A model whose arrays are read-only.

    Raises:
        ModelError: The directory must not be used; the message names the file and the check.
    """
    manifest = _read_manifest(path)
    shapes = array_shapes(manifest.spec, len(manifest.labels))
    arrays = {name: _read_array(path / name, manifest.files[name], shape) for name, shape in shapes.items()}
    if IDF in arrays and arrays[IDF].min() < 0:
        raise ModelError(f"{path / IDF}: holds a value below 0")
    model = Model(
        spec=manifest.spec,
        labels=manifest.labels,
        weights=arrays[WEIGHTS],
        intercept=arrays[INTERCEPT],
        idf=arrays.get(IDF),
        temperature=manifest.temperature,
        threshold=manifest.threshold,
        model_version=manifest.model_version,
        manifest=manifest,
    )
    _check_version(path, manifest)
    check_golden(model, manifest.golden, str(path))
    return model


def _read_manifest(path: Path) -> Manifest:
    file = path / MANIFEST
    if not path.is_dir():
        raise ModelError(f"{path}: no such model directory")
    if not file.is_file():
        raise ModelError(f"{path}: not a model directory, it has no {MANIFEST}")
    return parse_manifest(_read_at_most(file, MAX_MANIFEST_BYTES + 1), str(file))


def _read_array(file: Path, stored: StoredFile, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    if not file.is_file():
        raise ModelError(f"{file}: missing")
    size = file.stat().st_size
    if size != stored.bytes:
        raise ModelError(f"{file}: {size} bytes, but the manifest says {stored.bytes}")
    content = _read_at_most(file, stored.bytes)
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise ModelError(f"{file}: SHA-256 differs from the manifest, the file was damaged or exchanged")
    array = np.frombuffer(content, dtype="<f4").astype(np.float32, copy=False).reshape(shape)
    # NaN compares false, so this refuses it along with infinities.
    if not (array.min() >= -_LARGEST_VALUE and array.max() <= _LARGEST_VALUE):
        raise ModelError(f"{file}: holds a value that is not a number within ±{_LARGEST_VALUE:g}")
    return array


def _read_at_most(file: Path, limit: int) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(limit)
    except OSError as error:
        raise ModelError(f"{file}: cannot be read ({error.strerror})") from None


def _check_version(path: Path, manifest: Manifest) -> None:
    version = content_version(
        spec=manifest.spec,
        labels=manifest.labels,
        temperature=manifest.temperature,
        threshold=manifest.threshold,
        checksums={name: file.sha256 for name, file in manifest.files.items()},
    )
    if version != manifest.model_version:
        raise ModelError(
            f"{path / MANIFEST}: says model_version {manifest.model_version}, but its content is {version}"
        )
