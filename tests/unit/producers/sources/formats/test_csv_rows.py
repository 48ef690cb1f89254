import csv
import gzip
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.sources import SourceProblem, read_documents
from producers.sources.formats.csv_columns import Columns, read_header
from producers.sources.formats.csv_rows import read_rows
from smartcat.wire_format.document import Document


def read(data: bytes, max_bytes: int = 1000) -> tuple[list[Document], list[str]]:
    """Give the documents and what the problems say."""
    found = [item.content for item in read_rows("a.csv", io.BytesIO(data), max_bytes)]
    return (
        [item for item in found if isinstance(item, Document)],
        [str(item) for item in found if isinstance(item, SourceProblem)],
    )


def test_a_document_a_row() -> None:
    """Fields go where their columns say, others are ignored, an empty cell is no value."""
    documents, said = read(
        b"\xef\xbb\xbfID,Text,job_id,received_at,expires_at,metadata.Branch,colour\r\n"
        b'a,"Gr\xc3\xb6\xc3\x9fe\nzwei",j,2024-05-31T12:00:00Z,1900000000,Ulm,red\r\n'
        b"\r\n"
        b"b,,,,,,\r\n"
    )
    assert said == []
    assert documents[0].pages == ("Größe\nzwei",)
    assert (documents[0].job_id, documents[0].expires_at) == ("j", 1900000000)
    assert (documents[0].metadata, str(documents[0].received_at)[:10]) == ({"Branch": "Ulm"}, "2024-05-31")
    assert documents[1] == Document(document_id="b", text="")


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_pages_in_columns(between: str) -> None:
    """Pages are in numeric order, empty ones at the end are none, empty ones between are pages."""
    text = "page2,document_id,page1,page 3\n2,a,1,3\n,b,1,\n2,c,,\n".replace(",", between)
    documents, said = read(text.encode())
    assert said == []
    assert [each.pages for each in documents] == [("1", "2", "3"), ("1",), ("", "2")]


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("name,text", "no column id or document_id"),
        ("id,name", "no column text, and no columns page1, page2, ..."),
        ("id,text,page1", "both a column text and page columns"),
        ("id,p1,p3", "page columns: expected page 2, found page 3"),
        ("id,text,Text", "a column is repeated"),
        ("", "no column id or document_id"),
    ],
)
def test_a_header_that_says_nothing_is_one_problem(header: str, complaint: str) -> None:
    """Without its columns no row means anything, so none is read."""
    assert read(f"{header}\nx,secret\n".encode()) == ([], [f"a.csv:1: header: {complaint}"])


def test_broken_rows_are_named_and_the_others_read() -> None:
    """Each bad row is one problem with its line and what was expected, without its text."""
    documents, said = read(
        b'id,text,expires_at\na,"secret"x,\nb,secret\n,secret,\nc,\xff,\nd,x,soon\n"e","y\nz",\nf,w,\n'
    )
    assert [each.document_id for each in documents] == ["e", "f"]
    assert said == [
        "a.csv:2: expected CSV: ',' expected after '\"'",
        "a.csv:3: expected 3 cells as in the header, found 2",
        "a.csv:4: document_id: expected at least 1 character",
        "a.csv:5: expected UTF-8, found an invalid byte",
        "a.csv:6: expires_at: expected a whole number",
    ]


def test_a_row_without_an_end_is_bounded() -> None:
    """A quote that is not closed costs the rest of the file, and no more memory than a row may take."""
    data = b'id,text\na,x\nb,"' + b"secret\n" * 10_000
    tracemalloc.start()
    documents, said = read(data, max_bytes=500)
    top = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [each.document_id for each in documents] == ["a"]
    assert len(said) == 1
    assert "a row of more than 500 bytes; perhaps a quote is not closed; the rest is not read" in said[0]
    assert top < 200_000
    assert "unexpected end of data" in read(b'id,text\na,"x')[1][0]


def test_large_cells_are_read(tmp_path: Path) -> None:
    """A page may be larger than the csv module takes by itself, also in a packed file."""
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"id,text\na," + b"x" * 400_000))
    (found,) = read_documents([tmp_path / "a.csv.gz"])
    assert isinstance(found, Document)
    assert len(found.pages[0]) == 400_000


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8), min_size=2, max_size=2
        ),
        max_size=6,
    )
)
def test_what_python_writes_is_read_and_every_row_can_be_taken_up(rows: list[list[str]]) -> None:
    """Rows written by the csv module come back, and from behind each row the rest is the same."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["id", "text"], *rows])
    data = out.getvalue().encode()
    whole = list(read_rows("a", io.BytesIO(data), 1000))
    good = [each.content for each in whole if isinstance(each.content, Document)]
    assert [[each.document_id, each.pages[0]] for each in good] == [row for row in rows if row[0]]
    for number, item in enumerate(whole):
        rest = list(read_rows("a", io.BytesIO(data), 1000, line=item.line, offset=item.offset))
        assert rest == whole[number + 1 :]


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    """Whatever a file holds, each line gives at most a document or a problem."""
    documents, said = read(b"id,text\n" + data, max_bytes=50)
    assert len(documents) + len(said) <= data.count(b"\n") + data.count(b"\r") + 2


@pytest.mark.parametrize("cut", [0, 30])
def test_a_row_without_an_end_is_taken_up_at_its_beginning(cut: int) -> None:
    """A page whose row is too large, or whose file breaks off, is not read as rows after a break."""
    data = b'id,text\na,x\nb,"' + b"c,not a row\n" * 2000
    packed = gzip.compress(data)
    packed = packed[: len(packed) - cut]
    *_, last = read_rows("a", gzip.GzipFile(fileobj=io.BytesIO(packed)), 1 << 20 if cut else 500)  # type: ignore[arg-type]
    assert isinstance(last.content, SourceProblem)
    assert (last.line, last.offset) == (2, len(b"id,text\na,x\n"))


def test_a_header_costs_its_length() -> None:
    """Ten times the columns take about ten times the work, and not a hundred: 40,000 took 21 s."""

    def lookups(columns: int) -> int:
        names = [Counted(f"c{number}") for number in range(columns)]
        Counted.comparisons = 0
        found = read_header(["id", "text", *names])
        assert isinstance(found, Columns)
        return Counted.comparisons

    assert lookups(10_000) < 20 * lookups(1_000) + 1_000
    assert isinstance(read_header(["id", "text", *(f"c{n}" for n in range(40_000)), "id"]), str)


class Counted(str):
    """A name of a column that counts how often it is compared."""

    __slots__ = ()
    comparisons = 0

    def strip(self, _: str | None = None, /) -> "Counted":  # type: ignore[override]
        return self

    def lower(self) -> "Counted":
        return self

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return str.__eq__(self, other)  # type: ignore[no-any-return]

    __hash__ = str.__hash__


def test_a_version_is_a_number_or_a_time() -> None:
    """A cell of digits alone is a number; whether the rest is a time is for the schema to say."""
    columns = read_header(["id", "text", "Version"])
    assert isinstance(columns, Columns)
    versions = [
        columns.fields(["d", "x", cell]).get("version") for cell in ("17", "2026-05-01T00:00:00Z", "")
    ]
    assert versions == [17, "2026-05-01T00:00:00Z", None]
