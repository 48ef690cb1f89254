from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.classifier import load_classifier
from smartcat.classifier.errors import ModelError
from smartcat.classifier.format_limits import MAX_MODEL_BYTES
from smartcat.classifier.model_directory import read_model
from support.forgery import Forgery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartcat.training.trained_model import TrainedModel

Manifest = dict[str, Any]


@pytest.fixture
def forged(saved: Path) -> Forgery:
    """The three-label model, to be changed."""
    return Forgery(saved)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where to write it."""
    return tmp_path / "model"


def refused(path: Path) -> str:
    """Return the one line with which a model is refused."""
    with pytest.raises(ModelError) as caught:
        load_classifier(path)
    message = str(caught.value)
    assert message.isprintable()
    assert str(path) in message
    return message


def test_a_sound_model_is_read_as_it_was_saved(trained: TrainedModel, saved: Path) -> None:
    """Features, arrays, rule and version come back, and the manifest beside them."""
    model = read_model(saved)
    assert (model.spec, model.kept, model.precision) == (trained.model.spec, trained.model.kept, "int8")
    assert dict(model.arrays) == dict(trained.model.arrays)
    assert model.rule == trained.model.rule
    assert model.model_version == trained.model.model_version
    assert model.manifest is not None
    assert model.manifest.training == trained.facts


def test_paths_that_hold_no_model(tmp_path: Path) -> None:
    """A missing directory, a file and an empty directory each get their own answer."""
    assert "no such model directory" in refused(tmp_path / "absent")
    assert "has no manifest.json" in refused(tmp_path)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert "no such model directory" in refused(tmp_path / "file")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda m: m.update(format="pickle"), "format"),
        (lambda m: m.update(format_version=1), "format version 1, but this smartcat reads version 2"),
        (lambda m: m.update(format_version=10**4000), "format_version"),
        (lambda m: m.update(format_version="2"), "format_version"),
        (lambda m: m.pop("link"), "link"),
        (lambda m: m["link"].update(above=0), "link.above"),
        (lambda m: m["link"].update(below=float("nan")), "link.below"),
        (lambda m: m["link"].update(knee=float("inf")), "link.knee"),
        (lambda m: m["link"].update(growth=1.5), "link.growth"),
        (lambda m: m["thresholds"].pop(), "thresholds should be one a label"),
        (lambda m: m.update(thresholds=[float("inf")] * 3), "thresholds.0"),
        (lambda m: m.update(familiar=[0.5, 0.5]), "familiar and evidence should be one number a part"),
        (lambda m: m.update(familiar=[1.5]), "familiar.0"),
        (lambda m: m.update(evidence=[-1]), "evidence.0"),
        (lambda m: m.update(evidence=[10**30]), "evidence.0"),
        (lambda m: m.update(labels=["a"]), "labels"),
        (lambda m: m.update(labels=["contract", "contract", "letter"]), "repeat a label"),
        (lambda m: m["labels"].insert(0, "a\nb"), "labels.0: Value error, should be printable"),
        (lambda m: m.update(labels=["contract", "invoice"]), "thresholds should be one a label"),
        (lambda m: m.update(columns=["opening", "pertinence"]), "columns: Value error, should be some of"),
        (lambda m: m.update(columns=["opening"]), "bytes should be"),
        (lambda m: m.update(columns=["title"]), "columns.0"),
        (lambda m: m.update(extra=1), "extra"),
        (lambda m: m.update({"ex\ntra\x1b[2J": 1}), r"'ex\ntra\x1b[2J': Extra inputs"),
        (lambda m: m["spec"].update(n_features=2**60), "spec.n_features"),
        (lambda m: m["spec"].update(n_features=3000), "power of two"),
        (lambda m: m["spec"].update(parts=[{"head": n} for n in range(1, 5)], n_features=2**24), "16777216"),
        (lambda m: m["spec"].update(token_pattern=r"(\w+\s?)+$"), "spec.token_pattern: Input should be"),
        (lambda m: m["spec"].update(idf=False), "files should be"),
        (lambda m: m.update(precision="float32"), "files should be"),
        (lambda m: m.update(precision="pickle"), "precision"),
        (lambda m: m.update(kept=0), "kept"),
        (lambda m: m.update(kept=2**12 + 1), "kept should be at most 4096"),
        (lambda m: m.update(kept=7), "bytes should be"),
        (lambda m: m["files"].update({"../../etc/passwd": m["files"]["weights.i8"]}), "files"),
        (lambda m: m["files"].pop("idf.f32"), "files should be"),
        (lambda m: m["files"]["weights.i8"].update(sha256="zz"), "sha256"),
        (lambda m: m["files"]["weights.i8"].update(bytes=MAX_MODEL_BYTES + 1), "files.weights.i8.bytes"),
        (lambda m: m.update(golden=[]), "golden"),
        (lambda m: m["golden"][2].update(label="other"), "one of the model's labels"),
        (lambda m: m["golden"][2].update(scores=[0.0]), "one score a label"),
        (lambda m: m["golden"][2].update(pages=["x" * 2**17]), "at most 131072 characters together"),
        (lambda m: m["training"].update(documents=0), "training.documents"),
        (lambda m: m["training"].update(pages=10**4000), "training.pages"),
        (lambda m: m["training"].update(held_out_confidence=-1), "training.held_out_confidence"),
        (lambda m: m.update(thresholds=[0.1, 0.2, 0.3]), "says model_version"),
        (lambda m: m.update(labels=["letter", "invoice", "contract"]), "says model_version"),
        (lambda m: m.update(evidence=[0]), "says model_version"),
    ],
)
def test_hostile_manifests_are_refused(
    forged: Forgery, path: Path, change: Callable[[Manifest], object], expected: str
) -> None:
    """Every field that could mislead is checked, and the one-line refusal names it."""
    change(forged.manifest)
    assert expected in refused(forged.write(path))


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
def test_files_that_are_no_manifest_are_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    """Nesting, size and encoding cannot make the reader fall over."""
    (tmp_path / "manifest.json").write_bytes(content)
    assert expected in refused(tmp_path)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory for many manifests."""
    return tmp_path_factory.mktemp("manifests")


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_give_the_one_error(scratch: Path, content: bytes) -> None:
    """Whatever the manifest holds, only ModelError comes out."""
    (scratch / "manifest.json").write_bytes(content)
    refused(scratch)


def test_damaged_arrays_are_refused(forged: Forgery, path: Path) -> None:
    """A shorter file, a longer one, a changed byte and a missing file are found before scoring."""
    file = forged.write(path) / "weights.i8"
    content = file.read_bytes()
    for wrong in (content[:-1], content + b"\0", b""):
        file.write_bytes(wrong)
        assert f"{len(wrong)} bytes, but the manifest says {len(content)}" in refused(path)
    file.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    assert "SHA-256 differs" in refused(path)
    file.unlink()
    assert "weights.i8: missing" in refused(path)


@pytest.mark.parametrize("name", ["manifest.json", "features.u32"])
def test_what_is_no_file_is_not_opened(forged: Forgery, path: Path, name: str) -> None:
    """Nobody waits for a pipe without a writer, a device, a directory, a link to itself or to nowhere."""
    forged.write(path)
    (path / name).unlink()
    expected = "has no manifest.json" if name == "manifest.json" else f"{name}: missing"
    for make in (
        os.mkfifo,
        lambda file: file.symlink_to("/dev/zero"),
        lambda file: file.symlink_to("/nowhere/at/all"),
        lambda file: file.symlink_to(file),
    ):
        make(path / name)
        assert expected in refused(path)
        (path / name).unlink()
    (path / name).mkdir()
    assert expected in refused(path)


def test_links_to_whole_files_are_followed(forged: Forgery, path: Path) -> None:
    """How files came to stand in the directory does not matter, what they hold does."""
    forged.write(path)
    for file in list(path.iterdir()):
        file.rename(path.parent / file.name)
        file.symlink_to(path.parent / file.name)
    assert load_classifier(path).labels == ("contract", "invoice", "letter")


def test_a_huge_file_is_refused_unread(forged: Forgery, path: Path) -> None:
    """A file of a tebibyte that takes no room on disk is measured, not read."""
    forged.write(path)
    for name in ("weights.i8", "manifest.json"):
        with (path / name).open("r+b") as file:
            file.truncate(2**40)
        tracemalloc.start()
        refused(path)
        assert tracemalloc.get_traced_memory()[1] < 32 * 2**20
        tracemalloc.stop()


def test_the_widest_model_takes_no_more_memory_than_said(forged: Forgery, path: Path) -> None:
    """2**24 buckets are looked up in 64 MiB, although the model knows only a few of them."""
    forged.manifest["spec"]["n_features"] = 2**24
    forged.seal().gild().write(path)
    tracemalloc.start()
    classifier = load_classifier(path)
    assert tracemalloc.get_traced_memory()[1] < 72 * 2**20
    tracemalloc.stop()
    assert classifier.classify([["total amount"]])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("name", ["intercept.f32", "idf.f32", "scale.f32"])
def test_values_that_are_no_weights_are_refused(forged: Forgery, path: Path, name: str, value: float) -> None:
    """Sealed or not, an array with NaN, infinity or absurd values is no model."""
    array = np.frombuffer(forged.arrays[name], dtype="<f4").copy()
    array[-1] = value
    forged.arrays[name] = array.tobytes()
    assert f"{name}: holds a value that is not a number" in refused(forged.seal().write(path))


@pytest.mark.parametrize("name", ["idf.f32", "scale.f32"])
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_values_that_must_be_above_zero_are(forged: Forgery, path: Path, name: str, value: float) -> None:
    """Values of features must not be negative, reasons depend on it."""
    array = np.frombuffer(forged.arrays[name], dtype="<f4").copy()
    array[0] = value
    forged.arrays[name] = array.tobytes()
    assert f"{name}: holds a value that is not above 0" in refused(forged.seal().write(path))


@pytest.mark.parametrize(
    "features",
    [lambda f: f[::-1], lambda f: np.repeat(f[:1], len(f)), lambda f: f + np.uint32(2**12)],
)
def test_features_out_of_order_or_range_are_refused(
    forged: Forgery, path: Path, features: Callable[[Any], Any]
) -> None:
    """Falling, repeated and beyond the last bucket."""
    array = features(np.frombuffer(forged.arrays["features.u32"], dtype="<u4"))
    forged.arrays["features.u32"] = array.tobytes()
    assert "features.u32: expected ascending numbers of features below 4096" in refused(
        forged.seal().write(path)
    )


def test_golden_documents_find_other_weights(forged: Forgery, path: Path) -> None:
    """A resealed model whose weights changed still fails on its golden documents."""
    forged.arrays["weights.i8"] = bytes(byte ^ 0x40 for byte in forged.arrays["weights.i8"])
    assert "in a score, more than 1e-05" in refused(forged.seal().write(path))


def test_golden_documents_find_other_features(forged: Forgery, path: Path) -> None:
    """A resealed model with another tokenisation fails even where no weight is touched."""
    forged.manifest["spec"]["parts"][0]["ngram_range"] = [1, 1]
    assert "has other features here" in refused(forged.seal().write(path))


def test_golden_documents_find_another_label(forged: Forgery, path: Path) -> None:
    """Scores that agree under a label that does not are refused."""
    golden = forged.manifest["golden"][2]
    golden["label"] = next(label for label in forged.manifest["labels"] if label != golden["label"])
    assert "where the model was trained" in refused(forged.write(path))


def test_golden_documents_find_lost_features(forged: Forgery, path: Path) -> None:
    """A document that had evidence must still have it."""
    forged.manifest["golden"][2]["scores"] = None
    assert "has known features either only here or only where" in refused(forged.write(path))
