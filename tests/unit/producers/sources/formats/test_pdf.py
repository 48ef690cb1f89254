import builtins
import io
import logging
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.sources import SourceProblem
from producers.sources.formats.pdf import MAX_SECONDS, read_pdf
from smartcat.wire_format.document import MAX_PAGES, Document
from support.clock import Clock
from support.pdfs import encrypted, pdf_of


def read(data: bytes, max_bytes: int = 1000, clock: Any = None) -> Document | SourceProblem:
    """Read a PDF of these bytes."""
    return read_pdf("a.pdf", "in/a.pdf", io.BytesIO(data), max_bytes, clock or Clock())


def said(data: bytes, **options: Any) -> str:
    """Give the problem."""
    found = read(data, **options)
    assert isinstance(found, SourceProblem)
    return str(found)


def test_a_page_of_text_a_page() -> None:
    """Pages come in order, and one without text among others is an empty page."""
    assert read(pdf_of("Kontoauszug Nr. 7", "", "Seite 3")) == Document(
        document_id="a.pdf", pages=("Kontoauszug Nr. 7", "", "Seite 3")
    )


def test_a_lock_against_changes_is_no_lock_against_reading() -> None:
    """Bank statements mostly have a password for changing and none for reading."""
    found = read(encrypted(pdf_of("Kontoauszug"), reader=""))
    assert isinstance(found, Document)
    assert found.pages == ("Kontoauszug",)


def test_what_cannot_be_read_says_why() -> None:
    """A password, damage, a scan, and an empty file are told apart, without a word of the page."""
    good = pdf_of("secret page")
    assert said(encrypted(good, reader="key")) == "in/a.pdf: encrypted: it needs a password"
    assert said(pdf_of("", "")) == (
        "in/a.pdf: no text on any of its 2 pages: a scan without a text layer needs OCR first"
    )
    for damaged in (b"", b"%PDF-1.4 and no more", b"no PDF at all"):
        assert said(damaged).startswith("in/a.pdf: damaged, or not a PDF: ")


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too much text, too many pages and too much time are each a problem that names the bound."""
    assert said(pdf_of("x" * 30), max_bytes=29) == "in/a.pdf: more than 29 bytes of text"
    assert "1 pages; a document has at most 0" in _with_no_pages(monkeypatch)
    clock = Clock()

    def late() -> float:
        clock.now += MAX_SECONDS * 0.6
        return clock.now

    assert said(pdf_of("1", "2", "3"), clock=late) == "in/a.pdf: page 2 of 3 was not reached within 60 s"
    assert MAX_PAGES == 5000


def _with_no_pages(monkeypatch: pytest.MonkeyPatch) -> str:
    with monkeypatch.context() as changed:
        changed.setattr("producers.sources.formats.pdf.MAX_PAGES", 0)
        return said(pdf_of("x"))


def test_without_the_library_the_message_has_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks pypdf is told what to install."""
    real = builtins.__import__

    def missing(name: str, *rest: Any, **named: Any) -> Any:
        if name == "pypdf":
            raise ModuleNotFoundError(name=name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert said(pdf_of("x")).endswith(
        f"not installed: {sys.executable} -m pip install 'pypdf[crypto]<8,>=6.4'"
    )


def test_the_library_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Its warnings may quote the page; whoever wants them otherwise still gets them afterwards."""
    before = logging.getLogger("pypdf").level
    with caplog.at_level(logging.DEBUG):
        read(pdf_of("secret").replace(b"0000000009", b"0000000001"))
    assert caplog.records == []
    assert logging.getLogger("pypdf").level == before


@settings(max_examples=40)
@given(st.integers(0, 600), st.binary(min_size=1, max_size=8))
def test_damage_never_raises(place: int, data: bytes) -> None:
    """Whatever is overwritten, there is a document or a problem."""
    whole = bytearray(pdf_of("secret one", "secret two"))
    whole[place : place + len(data)] = data
    found = read(bytes(whole))
    assert isinstance(found, Document) or "secret" not in str(found)
