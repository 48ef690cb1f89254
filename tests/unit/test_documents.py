"""The documents say what is there: files, settings, commands."""

import re
from pathlib import Path

import pytest

from stream_processor import settings

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("producers", "smartcat", "stream_processor")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_every_module_is_in_the_architecture() -> None:
    """A reader finds each file; commands are named by their folder."""
    modules = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path.name != "__init__.py"
    ]
    missing = [
        name for name in modules if name not in ARCHITECTURE and not name.startswith("smartcat/cli/commands/")
    ]
    assert len(modules) > 100
    assert missing == []


def test_every_file_the_architecture_names_exists() -> None:
    """A file that moved is noticed."""
    named = re.findall(rf"`((?:{'|'.join(ROOMS)})/[\w./]*)`", ARCHITECTURE)
    assert len(named) > 100
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    "document", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=str
)
def test_every_link_leads_somewhere(document: Path) -> None:
    """Relative links of the documents name files that exist."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_setting_is_documented() -> None:
    """Each variable that the function reads has its line in the documentation."""
    variables = set(re.findall(r"SMARTCAT_[A-Z_]+", Path(settings.__file__).read_text("utf-8")))
    page = (ROOT / "docs" / "stream-processor.md").read_text("utf-8")
    assert len(variables) >= 9
    assert sorted(name for name in variables if name not in page) == []


def test_every_decision_says_context_decision_and_consequences() -> None:
    """One page each, in one form."""
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert len(pages) >= 10
    for page in pages:
        headings = re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], page.name
