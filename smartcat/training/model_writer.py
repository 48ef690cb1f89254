"""Writing a model directory: complete or not at all, and never over anything but a model."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from smartcat.classifier.classifier import load_classifier
from smartcat.classifier.errors import ModelError, validation_message
from smartcat.classifier.format_limits import MAX_MANIFEST_BYTES
from smartcat.classifier.golden import make_golden
from smartcat.classifier.manifest import (
    FORMAT,
    FORMAT_VERSION,
    LEARNED_TEXTS,
    MANIFEST,
    GateFacts,
    LinkFacts,
    Manifest,
    PoolingFacts,
    SegmentationFacts,
    StoredFile,
)
from smartcat.classifier.model_arrays import ARRAY_NAMES
from smartcat.classifier.native_binding import why_unsupported
from smartcat.classifier.sklearn_engine import SklearnScorer
from smartcat.training.errors import SaveError
from smartcat.training.golden_texts import golden_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartcat.classifier.manifest import GoldenDocument, TrainingFacts
    from smartcat.classifier.model import Model
    from smartcat.classifier.model_arrays import ArrayName

_OWN_FILES: Final = frozenset({MANIFEST, LEARNED_TEXTS, *ARRAY_NAMES})
# A golden document this close to another label could change on a processor that rounds differently.
_MIN_MARGIN: Final = 1e-3


def save_model(
    path: Path, model: Model, facts: TrainingFacts, *, created_at: str, texts: bytes = b""
) -> None:
    """Write a model directory.

    The model is written beside its destination, flushed to disk, read back with every check, and then renamed
    into place. An older model there is replaced: between the two renames that this takes, ``path`` is absent
    for an instant, and a machine that dies just then leaves both models beside it, under hidden names.

    Args:
        path: The directory to write; it may be absent, empty, or a model. Parents are created.
        model: What to write.
        facts: Where it comes from.
        created_at: When it was trained, as ISO 8601.
        texts: What recognises a document that was learned from, for a file beside the model; see
            :mod:`smartcat.training.corpus.learned_texts`. Empty for no such file.

    Raises:
        SaveError: The path holds something else, the model could not be written or read back, or it has
            features that the compiled engine does not know.
    """
    unsupported = why_unsupported(model.spec)
    if unsupported:
        raise SaveError(f"{path}: not written, for {unsupported}")
    path = path.absolute()
    check_replaceable(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as temporary:
            fresh = Path(temporary) / "new"
            with _errors_naming(path, fresh):
                _write_files(fresh, model, facts, created_at, texts)
                load_classifier(fresh)
            _replace(fresh, path, aside=Path(f"{temporary}-old"))
    except OSError as error:
        raise SaveError(f"{path}: cannot be written ({error.strerror or type(error).__name__})") from None


def check_replaceable(path: Path) -> None:
    """Refuse a path where a model must not be written. Check before training, which may take an hour.

    Raises:
        SaveError: The path holds something that is neither an empty directory nor a model.
    """
    if not path.exists() and not path.is_symlink():
        return
    if not path.is_dir() or path.is_symlink():
        raise SaveError(f"{path}: is not a directory, and will not be replaced")
    try:
        content = {entry.name for entry in path.iterdir()}
        is_model = MANIFEST in content and _names_the_format(path / MANIFEST)
    except OSError as error:
        raise SaveError(f"{path}: cannot be read ({error.strerror}), and will not be replaced") from None
    foreign = sorted(content - _OWN_FILES)
    if foreign:
        raise SaveError(
            f"{path}: is not a model directory: it holds {foreign[0]!r}, which is no part of a model; "
            "will not be replaced"
        )
    if content and MANIFEST not in content:
        raise SaveError(f"{path}: is not a model directory (it has no {MANIFEST}), and will not be replaced")
    if content and not is_model:
        raise SaveError(f"{path}: its {MANIFEST} is not that of a model; will not be replaced")


def _names_the_format(manifest: Path) -> bool:
    # Reading a pipe may never end.
    if not manifest.is_file():
        return False
    with manifest.open("rb") as stream:
        return f'"{FORMAT}"'.encode() in stream.read(MAX_MANIFEST_BYTES)


def _write_files(directory: Path, model: Model, facts: TrainingFacts, created_at: str, texts: bytes) -> None:
    directory.mkdir()
    if texts:
        _write(directory / LEARNED_TEXTS, texts)
    files: dict[ArrayName, StoredFile] = {}
    for name, content in model.arrays.items():
        files[name] = StoredFile(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
        _write(directory / name, content)
    rule = model.rule
    try:
        manifest = Manifest(
            format=FORMAT,
            format_version=FORMAT_VERSION,
            model_version=model.model_version,
            labels=model.labels,
            columns=model.columns,
            spec=model.spec,
            kept=model.kept,
            precision=model.precision,
            link=LinkFacts(**asdict(rule.link)),
            thresholds=rule.thresholds,
            familiar=rule.min_known_shares,
            evidence=rule.min_known_features,
            stacks=SegmentationFacts.of(rule.segmentation),
            pooling=None if rule.pooling is None else PoolingFacts(**asdict(rule.pooling)),
            gate=None if rule.gate is None else GateFacts(**asdict(rule.gate)),
            files=files,
            golden=_golden(model, str(directory)),
            training=facts,
            created_at=created_at,
        )
    except ValidationError as error:
        raise SaveError(f"the model cannot be described: {validation_message(error)}") from None
    _write(directory / MANIFEST, manifest.model_dump_json(indent=1).encode() + b"\n")
    _sync(directory)


@contextmanager
def _errors_naming(path: Path, fresh: Path) -> Iterator[None]:
    """Turn errors about the model being written into errors about its destination."""
    try:
        yield
    except ModelError as error:
        problem = str(error).replace(str(fresh), str(path))
        raise SaveError(f"{problem} (so the model was not written)") from None


def _golden(model: Model, where: str) -> tuple[GoldenDocument, ...]:
    golden = make_golden(SklearnScorer(model, where), golden_texts())
    return tuple(document for document in golden if not _is_close_call(document))


def _is_close_call(document: GoldenDocument) -> bool:
    if document.scores is None:
        return False
    second, first = sorted(document.scores)[-2:]
    return first - second < _MIN_MARGIN


def _write(file: Path, content: bytes | memoryview) -> None:
    with file.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(directory: Path) -> None:
    """Flush a directory's entries to disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(fresh: Path, path: Path, *, aside: Path) -> None:
    replaced = path.exists()
    if replaced:
        path.rename(aside)
    try:
        fresh.rename(path)
    except OSError:
        if replaced:
            aside.rename(path)
        raise
    _sync(path.parent)
    with suppress(OSError):
        shutil.rmtree(aside)
