from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.classifier.classifier import load_classifier
from smartcat.classifier.errors import ModelError
from smartcat.cli.models import publish as publishing
from smartcat.cli.models.errors import DamagedError, NotPublishedError
from smartcat.cli.models.location import Location
from smartcat.cli.models.model_store import ModelStore
from smartcat.cli.models.promotion import check_published
from smartcat.cli.models.publish import publish, read_published_manifest
from stream_processor.adapters.s3_model import load_model as load_served
from support.models import published_files

if TYPE_CHECKING:
    from pathlib import Path

    from support.models import TwoModels


class Interrupted:
    """A client that is stopped before, or right after, its n-th upload."""

    def __init__(self, client: Any, uploads: int, *, after: bool) -> None:
        self._client, self._left, self._after = client, uploads, after

    def put_object(self, **arguments: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            if self._after:
                self._client.put_object(**arguments)
            raise KeyboardInterrupt
        return self._client.put_object(**arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


@pytest.fixture
def mine(models: TwoModels, tmp_path: Path) -> Path:
    """A copy of a model that a test may harm."""
    return shutil.copytree(models.first, tmp_path / "model")


def stored(s3: Any) -> dict[str, bytes]:
    """All objects and what they hold."""
    found = s3.list_objects_v2(Bucket="artifacts").get("Contents", ())
    return {e["Key"]: s3.get_object(Bucket="artifacts", Key=e["Key"])["Body"].read() for e in found}


def test_what_is_published_is_what_the_function_loads(
    store: ModelStore, s3: Any, models: TwoModels, tmp_path: Path
) -> None:
    """Every file arrives as it is, and the processor's own loader takes it from there."""
    done = publish(store, models.first)
    files = published_files(models.first)
    assert (done.model_version, done.files, done.completed) == (models.versions[0], len(files), False)
    assert done.bytes == sum(file.stat().st_size for file in files)
    folder = f"papers/versions/{models.versions[0]}/"
    assert stored(s3) == {f"{folder}{file.name}": file.read_bytes() for file in files}
    served = load_served(store.location.url(done.model_version), lambda: s3)
    assert served.model_version == models.versions[0]


def test_publishing_again_compares_and_writes_nothing(store: ModelStore, s3: Any, models: TwoModels) -> None:
    """A version is there once, however often it is published."""
    publish(store, models.first)
    before = stored(s3)
    again = publish(ModelStore(Interrupted(s3, 0, after=False), store.location), models.first)
    assert (again.files, again.bytes, again.completed) == (0, 0, True)
    assert stored(s3) == before


@pytest.mark.parametrize("after", [False, True])
def test_stopped_between_any_two_objects_nothing_counts_and_the_next_run_completes_it(
    after: bool,  # noqa: FBT001 - a parameter of the test
    store: ModelStore,
    s3: Any,
    models: TwoModels,
) -> None:
    """Ctrl-C anywhere leaves no version, or a whole one; publishing again uploads only what is missing."""
    total, version = len(published_files(models.first)), models.versions[0]
    for uploads in range(total):
        for key in stored(s3):
            s3.delete_object(Bucket="artifacts", Key=key)
        with pytest.raises(KeyboardInterrupt):
            publish(ModelStore(Interrupted(s3, uploads, after=after), store.location), models.first)
        there = uploads + after
        assert len(stored(s3)) == there
        if there < total:
            with pytest.raises(NotPublishedError):
                check_published(store, version)
        done = publish(store, models.first)
        assert (done.files, done.completed) == (total - there, there > 0)
        check_published(store, version)


def test_a_damaged_file_is_mended(store: ModelStore, s3: Any, models: TwoModels) -> None:
    """One of another content, one of another size and one that is gone are uploaded again, and no other."""
    version = publish(store, models.first).model_version
    before = stored(s3)
    keys = sorted(key for key in before if not key.endswith("manifest.json"))
    s3.put_object(Bucket="artifacts", Key=keys[0], Body=before[keys[0]][:-1] + b"?")
    s3.delete_object(Bucket="artifacts", Key=keys[1])
    with pytest.raises(DamagedError, match="publish it again to repair it"):
        check_published(store, version)
    assert publish(store, models.first).files == 2
    assert stored(s3) == before


def test_a_manifest_of_other_files_is_never_overwritten(
    store: ModelStore, s3: Any, models: TwoModels
) -> None:
    """Somebody stored something else under this version: neither is touched."""
    manifest = json.loads((models.first / "manifest.json").read_bytes())
    next(iter(manifest["files"].values()))["sha256"] = "0" * 64
    store.put_manifest(models.versions[0], json.dumps(manifest).encode())
    before = stored(s3)
    with pytest.raises(DamagedError, match="is published with different files"):
        publish(store, models.first)
    assert stored(s3) == before


@pytest.mark.parametrize("content", [b"{}", b"\x00" * 10])
def test_a_broken_manifest_is_named(store: ModelStore, models: TwoModels, content: bytes) -> None:
    """Nothing is written over what nobody understands."""
    store.put_manifest(models.versions[0], content)
    with pytest.raises(DamagedError, match=r"versions/.*/manifest\.json: not a model's manifest"):
        publish(store, models.first)


def test_a_manifest_in_the_wrong_folder_is_named(store: ModelStore, models: TwoModels) -> None:
    """A version that says it is another one cannot be promoted."""
    store.put_manifest(models.versions[1], (models.first / "manifest.json").read_bytes())
    with pytest.raises(DamagedError, match=f"is the manifest of version {models.versions[0]}"):
        read_published_manifest(store, models.versions[1])


def test_two_who_publish_the_same_model_agree(
    store: ModelStore, s3: Any, models: TwoModels, mine: Path
) -> None:
    """The other one's manifest, trained at another time, comes first and stays; both are told it is there."""
    manifest = mine / "manifest.json"
    manifest.write_text(manifest.read_text().replace("2026-01-01", "2031-01-01"))

    class Slow(Interrupted):
        def put_object(self, **arguments: Any) -> Any:
            if arguments["Key"].endswith("manifest.json"):
                publish(store, models.first)
            return super().put_object(**arguments)

    done = publish(ModelStore(Slow(s3, 99, after=False), store.location), mine)
    assert done.model_version == models.versions[0]
    found = read_published_manifest(store, done.model_version)
    assert found is not None
    assert found.created_at.startswith("2026-01-01")


def test_a_directory_that_is_no_sound_model_is_not_published(
    store: ModelStore, s3: Any, mine: Path, tmp_path: Path
) -> None:
    """No manifest, a damaged array: the loader's own error, and nothing in S3."""
    with pytest.raises(ModelError, match="no such model directory"):
        publish(store, tmp_path / "absent")
    with pytest.raises(ModelError, match="has no manifest"):
        publish(store, tmp_path)
    array = next(file for file in published_files(mine) if file.suffix != ".json")
    array.write_bytes(array.read_bytes()[:-1] + b"?")
    with pytest.raises(ModelError, match="damaged or replaced"):
        publish(store, mine)
    assert stored(s3) == {}


def test_a_model_that_changes_meanwhile_is_not_published(
    store: ModelStore, s3: Any, models: TwoModels, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training may replace the directory while it is uploaded; then no version is there afterwards."""

    def load(path: Path) -> Any:
        model = load_classifier(path)
        shutil.copytree(models.second, path, dirs_exist_ok=True)
        return model

    monkeypatch.setattr(publishing, "load_classifier", load)
    with pytest.raises(DamagedError, match="changed while it was being published"):
        publish(store, mine)
    assert stored(s3) == {}


def test_what_is_no_part_of_the_model_stays_at_home(store: ModelStore, s3: Any, mine: Path) -> None:
    """It is named; the function would download it."""
    (mine / "notes.txt").write_text("private")
    assert publish(store, mine).left_out == ("notes.txt",)
    assert not any(key.endswith("notes.txt") for key in stored(s3))


def test_a_model_that_the_function_would_refuse_is_not_published(
    store: ModelStore, s3: Any, models: TwoModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Larger than the function's bound, it is refused here, where somebody reads it."""
    monkeypatch.setattr(publishing, "MAX_BYTES", 100)
    with pytest.raises(DamagedError, match="larger than the 100 bytes that the function accepts"):
        publish(store, models.first)
    assert stored(s3) == {}


def test_a_bucket_without_a_prefix_will_do(s3: Any, models: TwoModels) -> None:
    """Then the versions are at its top."""
    publish(ModelStore(s3, Location("artifacts", "")), models.first)
    assert all(key.startswith(f"versions/{models.versions[0]}/") for key in stored(s3))
