from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.classifier.format_limits import MAX_MANIFEST_BYTES
from smartcat.cli.models import published_manifest
from smartcat.cli.models.errors import DamagedError
from smartcat.cli.models.published_manifest import read_manifest
from stream_processor.adapters import s3_model
from support.models import published_files

if TYPE_CHECKING:
    from support.models import TwoModels

FILE = {"bytes": 4, "sha256": "0" * 64}
GOOD: dict[str, Any] = {"model_version": "a" * 12, "labels": ["x", "y"], "files": {"weights.f32": FILE}}


def test_a_real_manifest_is_read(models: TwoModels) -> None:
    """All that a list shows is in what training writes."""
    manifest = read_manifest((models.first / "manifest.json").read_bytes(), "here")
    assert manifest.model_version == models.versions[0]
    assert manifest.labels == ("contract", "invoice", "letter")
    assert manifest.training.documents == 36
    assert manifest.training.held_out_accuracy is not None
    assert manifest.created_at == "2026-01-01T00:00:00+00:00"
    assert {*manifest.files} == {file.name for file in published_files(models.first)} - {"manifest.json"}
    assert manifest.total_bytes == sum((models.first / name).stat().st_size for name in manifest.files)


def test_a_manifest_of_another_time_is_read_as_far_as_it_says_anything() -> None:
    """A list shows models that this smartcat could not serve."""
    manifest = read_manifest(json.dumps(GOOD | {"format_version": 9, "novel": {}}).encode(), "here")
    assert (manifest.created_at, manifest.training.documents) == ("", None)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", "Invalid JSON"),
        (b" " * (MAX_MANIFEST_BYTES + 1), "larger than"),
        (GOOD | {"model_version": "../../x"}, "model_version"),
        (GOOD | {"files": {}}, "files"),
        (GOOD | {"files": {"../current.json": FILE}}, "files"),
        (GOOD | {"files": {".hidden": FILE}}, "files"),
        (GOOD | {"files": {str(number): FILE for number in range(32)}}, "files"),
        (GOOD | {"files": {"w": FILE | {"sha256": "x"}}}, "sha256"),
        (GOOD | {"files": {"w": FILE | {"bytes": -1}}}, "bytes"),
        (GOOD | {"training": {"documents": "many"}}, "training.documents"),
    ],
)
def test_what_is_no_manifest_is_named(content: Any, expected: str) -> None:
    """One line, with the place, and no file name that leads out of the version."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(DamagedError, match=expected) as caught:
        read_manifest(data, "here")
    assert str(caught.value).startswith("here: ")


def test_what_may_be_published_may_be_served() -> None:
    """The function's own bounds are kept when a model is published_manifest, not met when it starts."""
    assert published_manifest.MAX_MANIFEST_BYTES == MAX_MANIFEST_BYTES
    assert published_manifest.MAX_FILES == s3_model.MAX_FILES
    assert published_manifest.MAX_BYTES == s3_model.MAX_BYTES
