from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartcat.cli.feedback.model_labels import read_model_labels
from smartcat.cli.models.errors import NotPublishedError, PublishingError
from smartcat.cli.models.location import parse_location
from smartcat.cli.models.model_store import ModelStore
from smartcat.cli.models.pointer import Move
from smartcat.cli.models.promotion import promote
from smartcat.cli.models.publish import publish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.models import TwoModels

LABELS = ("contract", "invoice", "letter")


def no_client() -> Any:
    """Stands in for a client that must not be made."""
    raise AssertionError("a directory needs no client")


def test_a_directory_says_its_labels(models: TwoModels, tmp_path: Path) -> None:
    """Its manifest is enough; one that is not there is an error with its name."""
    assert read_model_labels(str(models.first), no_client) == LABELS
    with pytest.raises(FileNotFoundError):
        read_model_labels(str(tmp_path), no_client)
    (tmp_path / "manifest.json").write_bytes(b"{}")
    with pytest.raises(PublishingError, match="not a model's manifest"):
        read_model_labels(str(tmp_path), no_client)


def test_the_promoted_version_says_its_labels(account: Callable[[str], Any], models: TwoModels) -> None:
    """None is promoted at first, and none of those that are only published counts."""
    s3, place = account("s3"), "s3://artifacts/papers"
    s3.create_bucket(Bucket="artifacts")
    store = ModelStore(s3, parse_location(place))
    version = publish(store, models.first).model_version
    with pytest.raises(NotPublishedError, match="no version is promoted"):
        read_model_labels(place, lambda: s3)
    promote(store, Move(kind="promote", model_version=version, promoted_at="now"))
    assert read_model_labels(place, lambda: s3) == LABELS
