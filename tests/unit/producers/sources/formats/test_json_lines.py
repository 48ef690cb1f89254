import io

from hypothesis import given
from hypothesis import strategies as st

from producers.sources.formats.json_lines import read_lines
from producers.sources.formats.read_result import SourceProblem

LINE = st.sampled_from(
    [
        b"",
        b" ",
        b"{",
        b'{"id":"a","text":"x"}',
        b'{"id":"\xc3\xa4","text":"' + b"y" * 40 + b'"}',
        b"\xff",
        b"\r",
    ]
)


@given(st.lists(LINE | st.binary(max_size=70), max_size=9), st.sampled_from([b"\n", b"\r\n"]))
def test_every_line_can_be_taken_up(lines: list[bytes], end: bytes) -> None:
    """From behind whatever was found, the rest is the same: numbers, bytes, documents and problems."""
    data = end.join(lines)
    whole = list(read_lines("a", io.BytesIO(data), 50))
    for number, item in enumerate(whole):
        stream = io.BytesIO(data)
        stream.seek(item.offset)
        assert list(read_lines("a", stream, 50, line=item.line, offset=item.offset)) == whole[number + 1 :]


def test_a_long_line_of_what_is_wrong_is_one_short_problem() -> None:
    """Half a million wrong pages or entries cost no error each, and the next line is read."""
    pages = b'{"id":"a","pages":[' + b",".join([b"0"] * 500_000) + b"]}"
    metadata = b'{"id":"a","text":"","metadata":{' + b",".join(b'"%d":0' % n for n in range(100_000)) + b"}}"
    data = b"\n".join([pages, metadata, b'{"id":"b","text":"x"}'])
    first, second, third = (each.content for each in read_lines("x.jsonl", io.BytesIO(data), 2**21))
    assert isinstance(first, SourceProblem)
    assert isinstance(second, SourceProblem)
    assert (first.message, second.message) == (
        "pages: expected at most 5000 entries",
        "metadata: expected at most 16 entries",
    )
    assert not isinstance(third, SourceProblem)
