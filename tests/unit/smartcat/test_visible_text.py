import json
import logging
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.visible_text import VisibleFormatter, visible, visible_json, visible_lines

KINDS = {
    "C0": "\x00\x07\x08\t\n\r\x1b",
    "delete and C1": "\x7f\x80\x85\x90\x9b\x9d\x9f",
    "line and paragraph separators": "\u2028\u2029",
    "marks of direction": "\u200e\u200f\u061c",
    "overrides, embeddings and isolates": "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    "of no width": "\u200b\u200c\u200d\u2060\u2064\ufeff\u00ad\u180e\ufe0f",
    "letters and marks that nobody sees": "\u034f\u115f\u1160\u17b4\u3164\uffa0\U000e0100",
    "tags": "\U000e0001\U000e0041",
    "annotations": "\ufff9\ufffb",
    "halves and private": "\ud800\udfff\ue000",
}
EVERY = "".join(KINDS.values())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_seen_as_itself_is_written_out(kind: str) -> None:
    """Each character of it, at the beginning, inside and at the end of a name."""
    for character in KINDS[kind]:
        written = character.encode("unicode_escape", "surrogatepass").decode()
        for before, after in (("", "a"), ("a", "b"), ("a", "")):
            assert visible(before + character + after) == before + written + after


def test_no_character_is_forgotten() -> None:
    """Of all assigned ones, no control, format or separator stays but the space and its unbreakable kin."""
    characters = map(chr, range(sys.maxunicode + 1))
    unseen = [each for each in characters if unicodedata.category(each) in {"Cc", "Cf", "Zs", "Zl", "Zp"}]
    assert len(unseen) > 200
    assert {each for each in unseen if visible(each) == each} == {" ", "\u00a0"}


@pytest.mark.parametrize(
    "text",
    [
        "Grundbuch 日本 😀 § 5",
        "Zwölf Boxkämpfer jagen Viktor",
        "a\u00a0b",
        "\N{MAN}\u200d\N{GIRL}",
        "\N{HEAVY BLACK HEART}\ufe0f\u200d\N{FIRE}",
        "\N{MAN}\N{EMOJI MODIFIER FITZPATRICK TYPE-3}\u200d\N{PERSONAL COMPUTER}",
        "שלום",
        "नमस्ते",
    ],
)
def test_letters_of_every_language_and_emoji_stay(text: str) -> None:
    """Also those that are read from right to left, and families that a joiner holds together."""
    assert visible(text) == text
    assert visible_json([text]) == f'["{text}"]'


@pytest.mark.parametrize(
    "text", ["a\u200db", "\u200d😀", "😀\u200d", "😀\u200da", "a\ufe0f", "\ufe0f", "\u200d\u200d"]
)
def test_a_joiner_that_joins_no_pictures_is_written_out(text: str) -> None:
    """Two names that look alike would differ in it."""
    assert "\u200d" not in visible(text)
    assert "a\ufe0f" not in visible(text)
    assert "\\u200d" in visible(text) or "\\ufe0f" in visible(text)


def test_text_of_several_lines_keeps_its_line_feeds_alone() -> None:
    """No other character begins a line."""
    assert visible_lines("a\nb\rc\u2028d") == "a\nb\\rc\\u2028d"


ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from(EVERY))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=8,
)


@given(value=ANY_JSON)
def test_json_is_one_visible_line_that_reads_back_as_the_same(value: object) -> None:
    """Whatever a name is made of, keys included."""
    line = visible_json(value)
    assert json.loads(line) == value
    assert visible(line) == line


@given(text=ANY_TEXT)
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    """Text that was written out once is not written out again."""
    shown = visible(text)
    assert visible(shown) == shown
    assert shown.isprintable() or "\u00a0" in shown or "\u200d" in shown


def test_a_log_record_is_one_line() -> None:
    """Whatever the names in its message; a traceback keeps its lines, and nothing else of that kind."""
    record = logging.LogRecord("x", logging.WARNING, "", 1, "no stream %s", ("a\nb\x9b\u202e",), None)
    assert VisibleFormatter("%(name)s: %(message)s").format(record) == "x: no stream a\\nb\\x9b\\u202e"
    try:
        int("\x1b[2J")
    except ValueError:
        record.exc_info = sys.exc_info()
    lines = VisibleFormatter().format(record).splitlines()
    assert lines[1].startswith("Traceback")
    assert lines[-1].startswith("ValueError: invalid literal")
    assert all(line.isprintable() for line in lines)
