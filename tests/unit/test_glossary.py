"""One word, one thing: the glossary's terms are used, and its retired words are not."""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
TERMS_PART, _, RETIRED_PART = GLOSSARY.partition("## Retired words")
ROWS = re.compile(r"^\| (?!---|term |retired )(.+?) \| (.+) \|$", re.MULTILINE)
TERMS = dict(ROWS.findall(TERMS_PART))
RETIRED = [word.strip() for words, _ in ROWS.findall(RETIRED_PART) for word in words.split(",")]
PACKAGES = ("smartcat", "stream_processor", "producers", "benchmarks")


def spoken(text: str) -> str:
    """Return text in small letters, with hyphens, underscores and line ends as spaces."""
    return " ".join(re.sub(r"[-_`*]", " ", text).lower().split())


def words_of(name: str) -> tuple[str, ...]:
    """Split an identifier into its words in small letters: ``FairShare`` and ``fair_share`` are alike."""
    return tuple(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()))


@cache
def prose() -> str:
    """Return all code and documents but the glossary, as spoken."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    files += [file for file in (ROOT / "docs").rglob("*.md") if file.name != "glossary.md"]
    files += [ROOT / "README.md", *(ROOT / "infra" / "terraform").glob("*.tf")]
    # CamelCase as words, so that a class counts for its term.
    text = "\n".join(file.read_text("utf-8") for file in files)
    return spoken(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text))


@cache
def identifiers() -> dict[str, str]:
    """Return every identifier and module name of the packages, with one line where each is."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            where = file.relative_to(ROOT).as_posix()
            found.setdefault(file.stem, where)
            for token in tokenize.generate_tokens(io.StringIO(file.read_text("utf-8")).readline):
                if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
                    found.setdefault(token.string, f"{where}:{token.start[0]}")
    return found


def test_the_tables_are_read() -> None:
    """A change of the page's form cannot empty this test."""
    assert len(TERMS) > 80
    assert len(RETIRED) > 30
    assert len(identifiers()) > 2_000


@pytest.mark.parametrize("term", TERMS)
def test_a_term_occurs(term: str) -> None:
    """A word that nobody uses explains nothing."""
    assert re.search(rf"\b{re.escape(spoken(term))}(s|es)?\b", prose()), term


def test_each_term_has_one_line() -> None:
    """One word, one thing."""
    assert len(ROWS.findall(TERMS_PART)) == len(TERMS)
    assert [term for term, meaning in TERMS.items() if len(meaning) > 160] == []


@pytest.mark.parametrize("word", RETIRED)
def test_a_retired_word_names_nothing(word: str) -> None:
    """A class by its whole name, any other word in no part of an identifier or a module's name."""
    if word[0].isupper():
        assert word not in identifiers()
        return
    gone = words_of(word)
    uses = [
        f"{where}: {name}"
        for name, where in identifiers().items()
        if any(words_of(name)[at : at + len(gone)] == gone for at in range(len(words_of(name))))
    ]
    assert uses == []
