from __future__ import annotations

import hashlib
from collections import Counter
from itertools import islice

import pytest

from smartcat.cli.samples.data_files import LANGUAGES
from smartcat.cli.samples.paperwork import LABELS, MAX_PAGES, SampleDocument, document_at, generate


@pytest.fixture(scope="module")
def documents() -> list[SampleDocument]:
    """Documents that the tests only look at."""
    return list(generate(600, seed=7))


def test_there_are_twelve_kinds_with_different_labels() -> None:
    """The label set is fixed at twelve, so a model's size and a confusion table are predictable."""
    assert len(LABELS) == len(set(LABELS)) == 12


def test_same_seed_gives_same_documents(documents: list[SampleDocument]) -> None:
    """Two runs of a seed agree in every character."""
    assert list(generate(600, seed=7)) == documents


@pytest.mark.parametrize(("seed", "digest"), [(1, "bf7bc63d55d47874"), (2, "103b1003d30e8a10")])
def test_samples_never_change(seed: int, digest: str) -> None:
    """Another digest means other samples: figures measured on them would no longer compare."""
    text = "\n".join(repr(document) for document in generate(100, seed=seed))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == digest


def test_fewer_documents_are_the_prefix_of_more(documents: list[SampleDocument]) -> None:
    """Asking for more documents never changes the ones asked for before."""
    assert list(generate(10, seed=7)) == documents[:10]


def test_any_document_can_be_made_alone(documents: list[SampleDocument]) -> None:
    """A document depends on its seed and its position only, not on those before it."""
    assert document_at(421, seed=7) == documents[421]


def test_seeds_differ() -> None:
    """Another seed gives other texts, so that training and test documents do not repeat each other."""
    texts = [{"".join(document.pages) for document in generate(100, seed=seed)} for seed in (1, 2)]
    assert not texts[0] & texts[1]


def test_documents_are_made_as_they_are_asked_for() -> None:
    """Three documents of a billion take no longer than three documents."""
    assert len(list(islice(generate(10**9, seed=1), 3))) == 3


def test_no_documents_are_no_error() -> None:
    """Zero documents is an empty answer."""
    assert list(generate(0, seed=1)) == []


def test_negative_count_is_refused_before_the_first_document() -> None:
    """A negative count is an error of the call, not of the iteration."""
    with pytest.raises(ValueError, match="count is -1"):
        generate(-1, seed=1)


def test_ids_carry_seed_and_position_and_are_unique(documents: list[SampleDocument]) -> None:
    """The id names where a document comes from, so a result can be traced to its text."""
    assert documents[123].document_id == "sample-7-000123"
    assert len({document.document_id for document in documents}) == len(documents)


def test_kinds_and_languages_are_balanced(documents: list[SampleDocument]) -> None:
    """Every kind comes in both languages, none rarer than half of its fair share."""
    counts = Counter((document.label, document.language) for document in documents)
    assert set(counts) == {(label, language) for label in LABELS for language in LANGUAGES}
    per_kind = Counter(document.label for document in documents)
    assert min(per_kind.values()) >= 600 / 12 / 2


def test_page_counts_and_sizes_stay_within_bounds(documents: list[SampleDocument]) -> None:
    """One to six pages, none beyond 6,000 characters, so that any document fits the stream."""
    for document in documents:
        assert 1 <= len(document.pages) <= MAX_PAGES
        assert all(len(page) <= 6_000 for page in document.pages)


def test_pages_are_as_long_as_paper_is(documents: list[SampleDocument]) -> None:
    """A page of a contract has 2 to 3 KB on average; an identity card is far shorter."""
    sizes = {
        label: [len(page) for d in documents if d.label == label for page in d.pages if len(page) > 30]
        for label in ("purchase_contract", "identity_card")
    }
    means = {label: sum(values) / len(values) for label, values in sizes.items()}
    assert 2_000 < means["purchase_contract"] < 3_500
    assert means["identity_card"] < 700


def test_some_pages_are_blank_and_no_document_is(documents: list[SampleDocument]) -> None:
    """Duplex scans bring blank pages along, but each document has something to read."""
    blank = [document for document in documents if any(len(page.split()) < 4 for page in document.pages)]
    assert 20 < len(blank) < 200
    assert all(any(len(page) > 60 for page in document.pages) for document in documents)


def test_pages_encode_as_utf8(documents: list[SampleDocument]) -> None:
    """Noise never makes text that cannot travel: no lone surrogates, no NUL."""
    for document in documents:
        text = "".join(document.pages)
        text.encode()
        assert "\x00" not in text
        assert "{" not in text
