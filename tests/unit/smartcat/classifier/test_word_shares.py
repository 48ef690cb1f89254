"""Reasons in whole words: exact shares of the score, the same from both engines, each word named once."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcat.classifier import native_binding
from smartcat.classifier.canonical_text import canonical_text
from smartcat.classifier.classifier import make_scorer
from smartcat.classifier.decision import WordReason
from smartcat.classifier.page_means import combine, page_weights
from smartcat.classifier.reason_places import locate
from smartcat.classifier.reason_words import LONGEST_WORD
from smartcat.classifier.sklearn_engine import SklearnScorer
from smartcat.classifier.spec import FeatureSpec
from smartcat.classifier.word_shares import strongest_words, word_shares
from support.hand_made import hand_made
from support.native import chars, words
from support.random_models import paperwork, random_model
from support.unicode import MIXED_TEXT, rewritten

if TYPE_CHECKING:
    from smartcat.classifier.model import Model
    from smartcat.classifier.scorer import Scorer

EVERYTHING = 10**6
SPECS = tuple(
    FeatureSpec(n_features=size, parts=parts, canonical=form)
    for size, parts, form in (
        (2**18, (chars(2, 5),), "nfc-plain"),
        (2**18, (words(1, 2), chars(2, 4), words(1, 2, head=60)), "nfc-plain"),
        (2**8, (words(2, 3), chars(1, 3, head=30), chars(3, 3)), None),
    )
)
models = pytest.mark.parametrize(
    "model", [random_model(spec, columns=("pertinence",)) for spec in SPECS], ids=lambda m: m.spec.describe()
)
with_compiled_engine = pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)
PAGES = st.lists(
    st.tuples(st.sampled_from(["invoice 4711", "(the tenant's) agreement,", "--- **"]), MIXED_TEXT).map(
        " ".join
    ),
    min_size=1,
    max_size=3,
)


def explained(scorer: Scorer, pages: list[str], limit: int = EVERYTHING) -> tuple[WordReason, ...]:
    """Return the reasons for the second label; pages weigh the same for every engine, to the last bit."""
    voices = page_weights(SklearnScorer(scorer.model).score(pages).pages())
    return scorer.score(pages).explain(slice(0, len(pages)), voices, 1, limit=limit)


def assert_alike(mine: tuple[WordReason, ...], other: tuple[WordReason, ...]) -> None:
    """The same words with the same weights; equals but for rounding may change places."""
    assert {reason.word: pytest.approx(reason.weight, abs=1e-6) for reason in mine} == {
        reason.word: reason.weight for reason in other
    }
    assert [reason.weight for reason in mine] == pytest.approx([reason.weight for reason in other], abs=1e-6)


def shares(model: Model, pages: list[str]) -> tuple[dict[str, float], float]:
    """Return every word's share, and the label's score without its intercept."""
    scorer = SklearnScorer(model)
    scores = scorer.score(pages)
    scored = scores.pages()
    voices = page_weights(scored)
    if not any(voices):
        return {}, 0.0
    found = word_shares(
        model.spec, pages, scores.weighted, voices, weights=scorer.weights[:, 1], features=scorer.features
    )
    return found, combine(scored)[1] - model.rule.intercept[1]


@models
@settings(max_examples=15)
@given(pages=PAGES)
def test_words_add_up_to_the_score(model: Model, pages: list[str]) -> None:
    """For and against, words, characters and heads, pages of different weight, shared hash buckets."""
    found, score = shares(model, pages)
    assert math.fsum(found.values()) == pytest.approx(score, abs=1e-5)


@with_compiled_engine
@models
@settings(max_examples=15)
@given(pages=PAGES, limit=st.sampled_from([1, 5, EVERYTHING]))
def test_both_engines_give_the_same_reasons(model: Model, pages: list[str], limit: int) -> None:
    """Words, order and weights; and the order of the pages changes nothing, to the last bit."""
    mine, other = (explained(make_scorer(model, engine), pages, limit) for engine in ("sklearn", "compiled"))
    assert_alike(mine, other)
    assert explained(make_scorer(model, "compiled"), pages[::-1], limit) == other
    assert len({reason.word for reason in mine}) == len(mine) <= limit


@with_compiled_engine
@models
def test_both_engines_explain_paperwork_alike(model: Model) -> None:
    """Whole pages, as other software may write them; every word is one of the text, and whole."""
    draw = random.Random(3)  # noqa: S311 - test data
    for texts in paperwork(4, 3):
        pages = [rewritten(text, draw) for text in texts]
        mine, other = (explained(make_scorer(model, engine), pages) for engine in ("sklearn", "compiled"))
        assert_alike(mine, other)
        if model.spec.canonical:
            read = " ".join(canonical_text(page).lower() for page in pages)
            assert all(reason.word in read for reason in mine)


@models
def test_places_are_in_the_original_text(model: Model) -> None:
    """Each marks exactly the word, as it is written there."""
    draw = random.Random(4)  # noqa: S311 - test data
    spec = model.spec
    for texts in paperwork(4, 3):
        pages = [rewritten(text, draw) if spec.canonical else text for text in texts]
        reasons = explained(SklearnScorer(model), pages, 20)
        for reason, places in zip(reasons, locate(spec, reasons, pages), strict=True):
            marked = [pages[place.page][place.start : place.end] for place in places]
            form = canonical_text if spec.canonical else str
            assert {form(text).lower() for text in marked} <= {reason.word}
            assert places or any(part.head for part in spec.parts)


def test_places_of_n_grams_of_words() -> None:
    """A model of words names n-grams; single letters between two words are no words."""
    spec = FeatureSpec(n_features=16, canonical="nfc-plain")
    pages = ["", "The a\u00adgree\u00adment e\u0301te\u0301: The x agreement"]
    reasons = [WordReason(word, 1.0) for word in ("agreement", "the agreement", "\u00e9t\u00e9", "no")]
    found = [[pages[p.page][p.start : p.end] for p in places] for places in locate(spec, reasons, pages)]
    assert found == [
        ["a\u00adgree\u00adment", "agreement"],
        ["The a\u00adgree\u00adment", "The x agreement"],
        ["e\u0301te\u0301"],
        [],
    ]


def test_a_share_is_worked_by_hand() -> None:
    """An n-gram that two words hold is shared by both, as often as each holds it."""
    spec = FeatureSpec(n_features=2**12, parts=(chars(3, 3),), sublinear_tf=False, idf=False)
    model = hand_made(spec, ("no", "yes"), np.tile([0.0, 1.0], (2**12, 1)))
    found, score = shares(model, ["(tent) content, tent"])
    # Runs: "(tent)", "content," and "tent", padded. Once: " (t (te nt) t)_ _co con ont nte nt, t,_ _te nt_";
    # twice: "ten" in "(tent)" and "tent", and in "content" a third time, like "ent".
    occurrences = {"tent": 4 + 2 + 2 + 2, "content": 6 + 2}
    counts = [1] * 12 + [3, 3]
    length = math.sqrt(sum(count * count for count in counts))
    assert found == {word: pytest.approx(number / length, rel=1e-5) for word, number in occurrences.items()}
    assert math.fsum(found.values()) == pytest.approx(score, abs=1e-5)


def test_only_one_word_of_absurd_length_is_named() -> None:
    """The strongest of them, cut; ordinary words are not crowded out."""
    found = {"x" * 90: 9.0, "y" * 80: 8.0, "word": 1.0, "against": -1.0, "z" * 41: 0.5}
    assert strongest_words(found, 5) == [("x" * 90, 9.0), ("word", 1.0)]
    model = random_model(SPECS[0])
    text = "invoice " + " ".join(f"{'agreement' * 5}{number} {'tenant' * 8}{number}" for number in range(9))
    for engine in ("sklearn", "compiled") if native_binding.AVAILABLE else ("sklearn",):
        reasons = explained(make_scorer(model, engine), [text])
        long = [reason.word for reason in reasons if len(reason.word) == LONGEST_WORD]
        assert len(long) == 1
        assert long[0][:-1] in text
        assert long[0].endswith("\N{HORIZONTAL ELLIPSIS}")


@with_compiled_engine
def test_a_text_beyond_what_is_kept_is_explained_alike() -> None:
    """The hashes of more than a million n-grams are made again."""
    model = random_model(SPECS[0])
    pages = [" ".join(f"invoice{n}" for n in range(60_000))]
    scorer = make_scorer(model, "compiled")
    reasons = explained(scorer, pages, 5)
    assert len(reasons) == 5
    assert all(reason.weight > 0 for reason in reasons)
