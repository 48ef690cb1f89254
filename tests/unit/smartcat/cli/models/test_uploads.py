from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.models.errors import DamagedError
from smartcat.cli.models.published_manifest import PublishedFile, PublishedManifest
from smartcat.cli.models.uploads import missing_files, needed_uploads


def file(content: int, size: int = 4) -> PublishedFile:
    """A file, known by one digit of its checksum."""
    return PublishedFile(bytes=size, sha256=f"{content:x}" * 64)


def manifest(**files: PublishedFile) -> PublishedManifest:
    """A manifest of these files."""
    return PublishedManifest(model_version="a" * 12, labels=("x", "y"), files=files)


MODEL = manifest(idf=file(1), weights=file(2))


def test_a_new_version_is_uploaded_whole() -> None:
    """All files, and then the manifest."""
    plan = needed_uploads(MODEL, {}, None)
    assert list(plan.files) == ["idf", "weights"]
    assert plan.manifest


def test_a_published_version_needs_nothing() -> None:
    """Nor does one whose manifest differs in what is no part of the content."""
    there = {"idf": file(1), "weights": file(2)}
    older = MODEL.model_copy(update={"created_at": "long ago"})
    assert needed_uploads(MODEL, there, older).is_empty


@given(st.dictionaries(st.sampled_from(["idf", "weights", "old"]), st.sampled_from([file(1), file(2), None])))
def test_what_is_there_and_right_is_not_uploaded_again(there: dict[str, PublishedFile | None]) -> None:
    """Whatever an interrupted upload left or somebody damaged, the plan makes it what the manifest says."""
    for published in (None, MODEL):
        plan = needed_uploads(MODEL, there, published)
        assert {**there, **plan.files} == {**there, **MODEL.files}
        assert all(there.get(name) != each for name, each in plan.files.items())
        assert plan.manifest == (published is None)


def test_another_content_under_the_same_version_is_refused() -> None:
    """A version is a hash of its content: one of the two is no such version."""
    with pytest.raises(DamagedError, match="version aaaaaaaaaaaa is published with different files"):
        needed_uploads(MODEL, {}, manifest(idf=file(1), weights=file(3)))


def test_missing_files_are_those_absent_or_of_another_size() -> None:
    """What a listing alone can tell."""
    assert missing_files(MODEL, {"idf": 4, "weights": 4, "other": 9}) == []
    assert missing_files(MODEL, {"weights": 5}) == ["idf", "weights"]
