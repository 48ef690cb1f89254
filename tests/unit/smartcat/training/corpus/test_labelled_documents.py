from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartcat.training.corpus import json_lines as rows
from smartcat.training.corpus.labelled_documents import LabelledDocument, read_labelled
from smartcat.training.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "confidential wording"
GOOD = {"id": "a", "text": SECRET, "label": "x"}


def _write(tmp_path: Path, *rows: Any) -> Path:
    file = tmp_path / "corpus.jsonl"
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    file.write_bytes(b"\n".join(lines))
    return file


def _refused(path: Path, split: str | None = None) -> str:
    with pytest.raises(CorpusError) as caught:
        list(read_labelled(path, split=split))
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert SECRET not in message
    return message.removeprefix(str(path))


def test_documents_come_in_order_with_either_kind_of_pages(tmp_path: Path) -> None:
    """Text is one page; id wins over document_id; without either the line names the document."""
    rows = [
        {"id": "a", "document_id": "z", "text": "one", "label": "x", "split": "train", "other": 1},
        b"",
        {"document_id": "b", "pages": ["one", ""], "label": "y"},
        {"text": "", "label": "y"},
    ]
    assert list(read_labelled(_write(tmp_path, *rows))) == [
        LabelledDocument("a", "x", ("one",), "train"),
        LabelledDocument("b", "y", ("one", "")),
        LabelledDocument("line-4", "y", ("",)),
    ]


def test_pages_may_have_labels_of_their_own(tmp_path: Path) -> None:
    """The document is then called what its first page is."""
    row = {"id": "a", "pages": ["one", "two"], "labels": ["y", "x"]}
    (document,) = read_labelled(_write(tmp_path, row))
    assert document == LabelledDocument("a", "y", ("one", "two"), page_labels=("y", "x"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"document_id": "scan", "page": 3}, ("scan", 3)),
        ({"document_id": "scan", "page": -1}, ("scan", -1)),
        ({"document_id": "scan", "page": "3"}, None),
        ({"document_id": "scan", "page": 3.0}, None),
        ({"document_id": "scan", "page": True}, None),
        ({"document_id": 3, "page": 3}, None),
        ({"document_id": "scan"}, None),
        ({"page": 3}, None),
    ],
)
def test_a_text_may_be_a_page_of_a_document(
    tmp_path: Path, fields: dict[str, Any], expected: tuple[str, int] | None
) -> None:
    """Where a document_id stands beside a whole number; anything else is another field to ignore."""
    (document,) = read_labelled(_write(tmp_path, {"id": "a", "text": "one", "label": "x"} | fields))
    assert (document.document_id, document.part_of) == ("a", expected)


def test_a_document_of_pages_is_no_page(tmp_path: Path) -> None:
    """A number beside a list of pages says nothing that is asked."""
    (document,) = read_labelled(
        _write(tmp_path, {"document_id": "a", "page": 1, "pages": ["one"], "label": "x"})
    )
    assert document.part_of is None


def test_gzip_is_recognised_by_content(tmp_path: Path) -> None:
    """The name of the file does not matter, nor a byte order mark."""
    file = tmp_path / "corpus.jsonl"
    file.write_bytes(gzip.compress(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()))
    assert [document.document_id for document in read_labelled(file)] == ["a"]


def test_only_the_split_asked_for(tmp_path: Path) -> None:
    """Other splits and documents without one are passed over."""
    file = _write(tmp_path, {**GOOD, "split": "train"}, {**GOOD, "id": "b", "split": "test"}, GOOD)
    assert [document.document_id for document in read_labelled(file, split="test")] == ["b"]
    assert _refused(file, "dev") == ": no document has the split 'dev'; splits in the file: test, train"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (b'{"text": ' + SECRET.encode(), "expected a JSON object (Expecting value at character 10)"),
        (b"[" * 100_000, "beyond all measure"),
        (b'{"id": ' + b"1" * 5000 + b"}", "beyond all measure"),
        (b'"\xff"', "expected UTF-8, but byte 2"),
        ([GOOD], "expected a JSON object, not a list"),
        ({"text": SECRET}, "expected a field 'label'"),
        ({**GOOD, "label": None}, "expected a field 'label'"),
        ({**GOOD, "label": 3}, "expected 'label' to be a text"),
        ({**GOOD, "label": "  "}, "expected 'label' to be a text that is not blank"),
        ({**GOOD, "label": "x" * 201}, "at most 200 printable"),
        ({**GOOD, "label": "a\nb"}, "at most 200 printable"),
        ({**GOOD, "label": "payslip "}, "without white space around it"),
        ({**GOOD, "pages": [SECRET]}, "exactly one of the fields"),
        ({"id": "a", "label": "x"}, "exactly one of the fields"),
        ({**GOOD, "text": [SECRET]}, "expected 'text' to be a text"),
        ({"id": "a", "label": "x", "pages": SECRET}, "expected 'pages' to be a list"),
        ({"id": "a", "label": "x", "pages": []}, "expected 'pages' to be a list"),
        ({"id": "a", "label": "x", "pages": [SECRET, 1]}, "expected 'pages' to be a list"),
        ({**GOOD, "text": "\ud800"}, "half a surrogate pair"),
        ({**GOOD, "id": 7}, "expected 'id'"),
        ({**GOOD, "id": ""}, "expected 'id'"),
        ({**GOOD, "id": None, "document_id": "b"}, "expected 'id'"),
        ({**GOOD, "id": "\ud800"}, "expected 'id' to be a text of whole characters"),
        ({**GOOD, "pages": None}, "exactly one of the fields"),
        ({"id": "a", "label": "x", "text": None}, "expected 'text' to be a text"),
        (b'{"label": "x", "label": "y", "text": ""}', "a name occurs twice"),
        (b'{"label": "x", "text": "", "score": NaN}', "NaN and Infinity are not JSON"),
        ({**GOOD, "split": 1}, "expected 'split'"),
        ({**GOOD, "labels": ["x"]}, "expected 'labels' to be a list beside 'pages'"),
        ({"id": "a", "text": SECRET, "labels": ["x"]}, "expected 'labels' to be a list beside 'pages'"),
        ({"id": "a", "pages": [SECRET], "labels": "x"}, "expected 'labels' to be a list beside 'pages'"),
        ({"id": "a", "pages": [SECRET], "labels": ["x", "y"]}, "expected 'labels' to be a list beside"),
        ({"id": "a", "pages": [SECRET], "labels": None}, "expected 'labels' to be a list beside 'pages'"),
        ({"id": "a", "pages": [SECRET], "labels": [" "]}, "expected 'label' to be a text that is not blank"),
        ({"id": "a", "pages": [SECRET], "labels": [None]}, "expected a field 'label'"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, row: Any, expected: str) -> None:
    """The error gives file, line and what was expected, and never the text."""
    message = _refused(_write(tmp_path, GOOD, row))
    assert message.startswith(":2: ")
    assert expected in message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, empty, a directory, damaged gzip: one clear error each."""
    assert "cannot be read (No such file" in _refused(tmp_path / "absent")
    assert "cannot be read (Is a directory)" in _refused(tmp_path)
    file = tmp_path / "file"
    file.write_bytes(b"\n\n")
    assert "holds no document" in _refused(file)
    whole = gzip.compress(json.dumps(GOOD).encode() + b"\n")
    file.write_bytes(whole[:-9])
    assert ":2: expected whole gzip data" in _refused(file)
    file.write_bytes(whole[:10] + b"\xff" * 20)
    assert "expected whole gzip data" in _refused(file)
    file.write_bytes(b"\x1f\x8bxxxxxxxx")
    assert "expected whole gzip data" in _refused(file)


def test_endless_lines_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without line ends is not read into memory whole."""
    monkeypatch.setattr(rows, "MAX_LINE_BYTES", 20)
    assert _refused(_write(tmp_path, GOOD)) == ":1: expected lines of at most 20 bytes"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=100))
def test_any_bytes_give_documents_or_the_one_error(tmp_path: Path, content: bytes) -> None:
    """Whatever the file holds, only CorpusError comes out."""
    file = tmp_path / "any"
    file.write_bytes(content)
    assert _refused(file)
