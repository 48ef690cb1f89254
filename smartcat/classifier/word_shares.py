"""What every word of a document added to a label's score: its n-grams' exact shares, summed.

A feature's part in the score is shared equally by all its occurrences on the page. An n-gram of characters
belongs to the run without white space that it lies in, which is named without the signs around it; an n-gram
of words to each of its words, in equal parts. So the words of all parts of the features, each named once,
make up the whole score but the intercept.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer

from smartcat.classifier.canonical_text import word_characters
from smartcat.classifier.features import bucket, utf8_safe, vectorizer
from smartcat.classifier.reason_words import LONGEST_WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeaturePart, FeatureSpec, Form

Places: TypeAlias = "Counter[tuple[tuple[str, ...], tuple[str, ...]]]"
"""Words, and n-grams that belong to each of them in equal parts; how often they occur on a page."""


def word_shares(
    spec: FeatureSpec,
    texts: Sequence[str],
    weighted: Csr,
    page_weights: Sequence[float],
    *,
    weights: npt.NDArray[np.float32],
    features: npt.NDArray[np.uint32],
) -> dict[str, float]:
    """Return what each word of a document added to a label's score.

    Args:
        spec: What a feature is.
        texts: The document's pages.
        weighted: CSR matrix of the pages as scored, ``pages x kept``.
        page_weights: Weight of each page in the document's scores.
        weights: Weight of each kept feature for the label, ``(kept,)``.
        features: Global index of each kept feature, ``(kept,)``.

    Returns:
        The words with their sums, those against the label too, rounded to float32, so that they do not
        depend on the order of the pages. A word is named as it was counted (in form, lowercased).
    """
    sums: dict[str, float] = {}
    for page, (text, page_weight) in enumerate(zip(texts, page_weights, strict=True)):
        if page_weight == 0:
            continue
        row = slice(weighted.indptr[page], weighted.indptr[page + 1])
        columns = weighted.indices[row]
        parts = weighted.data[row].astype(np.float64) * weights[columns].astype(np.float64) * page_weight
        part_of = dict(zip(features[columns].tolist(), parts.tolist(), strict=True))
        for index, part in enumerate(spec.parts):
            places = _places(spec, part, utf8_safe(text))
            first = index * spec.n_features
            for word, share in _shares(places, part_of, first, spec.n_features):
                sums[word] = sums.get(word, 0.0) + share
    return {word: float(np.float32(share)) for word, share in sums.items()}


def strongest_words(shares: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
    """Return the words that speak for the label, strongest first, equals by name, at most ``limit``.

    Of words that are longer than any (base64, a path) only the strongest is given.
    """
    ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    longest = next((word for word, _ in ranked if len(word) > LONGEST_WORD), None)
    spoken = (item for item in ranked if item[1] > 0 and (len(item[0]) <= LONGEST_WORD or item[0] == longest))
    return [item for _, item in zip(range(limit), spoken, strict=False)]


def _shares(
    places: Places,
    part_of: Mapping[int, float],
    first: int,
    n_features: int,
) -> Iterator[tuple[str, float]]:
    hashed = {ngrams: [first + bucket(ngram, n_features) for ngram in ngrams] for _, ngrams in places}
    occurrences: Counter[int] = Counter()
    for (_, ngrams), times in places.items():
        for feature in hashed[ngrams]:
            occurrences[feature] += times
    share_of = {
        feature: float(np.float32(part_of[feature] / count))
        for feature, count in occurrences.items()
        if feature in part_of
    }
    for (words, ngrams), times in places.items():
        share = sum(share_of.get(feature, 0.0) for feature in hashed[ngrams]) * times
        if share:
            for word in words:
                yield word, share / len(words)


def _places(spec: FeatureSpec, part: FeaturePart, text: str) -> Places:
    """Return words with the n-grams that belong to them."""
    counter = vectorizer(spec, part)
    folded = counter.build_preprocessor()(text)
    places: Places = Counter()
    if part.analyzer == "word":
        words = counter.build_tokenizer()(folded)
        for size in range(part.ngram_range[0], part.ngram_range[1] + 1):
            for start in range(len(words) - size + 1):
                some = tuple(words[start : start + size])
                places[some, (" ".join(some),)] += 1
        return places
    analyze = _ngrams_of_run(part)
    for run, times in Counter(folded.split()).items():
        places[(_named(spec, run),), tuple(analyze(run))] += times
    return places


@lru_cache(maxsize=16)
def _ngrams_of_run(part: FeaturePart) -> Callable[[str], list[str]]:
    """Return the function that gives the n-grams of a run that is folded already."""
    counter = HashingVectorizer(analyzer="char_wb", ngram_range=part.ngram_range, lowercase=False)
    analyze: Callable[[str], list[str]] = counter.build_analyzer()
    return analyze


@lru_cache(maxsize=4)
def _word_in_run(form: Form | None) -> re.Pattern[str]:
    letter = word_characters(form)
    return re.compile(rf"{letter}(?:.*{letter})?", re.DOTALL)


def _named(spec: FeatureSpec, run: str) -> str:
    """Return the word in a run: without the signs around it, or all of one that has nothing else."""
    found = _word_in_run(spec.canonical).search(run)
    return found[0] if found else run
