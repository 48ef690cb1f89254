"""A place for models in an emulated bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartcat.cli.models.location import Location
from smartcat.cli.models.model_store import ModelStore
from smartcat.cli.models.pointer import Move

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def store(s3: Any) -> ModelStore:
    """A location where nothing is published yet."""
    return ModelStore(s3, Location("artifacts", "papers/"))


@pytest.fixture(scope="session")
def move() -> Callable[..., Move]:
    """Make a move to a version; of the session, so that property tests may use it."""

    def make(version: str, kind: str = "promote", at: str = "2026-01-03T04:05:06.000007Z") -> Move:
        return Move.model_validate({"kind": kind, "model_version": version, "promoted_at": at})

    return make
