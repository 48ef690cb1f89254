"""Where a function's code lies."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.local_aws.lambda_runtime import function_code
from smartcat.local_aws.lambda_runtime.errors import InvalidParameterError
from smartcat.local_aws.lambda_runtime.function_code import CodeStore

if TYPE_CHECKING:
    from pathlib import Path


def archive(**files: str) -> bytes:
    """A zip archive of modules."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as content:
        for name, text in files.items():
            content.writestr(f"{name}.py", text)
    return made.getvalue()


def encoded(data: bytes) -> dict[str, str]:
    """The Code of a request."""
    return {"ZipFile": base64.b64encode(data).decode()}


def no_object(bucket: str, key: str) -> bytes:
    """A store without objects."""
    raise LookupError("no such key")


def test_an_archive_is_extracted_once_and_compiled(tmp_path: Path) -> None:
    """The same bytes have the same directory, wherever they come from; bytecode lies beside the source."""
    store = CodeStore(tmp_path, lambda bucket, key: archive(app="X = 1"))
    root = store.task_root(encoded(archive(app="X = 1")))
    assert store.task_root({"S3Bucket": "b", "S3Key": "k"}) == root
    assert (root / "app.py").read_text() == "X = 1"
    assert len(list(root.rglob("app.*.pyc"))) == 1


def test_source_that_does_not_compile_is_left_to_the_function(tmp_path: Path) -> None:
    """The archive is accepted; its import fails when the function runs, as on Lambda."""
    root = CodeStore(tmp_path, no_object).task_root(encoded(archive(app="def")))
    assert (root / "app.py").exists()


def test_a_source_directory_is_used_in_place(tmp_path: Path) -> None:
    """LocalStack's hot-reload convention."""
    store = CodeStore(tmp_path / "store", no_object)
    assert store.task_root({"S3Bucket": "hot-reload", "S3Key": str(tmp_path)}) == tmp_path


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ({}, "ZipFile, or S3Bucket"),
        ({"ImageUri": "x"}, "images are not run"),
        ({"ZipFile": "%%%"}, "base64"),
        (encoded(b"not a zip"), "not a zip archive"),
        ({"S3Bucket": "b", "S3Key": "k"}, "s3://b/k: no such key"),
        ({"S3Bucket": "hot-reload", "S3Key": "relative"}, "absolute path"),
        ({"S3Bucket": "hot-reload", "S3Key": "/no/such/directory"}, "directory"),
    ],
)
def test_unusable_code_is_rejected(tmp_path: Path, code: dict[str, Any], named: str) -> None:
    """In one sentence that names what was expected."""
    with pytest.raises(InvalidParameterError, match=named):
        CodeStore(tmp_path, no_object).task_root(code)


def test_the_unzipped_size_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is on the sum of the files, and exactly the limit passes."""
    monkeypatch.setattr(function_code, "MAX_UNZIPPED_BYTES", 10)
    CodeStore(tmp_path / "fits", no_object).task_root(encoded(archive(a="12345", b="67890")))
    with pytest.raises(InvalidParameterError, match="Unzipped size"):
        CodeStore(tmp_path / "over", no_object).task_root(encoded(archive(a="12345", b="678901")))
