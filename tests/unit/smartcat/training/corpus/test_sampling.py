from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.corpus.sampling import DocumentSample


def _document(number: int, label: str = "x", characters: int = 1) -> LabelledDocument:
    return LabelledDocument(str(number), label, ("a" * characters,))


def _drawn(sample: DocumentSample, documents: list[LabelledDocument]) -> list[int]:
    for document in documents:
        sample.add(document)
    return [int(document.document_id) for document in sample.documents()]


def test_all_are_held_where_there_is_room() -> None:
    """A corpus within the bounds is its own sample, in its order."""
    assert _drawn(DocumentSample(10, 100, seed=0), [_document(number) for number in range(10)]) == list(
        range(10)
    )


def test_every_part_of_the_corpus_is_drawn_from() -> None:
    """Documents have equal chances wherever they stand, and labels that take turns do not beat with it."""
    documents = [_document(number, "xy"[number % 2]) for number in range(4000)]
    drawn = _drawn(DocumentSample(400, 10**6, seed=1), documents)
    assert len(drawn) == 400
    assert drawn == sorted(drawn)
    quarters = Counter(number // 1000 for number in drawn)
    assert min(quarters.values()) > 70
    assert 150 < sum(number % 2 for number in drawn) < 250


def test_a_rare_label_is_not_missing() -> None:
    """A few of each label are held, whatever their share."""
    documents = [_document(number, "rare" if number % 500 == 3 else "common") for number in range(2000)]
    drawn = _drawn(DocumentSample(20, 10**6, seed=0, min_per_label=3), documents)
    assert sum(documents[number].label == "rare" for number in drawn) >= 3
    assert len(drawn) <= 24


def test_one_document_is_held_however_long() -> None:
    """A sample is never empty."""
    assert _drawn(DocumentSample(5, 10, seed=0), [_document(0, characters=1000)]) == [0]


@given(
    lengths=st.lists(st.integers(0, 30), min_size=1, max_size=80),
    most=st.integers(1, 20),
    characters=st.integers(1, 200),
    seed=st.integers(0, 5),
)
def test_bounds_hold_and_a_seed_repeats(lengths: list[int], most: int, characters: int, seed: int) -> None:
    """Neither number nor length exceed their bounds beyond a first document, and equal seeds draw alike."""
    documents = [_document(number, characters=size) for number, size in enumerate(lengths)]
    drawn = _drawn(DocumentSample(most, characters, seed), documents)
    assert drawn == _drawn(DocumentSample(most, characters, seed), documents)
    assert 1 <= len(drawn) <= most
    assert len(drawn) == 1 or sum(lengths[number] for number in drawn) <= characters
