from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartcat.training.corpus.corrections import Correction, read_corrections
from smartcat.training.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "confidential wording"
BOM = b"\xef\xbb\xbf"


def written(tmp_path: Path, content: bytes) -> Path:
    """A file that holds this."""
    file = tmp_path / "corrections"
    file.write_bytes(content)
    return file


def refused(path: Path) -> str:
    """What is said of a file that cannot be used."""
    with pytest.raises(CorpusError) as caught:
        list(read_corrections(path))
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert SECRET not in message
    return message.removeprefix(str(path))


def test_json_lines_are_read_in_their_order(tmp_path: Path) -> None:
    """With what was exported beside the label, and with text where somebody brings it along."""
    rows: list[dict[str, Any]] = [
        {"id": "a", "label": "payslip", "by": "anna", "note": " see\npage 2 ", "corrected_at": "2026"},
        {"document_id": "b", "label": "letter", "by": None, "note": ""},
        {"id": "a", "label": "contract", "text": "new"},
        {"id": "c", "label": "contract", "pages": ["one", ""]},
    ]
    content = b"\n\n".join(json.dumps(row).encode() for row in rows)
    expected = [
        Correction("a", "payslip", "anna", "see page 2"),
        Correction("b", "letter"),
        Correction("a", "contract", pages=("new",)),
        Correction("c", "contract", pages=("one", "")),
    ]
    for form in (content, BOM + content, gzip.compress(content)):
        assert list(read_corrections(written(tmp_path, form))) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"id,label\na,payslip\nb,letter\n",
        BOM + b"ID;Label\r\na;payslip\r\nb;letter\r\n",
        b'note\tlabel\tdocument_id\n\tpayslip\ta\n\n"\t"\tletter\t"b"\n',
        b'document_id,id,label,score,score\nx,a,payslip,1,2\ny,b,letter,,"3,\n4"\n',
        BOM + b" id , label \n" + BOM + b"a,payslip\nb,letter",
    ],
)
def test_csv_of_any_spreadsheet_is_read(tmp_path: Path, content: bytes) -> None:
    """Commas, semicolons and tabs, byte order marks, line ends of Windows, columns of others."""
    expected = [Correction("a", "payslip"), Correction("b", "letter")]
    assert list(read_corrections(written(tmp_path, content))) == expected
    assert list(read_corrections(written(tmp_path, gzip.compress(content)))) == expected


def test_remarks_of_csv_are_one_line(tmp_path: Path) -> None:
    """Whatever somebody typed into a cell."""
    file = written(tmp_path, b'id,label,by,note\na,x,anna,"see\r\n\r\npage 2"\n')
    assert list(read_corrections(file)) == [Correction("a", "x", "anna", "see page 2")]


def test_an_empty_file_holds_no_correction(tmp_path: Path) -> None:
    """Nothing was corrected yet, which is no error."""
    for content in (b"", b"\n \n", BOM, b"id,label\n"):
        assert list(read_corrections(written(tmp_path, content))) == []


GOOD: dict[str, Any] = {"id": "a", "label": "x"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"label": "x"}, ":1: expected 'id'"),
        (GOOD | {"id": 7}, ":1: expected 'id'"),
        ({"id": "a"}, ":1: expected a field 'label'"),
        (GOOD | {"label": None}, ":1: expected a field 'label'"),
        (GOOD | {"label": " x"}, ":1: expected 'label' without white space"),
        (GOOD | {"label": "x" * 201}, ":1: expected 'label' to be at most 200"),
        (GOOD | {"by": 7}, ":1: expected 'by' to be a text"),
        (GOOD | {"by": "x" * 101}, ":1: expected 'by' to be at most 100"),
        (GOOD | {"note": "x" * 501}, ":1: expected 'note' to be at most 500"),
        (GOOD | {"note": "\x1b[2J"}, ":1: expected 'note' to be at most 500 printable"),
        (GOOD | {"text": 1}, ":1: expected 'text'"),
        (GOOD | {"text": SECRET, "pages": []}, ":1: expected exactly one of"),
        (b"[]", ":1: expected a JSON object, not a list"),
        (b'{"id": "a", "label": "x"}\n{"id": "' + SECRET.encode(), ":2: expected a JSON object"),
        (b'{"id": "a", "label": "x"}\na,x', ":2: expected a JSON object"),
        (b"a,x\n", ":1: expected JSON lines, or CSV with columns id and label"),
        (b"id,name\n", ":1: expected JSON lines, or CSV with columns id and label"),
        (b"id,label,text\n", ":1: expected corrections with text to be JSON lines"),
        (b"id,label,Label\n", ":1: expected each column once"),
        (b"id,label\na,x\nb\n", ":3: expected 2 cells as in the header, not 1"),
        (b"id,label\na,\n", ":2: expected 'label' to be a text that is not blank"),
        (b"id,label\n,x\n", ":2: expected 'id'"),
        (b'id,label\na,"x\n', ":2: expected CSV"),
        (b'id,label\na,"x"y\n', ":2: expected CSV"),
        (b'id,label\na,"' + SECRET.encode() * 10_000 + b'"\n', ":2: expected CSV"),
        (b"id,label\na,x\n\xff,y\n", ":3: expected UTF-8, but byte 1"),
        (b"id,label\n\n\na\rb,x\n", ":4: expected CSV"),
        ("id,label".encode("utf-16"), ":1: expected UTF-8"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: Any, expected: str) -> None:
    """The error gives file, line and what was expected, and none of what was there."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    assert refused(written(tmp_path, data)).startswith(expected)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """One line."""
    assert refused(tmp_path / "absent") == ": cannot be read (No such file or directory)"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([b"", b"{", b"id,label\n", b"id;label;note\n"]), st.binary(max_size=60))
def test_any_bytes_give_corrections_or_the_one_error(tmp_path: Path, start: bytes, content: bytes) -> None:
    """Whatever the file holds, only CorpusError comes out."""
    file = written(tmp_path, start + content)
    try:
        found = list(read_corrections(file))
    except CorpusError:
        return
    assert all(each.document_id and each.label.strip() == each.label for each in found)
