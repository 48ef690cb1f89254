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


def test_every_decision_says_status_context_decision_and_consequences() -> None:
    """One page each, in one form: what holds, since when, and what replaced what does not."""
    pages = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert len(pages) >= 10
    for page in pages:
        text = page.read_text("utf-8")
        assert re.search(
            r"^# \d+\. .+\n\nStatus: (accepted|superseded by \[).*Date: \d{4}-\d\d-\d\d", text
        ), page.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], page.name


def test_every_decision_is_in_the_list() -> None:
    """With its number, its title and its status."""
    index = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    for page in (ROOT / "docs" / "decisions").glob("0*.md"):
        number, title = re.findall(r"^# (\d+)\. (.+)$", page.read_text("utf-8"), re.MULTILINE)[0]
        assert f"| {number} | [{title}]({page.name}) | " in index
