import io

from hypothesis import given
from hypothesis import strategies as st

from producers.sources.formats.json_lines import read_lines

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
