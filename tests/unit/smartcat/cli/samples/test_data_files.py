from __future__ import annotations

import tomllib
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from smartcat.cli.samples.data_files import LANGUAGES, read_text, read_toml
from smartcat.cli.samples.paperwork import LABELS

PYPROJECT = Path(__file__).resolve().parents[5] / "pyproject.toml"


def test_every_data_file_is_shipped() -> None:
    """Each file below text/ is matched by a pattern of package-data, so that a wheel has it."""
    package_data = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    with as_file(files("smartcat.cli.samples")) as folder:
        present = {path for path in (folder / "text").rglob("*") if path.is_file()}
        shipped = {path for pattern in package_data["smartcat.cli.samples"] for path in folder.glob(pattern)}
    assert len(present) == 1 + len(LANGUAGES) * (len(LABELS) + 2)
    assert present <= shipped


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_type_has_text_in_every_language(language: str) -> None:
    """The files are named by the labels of document_types.toml."""
    assert list(read_toml("document_types.toml")) == list(LABELS)
    assert all(read_text(language, f"{label}.txt").startswith("== ") for label in LABELS)


def test_umlauts_are_read_whatever_the_locale_is() -> None:
    """The files are UTF-8."""
    assert "Grüßen" in read_text("de", "shared.txt")


def test_a_missing_file_is_an_error() -> None:
    """A misspelt label does not pass as empty text."""
    with pytest.raises(FileNotFoundError):
        read_text("de", "nothing.txt")
