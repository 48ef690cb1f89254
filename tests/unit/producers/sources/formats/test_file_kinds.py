from hypothesis import given
from hypothesis import strategies as st

from producers.sources.formats.file_kinds import (
    FileKind,
    file_kind,
    group_files,
    group_pages,
    page_stem,
    resume_listing_after,
)

NAMES = st.lists(
    st.from_regex(r"(a|a\.p1|b|)(\.p(1|2|3|10|01))?(x|)(/c)?\.txt", fullmatch=True), unique=True, max_size=25
)


def test_kinds_by_the_end_of_the_name() -> None:
    """Upper and lower case are the same, and what is not read has no kind."""
    assert file_kind("x/A.TXT") is FileKind.TEXT
    assert file_kind("a.pdf") is FileKind.PDF
    assert file_kind("a.jsonl.gz") is FileKind.JSON_LINES
    assert file_kind("a.csv") is FileKind.CSV
    assert file_kind("a.txt.gz") is None
    assert file_kind("a") is None


def test_pages_with_gaps_and_repetitions_are_named() -> None:
    """The problem names the page that is missing, or the file that is one too many."""
    assert group_pages("a", ["a.p2.txt", "a.p10.txt", "a.p1.txt"]).problem == (
        "page 3 is missing, the next is 'a.p10.txt'"
    )
    assert (
        "page 1 is repeated or not a page, found 'a.p1.txt'"
        in group_pages("a", ["a.p1.txt", "a.p01.txt"]).problem
    )
    assert "page 0 is repeated or not a page" in group_pages("a", ["a.p0.txt"]).problem


@given(NAMES)
def test_grouping_with_little_memory_is_grouping_with_all(names: list[str]) -> None:
    """Every name is in one group, pages of a stem are together, groups are sorted by their first names."""
    found = list(group_files(sorted(names)))
    assert sorted(file for group in found for file in group.files) == sorted(names)
    assert [group.first for group in found] == sorted(group.first for group in found)
    stems = [group.name for group in found if page_stem(group.first)]
    assert len(stems) == len(set(stems)) == len({page_stem(name) for name in names} - {None})


@given(NAMES)
def test_a_listing_taken_up_again_gives_the_same_groups(names: list[str]) -> None:
    """From any group on, a listing that begins a little before it groups as the whole listing does."""
    whole = list(group_files(sorted(names)))
    for number, group in enumerate(whole):
        after = resume_listing_after(group.first)
        again = [
            each
            for each in group_files(sorted(name for name in names if name > after))
            if each.first >= group.first
        ]
        assert again == whole[number:]
