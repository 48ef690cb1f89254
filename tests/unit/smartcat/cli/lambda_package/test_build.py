import json
import zipfile
from pathlib import Path

import pytest

from smartcat.classifier.manifest import LEARNED_TEXTS
from smartcat.cli.lambda_package import build as building
from smartcat.cli.lambda_package.build import BuildOptions, build
from smartcat.cli.lambda_package.errors import PackageError
from smartcat.cli.lambda_package.target import Target
from support.models import published_files, two_models

OPTIONS = BuildOptions(Target("x86_64", "3.13"), "sklearn", bytecode=False)


def ignore(_step: str) -> None:
    """Report nothing."""


@pytest.fixture(autouse=True)
def _without_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own modules alone are packaged."""
    monkeypatch.setattr(building, "download", lambda *_: [])


def test_the_same_sources_give_the_same_zip_and_bill(tmp_path: Path) -> None:
    """Byte for byte, into whatever folder; the bill lies beside the zip."""
    built = [build(OPTIONS, tmp_path / name / "function.zip", ignore) for name in ("one", "two")]
    assert [package.sbom.name for package in built] == ["function.cdx.json"] * 2
    for read in (lambda package: package.path.read_bytes(), lambda package: package.sbom.read_bytes()):
        assert read(built[0]) == read(built[1])
    bill = json.loads(built[0].sbom.read_bytes())
    assert bill["metadata"]["component"]["hashes"][0]["content"] == built[0].sha256
    assert [part["name"] for part in bill["components"]] == ["smartcat-aws"]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["function.cdx.json", "function.zip"]


def test_a_package_that_is_too_large_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is refused is never put in its place, and its bill neither."""
    path = tmp_path / "function.zip"
    path.write_text("before")
    monkeypatch.setattr(building, "MAX_UNZIPPED_BYTES", 10)
    with pytest.raises(PackageError, match="Lambda allows at most 10"):
        build(OPTIONS, path, ignore)
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"function.zip": "before"}


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "annotated-types is missing"), (b"\xff", "expected a requirements file in UTF-8")],
)
def test_a_lock_of_ones_own_must_hold_everything(tmp_path: Path, content: bytes, said: str) -> None:
    """Nothing is fetched otherwise; the file is named."""
    lock = tmp_path / "lock.txt"
    lock.write_bytes(content)
    options = BuildOptions(OPTIONS.target, "sklearn", bytecode=False, lock=lock)
    with pytest.raises(PackageError, match=f"lock.txt: {said}"):
        build(options, tmp_path / "function.zip", ignore)


def test_a_model_is_packaged_without_what_it_was_learned_from(tmp_path: Path) -> None:
    """All files that the function reads are in the zip, and the hashes of the training texts are not."""
    models = two_models(tmp_path)
    options = BuildOptions(OPTIONS.target, "sklearn", bytecode=False, model=models.first)
    built = build(options, tmp_path / "function.zip", ignore)
    with zipfile.ZipFile(built.path) as archive:
        packaged = {name for name in archive.namelist() if name.startswith("model/")}
    assert packaged == {f"model/{file.name}" for file in published_files(models.first)}
    assert (models.first / LEARNED_TEXTS).is_file()
