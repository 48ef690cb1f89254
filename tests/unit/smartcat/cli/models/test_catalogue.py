from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartcat.cli.models.catalogue import read_catalogue
from smartcat.cli.models.promotion import promote
from smartcat.cli.models.publish import publish
from support.models import published_files

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from smartcat.cli.models.model_store import ModelStore
    from smartcat.cli.models.pointer import Move
    from support.models import TwoModels


def test_an_empty_place_is_an_empty_list(store: ModelStore) -> None:
    """Not an error: the first version is still to come."""
    found = read_catalogue(store)
    assert (found.entries, found.unfinished, found.pointer, found.dangling) == ((), (), None, None)


def test_versions_come_with_what_their_manifests_say(
    store: ModelStore, models: TwoModels, move: Callable[..., Move]
) -> None:
    """The youngest first, and the promoted one known."""
    for model in (models.first, models.second):
        publish(store, model)
    promote(store, move(models.versions[0]))
    found = read_catalogue(store)
    assert [entry.model_version for entry in found.entries] == [models.versions[1], models.versions[0]]
    entry = found.entries[1]
    assert (entry.labels, entry.documents, entry.problem) == (3, 36, None)
    assert entry.created_at == "2026-01-01T00:00:00+00:00"
    assert entry.bytes == sum(file.stat().st_size for file in published_files(models.first))
    assert found.pointer is not None
    assert found.pointer.model_version == models.versions[0]


def test_what_is_broken_is_said_of_it_and_hides_nothing_else(
    store: ModelStore, s3: Any, models: TwoModels
) -> None:
    """A lost file, a manifest of garbage, an upload that was broken off, a pointer of garbage."""
    version = publish(store, models.first).model_version
    publish(store, models.second)
    name = next(name for name in store.files(version) if name != "manifest.json")
    s3.delete_object(Bucket="artifacts", Key=store.location.key(version, name))
    s3.put_object(Bucket="artifacts", Key=store.location.key("a" * 12, "manifest.json"), Body=b"{")
    s3.put_object(Bucket="artifacts", Key=store.location.key("b" * 12, name), Body=b"")
    s3.put_object(Bucket="artifacts", Key="papers/current.json", Body=b"{}")
    found = read_catalogue(store)
    problems = {entry.model_version: entry.problem for entry in found.entries}
    assert problems[version] == f"{name} is missing or has another size"
    assert "not a model's manifest" in str(problems["a" * 12])
    assert problems[models.versions[1]] is None
    assert found.unfinished == ("b" * 12,)
    assert found.broken is not None
    assert "current.json" in found.broken


def test_a_promoted_version_that_was_deleted_is_noticed(
    store: ModelStore, s3: Any, models: TwoModels, move: Callable[..., Move]
) -> None:
    """A function that pins it does not start any more."""
    version = publish(store, models.first).model_version
    promote(store, move(version))
    for name in store.files(version):
        s3.delete_object(Bucket="artifacts", Key=store.location.key(version, name))
    assert read_catalogue(store).dangling == version


def test_a_manifest_deleted_while_it_is_listed_is_an_entry_with_that(
    store: ModelStore, models: TwoModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing breaks."""
    publish(store, models.first)
    monkeypatch.setattr(type(store), "manifest", lambda *_: None)
    assert read_catalogue(store).entries[0].problem == "its manifest was deleted"
