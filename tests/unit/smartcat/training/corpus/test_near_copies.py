from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.training.corpus.near_copies import HASHES, CopyClusters, copy_clusters, shingles, signatures

WORDS = [f"word{number}" for number in range(3000)]


def text(words: int, seed: int) -> list[str]:
    """Return so many words, drawn by a seed."""
    return random.Random(seed).choices(WORDS, k=words)  # noqa: S311 - generates test data


def changed(words: list[str], every: int) -> list[str]:
    """Return the words with every so-manieth another one, as the fields of a form are."""
    return [f"{word}x" if place % every == every - 1 else word for place, word in enumerate(words)]


def clusters(texts: list[list[str]], labels: list[int], hashes: list[int] | None = None) -> CopyClusters:
    """Return the clusters of documents of one page."""
    signature = signatures(shingles([" ".join(words) for words in texts]), np.arange(len(texts)), len(texts))
    found = np.array(hashes or [0] * len(texts), dtype=np.uint64)
    return copy_clusters(signature, found, np.array(labels, dtype=np.int64))


def test_signatures_estimate_the_share_of_common_runs_of_words() -> None:
    """Of 500 pairs of pages the estimate is right on average, and hardly ever off by three errors."""
    texts = [(text(300, seed), every) for seed in range(100) for every in (10, 20, 40, 80, 160)]
    errors = []
    for words, every in texts:
        other = changed(words, every)
        counts = shingles([" ".join(words), " ".join(other)])
        runs = [set(counts[row].indices.tolist()) for row in (0, 1)]
        share = len(runs[0] & runs[1]) / len(runs[0] | runs[1])
        one, two = signatures(counts, np.arange(2), 2)
        errors.append(float((one == two).mean()) - share)
    assert abs(np.mean(errors)) < 0.01
    assert np.quantile(np.abs(errors), 0.99) < 3 * (0.25 / HASHES) ** 0.5


@pytest.mark.parametrize(("every", "least", "most"), [(15, 0, 0), (30, 0, 4), (60, 46, 50), (999, 50, 50)])
def test_a_form_with_other_values_is_another_document_and_misread_words_are_not(
    every: int, least: int, most: int
) -> None:
    """One word in thirty that differs makes two documents, one in sixty a copy, nearly always."""
    pairs = [words for seed in range(50) for words in (text(400, seed), changed(text(400, seed), every))]
    assert least <= clusters(pairs, [0] * 100).near_copies <= most


def test_what_is_alike_in_steps_is_held_together() -> None:
    """Each version is like the one before it; all have the first, in whatever order they stand."""
    versions = [text(400, 1)]
    for step in range(4):
        versions.append([*versions[-1][: 395 - step], *text(5 + step, 50 + step)])
    others = [text(400, seed) for seed in range(100, 130)]
    found = clusters([*others, *versions], [0] * 35)
    assert found.first.tolist() == [*range(30), *[30] * 5]
    assert (found.near_copies, found.from_templates) == (4, 0)
    backwards = clusters([*versions[::-1], *others], [0] * 35)
    assert backwards.first.tolist() == [*[0] * 5, *range(5, 35)]


def test_forms_that_share_most_of_their_text_stay_apart_and_are_counted() -> None:
    """Twenty letters of one template are nine tenths the same: most of their label, so not one document."""
    template = text(900, 1)
    letters = [[*template, *text(60, seed)] for seed in range(20)]
    others = [text(400, seed) for seed in range(100, 120)]
    found = clusters([*letters, *others], [0] * 20 + [1] * 20)
    assert (found.near_copies, found.from_templates) == (0, 20)
    assert found.first.tolist() == list(range(40))
    # In a label of two hundred they are a tenth, and copies.
    among_many = clusters([*letters, *(text(60, seed) for seed in range(200, 380))], [0] * 200)
    assert (among_many.near_copies, among_many.from_templates) == (19, 0)


def test_equal_texts_stay_together_whatever_their_share() -> None:
    """One text with nine labels is one document, and so is one without a run of five words."""
    long, short = text(50, 1), ["two", "words"]
    found = clusters([long, short] * 9, [*range(9)] * 2, [1, 2] * 9)
    assert found.first.tolist() == [0, 1] * 9


@given(st.lists(st.lists(st.integers(0, 3), max_size=8), max_size=12))
def test_clusters_are_named_by_their_first_document(drawn: list[list[int]]) -> None:
    """The first of a cluster is its own, comes before the others, and nothing fails on few or no words."""
    texts = [[WORDS[number] for number in words] for words in drawn]
    found = clusters(texts, [0] * len(texts))
    assert (found.first[found.first] == found.first).all()
    assert (found.first <= np.arange(len(texts))).all()


def test_pages_of_one_document_are_taken_together() -> None:
    """Where a document is cut into pages does not matter, but for the runs across the cuts."""
    words = text(600, 1)
    pages = [" ".join(words[start : start + 200]) for start in (0, 200, 400)]
    one, two = signatures(shingles([*pages, " ".join(words)]), np.array([0, 0, 0, 1]), 2)
    assert float((one == two).mean()) > 0.9
