from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifier.artifact import load_model
from classifier.errors import ModelError
from classifier.model import content_version
from classifier.spec import FeatureSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _edit(model_dir: Path, change: Callable[[dict[str, Any]], object]) -> None:
    file = model_dir / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    change(manifest)
    file.write_text(json.dumps(manifest), encoding="utf-8")


def _reseal(model_dir: Path) -> None:
    """Make checksums and version agree with the files again, as a forger would."""

    def change(manifest: dict[str, Any]) -> None:
        for name, entry in manifest["files"].items():
            entry["sha256"] = hashlib.sha256((model_dir / name).read_bytes()).hexdigest()
        spec = {**manifest["spec"], "ngram_range": tuple(manifest["spec"]["ngram_range"])}
        manifest["model_version"] = content_version(
            spec=FeatureSpec(**spec),
            labels=manifest["labels"],
            temperature=manifest["temperature"],
            threshold=manifest["threshold"],
            checksums={name: entry["sha256"] for name, entry in manifest["files"].items()},
        )

    _edit(model_dir, change)


def _refused(model_dir: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_model(model_dir)
    message = str(caught.value)
    assert "\n" not in message
    assert str(model_dir) in message
    return message


def test_a_sound_model_loads_read_only(model_dir: Path) -> None:
    """What was saved comes back, and nobody can change it in place."""
    model = load_model(model_dir)
    assert model.weights.shape == (2**12, 3)
    assert model.weights.flags.c_contiguous
    assert model.labels == ("contract", "invoice", "letter")
    with pytest.raises(ValueError, match="read-only"):
        model.weights[0, 0] = 1


def test_places_that_hold_no_model(tmp_path: Path) -> None:
    """A missing directory, a file and an empty directory each get their own answer."""
    assert "no such model directory" in _refused(tmp_path / "absent")
    assert "has no manifest.json" in _refused(tmp_path)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert "no such model directory" in _refused(tmp_path / "file")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda m: m.update(format="pickle"), "format"),
        (lambda m: m.update(format_version=2), "format version 2, but this smartcat reads version 1"),
        (lambda m: m.update(format_version="1"), "format_version"),
        (lambda m: m.pop("temperature"), "temperature"),
        (lambda m: m.update(temperature=0), "temperature"),
        (lambda m: m.update(temperature=float("nan")), "temperature"),
        (lambda m: m.update(threshold=float("inf")), "threshold"),
        (lambda m: m.update(labels=["a"]), "labels"),
        (lambda m: m.update(labels=["contract", "contract", "letter"]), "repeat a label"),
        (lambda m: m.update(labels=["contract", "invoice"]), "bytes should be 32768"),
        (lambda m: m.update(extra=1), "extra"),
        (lambda m: m["spec"].update(n_features=2**60), "spec.n_features"),
        (lambda m: m["spec"].update(n_features=2**24), "bytes should be"),
        (lambda m: m["spec"].update(n_features=3000), "power of two"),
        (lambda m: m["spec"].update(token_pattern=r"(\w+\s?)+$"), "spec.token_pattern: Input should be"),
        (lambda m: m["spec"].update(idf=False), "files should be"),
        (lambda m: m["files"].update({"../../etc/passwd": m["files"]["weights.f32"]}), "files"),
        (lambda m: m["files"].pop("idf.f32"), "files should be"),
        (lambda m: m["files"]["weights.f32"].update(sha256="zz"), "sha256"),
        (lambda m: m["files"]["weights.f32"].update(bytes=10**30), "bytes"),
        (lambda m: m.update(golden=[]), "golden"),
        (lambda m: m["golden"][2].update(label="other"), "one of the model's labels"),
        (lambda m: m["golden"][2].update(scores=[0.0]), "one score a label"),
        (lambda m: m.update(threshold=0.75), "says model_version"),
        (lambda m: m.update(labels=["letter", "invoice", "contract"]), "says model_version"),
    ],
)
def test_hostile_manifests_are_refused(
    model_dir: Path, change: Callable[[dict[str, Any]], object], expected: str
) -> None:
    """Every field that could mislead is checked, and the one-line refusal names it."""
    _edit(model_dir, change)
    assert expected in _refused(model_dir)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "top level"),
        (b"[" * 100_000, "manifest.json"),
        (b'{"format": "smartcat-model", "format_version": 1' + b"0" * 5000 + b"}", "manifest.json"),
        (b"\xff\xfe", "manifest.json"),
        (b"[]", "manifest.json"),
        (b" " * (4 * 2**20 + 1), "larger than 4194304 bytes"),
    ],
)
def test_files_that_are_no_manifest_are_refused(model_dir: Path, content: bytes, expected: str) -> None:
    """Nesting, size and encoding cannot make the reader fall over."""
    (model_dir / "manifest.json").write_bytes(content)
    assert expected in _refused(model_dir)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_give_the_one_error(model_dir: Path, content: bytes) -> None:
    """Whatever the manifest holds, only ModelError comes out."""
    (model_dir / "manifest.json").write_bytes(content)
    _refused(model_dir)


def test_damaged_arrays_are_refused(model_dir: Path) -> None:
    """A cut file, a changed byte and a missing file are each found before anything is scored."""
    file = model_dir / "weights.f32"
    content = file.read_bytes()
    file.write_bytes(content[:-4])
    assert "but the manifest says" in _refused(model_dir)
    file.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    assert "SHA-256 differs" in _refused(model_dir)
    file.unlink()
    assert "weights.f32: missing" in _refused(model_dir)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("name", ["weights.f32", "intercept.f32", "idf.f32"])
def test_values_that_are_no_weights_are_refused(model_dir: Path, name: str, value: float) -> None:
    """Sealed or not, an array with NaN, infinity or absurd values is no model."""
    array = np.fromfile(model_dir / name, dtype="<f4")
    array[-1] = value
    array.tofile(model_dir / name)
    _reseal(model_dir)
    assert f"{name}: holds a value" in _refused(model_dir)


def test_negative_idf_is_refused(model_dir: Path) -> None:
    """Values of features must not be negative, reasons depend on it."""
    array = np.fromfile(model_dir / "idf.f32", dtype="<f4")
    array[0] = -1
    array.tofile(model_dir / "idf.f32")
    _reseal(model_dir)
    assert "idf.f32: holds a value below 0" in _refused(model_dir)


def test_golden_documents_find_other_weights(model_dir: Path) -> None:
    """A resealed model whose weights changed still fails on its golden documents."""
    array = np.fromfile(model_dir / "weights.f32", dtype="<f4")
    (array + np.float32(0.01)).tofile(model_dir / "weights.f32")
    _reseal(model_dir)
    assert "in a score, more than 1e-05" in _refused(model_dir)


def test_golden_documents_find_other_features(model_dir: Path) -> None:
    """A resealed model with another tokenisation fails even where no weight is touched."""
    _edit(model_dir, lambda manifest: manifest["spec"].update(lowercase=False))
    _reseal(model_dir)
    assert "has other features here" in _refused(model_dir)


def test_golden_documents_find_another_label(model_dir: Path) -> None:
    """Scores that agree under a label that does not are refused."""

    def change(manifest: dict[str, Any]) -> None:
        golden = manifest["golden"][2]
        golden["label"] = next(label for label in manifest["labels"] if label != golden["label"])

    _edit(model_dir, change)
    assert "where the model was trained" in _refused(model_dir)


def test_golden_documents_find_lost_evidence(model_dir: Path) -> None:
    """A document that had evidence must still have it."""
    _edit(model_dir, lambda manifest: manifest["golden"][2].update(scores=None))
    assert "has evidence in one place" in _refused(model_dir)
