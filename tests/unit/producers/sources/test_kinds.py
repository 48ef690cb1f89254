from hypothesis import given
from hypothesis import strategies as st

from producers.sources.kinds import Kind, kind_of, resume_listing_after, stem_of_page, unit_of_pages, units

NAMES = st.lists(
    st.from_regex(r"(a|a\.p1|b|)(\.p(1|2|3|10|01))?(x|)(/c)?\.txt", fullmatch=True), unique=True, max_size=25
)


def test_kinds_by_the_end_of_the_name() -> None:
    """Upper and lower case are the same, and what is not read has no kind."""
    assert kind_of("x/A.TXT") is Kind.TEXT
    assert kind_of("a.pdf") is Kind.PDF
    assert kind_of("a.jsonl.gz") is Kind.LINES
    assert kind_of("a.csv") is Kind.ROWS
    assert kind_of("a.txt.gz") is None
    assert kind_of("a") is None


def test_pages_with_gaps_and_repetitions_are_named() -> None:
    """The problem names the page that is missing, or the file that is one too many."""
    assert unit_of_pages("a", ["a.p2.txt", "a.p10.txt", "a.p1.txt"]).problem == (
        "page 3 is missing, the next is 'a.p10.txt'"
    )
    assert (
        "page 1 is there twice or is no page, found 'a.p1.txt'"
        in unit_of_pages("a", ["a.p1.txt", "a.p01.txt"]).problem
    )
    assert "page 0 is there twice or is no page" in unit_of_pages("a", ["a.p0.txt"]).problem


@given(NAMES)
def test_grouping_with_little_memory_is_grouping_with_all(names: list[str]) -> None:
    """Every name is in one unit, pages of one stem in the same one, units in the order of their first."""
    found = list(units(sorted(names)))
    assert sorted(file for unit in found for file in unit.files) == sorted(names)
    assert [unit.first for unit in found] == sorted(unit.first for unit in found)
    stems = [unit.name for unit in found if stem_of_page(unit.first)]
    assert len(stems) == len(set(stems)) == len({stem_of_page(name) for name in names} - {None})


@given(NAMES)
def test_a_listing_taken_up_again_gives_the_same_units(names: list[str]) -> None:
    """From any unit on, a listing that begins a little before it groups as the whole listing does."""
    whole = list(units(sorted(names)))
    for number, unit in enumerate(whole):
        after = resume_listing_after(unit.first)
        again = [
            each for each in units(sorted(name for name in names if name > after)) if each.first >= unit.first
        ]
        assert again == whole[number:]
