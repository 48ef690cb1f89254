from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import sklearn

from smartcat.classifier.features import vectorizer
from smartcat.classifier.model_arrays import SCALE, WEIGHTS_INT8
from smartcat.classifier.model_directory import read_model
from smartcat.training.errors import SaveError
from smartcat.training.model_builder import versioned
from smartcat.training.model_writer import check_replaceable
from smartcat.training.train import train
from support.labelled import documents_with_covers
from support.learning import QUICK, RICH

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.trained_model import TrainedModel

WHEN = "2026-01-02T03:04:05Z"


@pytest.fixture(scope="module")
def trained(documents: list[LabelledDocument]) -> TrainedModel:
    """A small model."""
    return train(documents, options=QUICK)


def _listing(directory: Path) -> list[str]:
    return sorted(entry.name for entry in directory.iterdir())


def _manifest(path: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def test_a_model_is_plain_arrays_and_a_manifest(trained: TrainedModel, tmp_path: Path) -> None:
    """Parents are made, sizes are those of the arrays, and nothing is left beside it."""
    path = tmp_path / "deep" / "model"
    trained.save(path, created_at=WHEN)
    assert _listing(path) == sorted(["manifest.json", "learned.u32", *trained.model.arrays])
    assert _listing(path.parent) == ["model"]
    for name, content in trained.model.arrays.items():
        assert (path / name).read_bytes() == content
    assert (path / WEIGHTS_INT8).stat().st_size == 3 * trained.model.kept


def test_the_manifest_says_what_a_model_is(trained: TrainedModel, tmp_path: Path) -> None:
    """Labels, every parameter of the vectorizer, checksums, versions of libraries and when it was made."""
    trained.save(tmp_path / "model", created_at=WHEN)
    manifest = _manifest(tmp_path / "model")
    assert manifest["created_at"] == WHEN
    assert manifest["labels"] == ["contract", "invoice", "letter"]
    assert manifest["training"]["created_by"]["scikit-learn"] == sklearn.__version__
    (part,) = trained.model.spec.parts
    used = vectorizer(trained.model.spec, part).get_params()
    (cut,) = manifest["spec"]["parts"]
    said = {**manifest["spec"], **cut, "ngram_range": tuple(cut["ngram_range"])}
    # Marks are word characters by what "canonical" says, and rows get their length after counts are weighed.
    same = said.keys() & used.keys() - {"norm", "token_pattern"}
    assert {name: used[name] for name in same} == {name: said[name] for name in same}
    assert said["canonical"] == "nfc-plain"
    for name, entry in manifest["files"].items():
        content = (tmp_path / "model" / name).read_bytes()
        assert entry == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_no_training_text_is_in_the_manifest(
    trained: TrainedModel, documents: list[LabelledDocument], tmp_path: Path
) -> None:
    """Golden documents are our own words."""
    trained.save(tmp_path / "model", created_at=WHEN)
    manifest = (tmp_path / "model" / "manifest.json").read_text(encoding="utf-8")
    assert not [page for document in documents for page in document.pages if page in manifest]
    golden = _manifest(tmp_path / "model")["golden"]
    assert {"no pages", "blank pages"} < {document["name"] for document in golden}
    assert any(document["scores"] for document in golden)


def test_an_older_model_is_replaced(trained: TrainedModel, tmp_path: Path) -> None:
    """Saving over a model, or into an empty directory, leaves the new model and nothing else."""
    path = tmp_path / "model"
    path.mkdir()
    trained.save(path, created_at=WHEN)
    trained.save(path, created_at="later")
    assert read_model(path).labels == trained.model.labels
    assert _manifest(path)["created_at"] == "later"
    assert _listing(tmp_path) == ["model"]


def test_a_broken_model_may_be_replaced(trained: TrainedModel, tmp_path: Path) -> None:
    """A model directory that lost a file is still a model directory."""
    trained.save(tmp_path / "model", created_at=WHEN)
    (tmp_path / "model" / WEIGHTS_INT8).unlink()
    trained.save(tmp_path / "model", created_at=WHEN)
    assert read_model(tmp_path / "model").labels == trained.model.labels


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"notes.txt": "mine"}, "holds 'notes.txt', which is no part of a model"),
        ({"manifest.json": '{"format": "smartcat-model"}', "thesis.doc": "x"}, "holds 'thesis.doc'"),
        ({"weights.i8": "x"}, "has no manifest.json"),
        ({"manifest.json": '{"name": "web app"}'}, "is not that of a model"),
    ],
)
def test_other_directories_are_left_alone(
    trained: TrainedModel, tmp_path: Path, files: dict[str, str], expected: str
) -> None:
    """Nothing that is not surely a model is ever replaced."""
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(SaveError, match=expected):
        trained.save(tmp_path, created_at=WHEN)
    assert _listing(tmp_path) == sorted(files)


def test_a_model_of_the_format_before_may_be_replaced(trained: TrainedModel, tmp_path: Path) -> None:
    """Whoever trains again with this version need not clear away what the last one wrote."""
    (tmp_path / "manifest.json").write_text('{"format": "smartcat-model", "format_version": 1}')
    for name in ("weights.f32", "intercept.f32", "idf.f32"):
        (tmp_path / name).write_bytes(b"old")
    trained.save(tmp_path, created_at=WHEN)
    assert read_model(tmp_path).labels == trained.model.labels


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda file: file.symlink_to("/dev/zero")])
def test_a_manifest_that_is_no_file_is_not_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """Nobody waits for a pipe, and a directory is no raw error."""
    make(tmp_path / "manifest.json")
    with pytest.raises(SaveError, match=r"its manifest.json is not that of a model; will not be replaced"):
        check_replaceable(tmp_path)


def test_files_and_links_are_left_alone(trained: TrainedModel, tmp_path: Path) -> None:
    """A file or a symbolic link in the place is refused."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "absent")
    for name in ("file", "link"):
        with pytest.raises(SaveError, match="is not a directory"):
            trained.save(tmp_path / name, created_at=WHEN)


def test_a_place_that_cannot_be_written(trained: TrainedModel, tmp_path: Path) -> None:
    """A parent that is a file is one clear error."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(SaveError, match="cannot be written"):
        trained.save(tmp_path / "file" / "model", created_at=WHEN)


def test_a_model_that_cannot_be_loaded_is_not_published(trained: TrainedModel, tmp_path: Path) -> None:
    """The new model is read back before it takes the place of the old one."""
    path = tmp_path / "model"
    trained.save(path, created_at=WHEN)
    scale = np.full(3, 1e9, dtype="<f4").tobytes()
    arrays = {**trained.model.arrays, SCALE: scale}
    broken = replace(trained, model=versioned(replace(trained.model, arrays=arrays)))
    with pytest.raises(SaveError, match=r"model/scale.f32: holds a value.*not written"):
        broken.save(path, created_at=WHEN)
    assert read_model(path).model_version == trained.model.model_version
    assert _listing(tmp_path) == ["model"]


def test_a_description_out_of_bounds_is_refused(trained: TrainedModel, tmp_path: Path) -> None:
    """What the schema does not allow is named."""
    with pytest.raises(SaveError, match="created_at"):
        trained.save(tmp_path / "model", created_at="")
    assert _listing(tmp_path) == []


def test_the_old_model_returns_when_the_new_one_cannot_take_its_place(
    trained: TrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rename that fails halfway is undone."""
    path = tmp_path / "model"
    trained.save(path, created_at=WHEN)
    rename = Path.rename

    def fails_for_the_new(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_for_the_new)
    with pytest.raises(SaveError, match="No space left"):
        trained.save(path, created_at="later")
    assert read_model(path).labels == trained.model.labels
    assert _manifest(path)["created_at"] == WHEN
    assert _listing(tmp_path) == ["model"]


@pytest.mark.parametrize("precision", ["int8", "float32"])
def test_a_model_of_every_kind_is_read_back_whole(precision: Any, tmp_path: Path) -> None:
    """Several kinds of n-grams, further columns, either precision: what was saved is what is read."""
    trained = train(documents_with_covers(), options=replace(RICH, precision=precision))
    trained.save(tmp_path / "model", created_at=WHEN)
    loaded = read_model(tmp_path / "model")
    assert (loaded.spec, loaded.columns, loaded.precision, loaded.rule) == (
        trained.model.spec,
        ("pertinence", "opening"),
        precision,
        trained.model.rule,
    )
    assert dict(loaded.arrays) == dict(trained.model.arrays)
    assert loaded.manifest is not None
    assert loaded.manifest.training == trained.facts


def test_a_model_of_before_the_corpus_report_is_the_same_model(trained: TrainedModel, tmp_path: Path) -> None:
    """A manifest that says nothing of copies or of what was learned from is read, with the same version."""
    path = tmp_path / "model"
    trained.save(path, created_at=WHEN)
    manifest = _manifest(path)
    for name in ("corpus", "learned_texts", "without_evidence"):
        del manifest["training"][name]
    (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (path / "learned.u32").unlink()
    loaded = read_model(path)
    assert loaded.model_version == trained.model.model_version
    assert loaded.manifest is not None
    assert (loaded.manifest.training.corpus, loaded.manifest.training.learned_texts) == (None, None)
