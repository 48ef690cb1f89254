from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.features import analyzer, utf8_safe
from smartcat.classifier.page_means import combine, page_weights
from smartcat.classifier.sklearn_engine import SklearnScorer
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from support.hand_made import hand_made

if TYPE_CHECKING:
    from smartcat.classifier.decision import WordReason
    from smartcat.training.trained_model import TrainedModel

EVERYTHING = 10**6
WORD = st.sampled_from(
    ["agreement", "clause", "amount", "Total", "tax", "the", "unseen", "\u00df", "\ud800", "12"]
)
PAGE = st.lists(WORD, max_size=12).map(" ".join)
DOCUMENT = st.lists(PAGE, min_size=1, max_size=4)
ONE_WORD = FeatureSpec(n_features=16, parts=(FeaturePart(ngram_range=(1, 1)),))


def explained(
    scorer: SklearnScorer, pages: list[str], label: int, limit: int = EVERYTHING
) -> tuple[tuple[WordReason, ...], float]:
    """Return the reasons for a label, and the label's score without its intercept."""
    scores = scorer.score(pages)
    scored = scores.pages()
    reasons = scores.explain(slice(0, len(pages)), page_weights(scored), label, limit=limit)
    has_features = any(page.has_features for page in scored)
    return reasons, combine(scored)[label] - scorer.model.rule.intercept[label] if has_features else 0.0


@given(DOCUMENT)
def test_reasons_for_and_against_add_up_to_the_score(two_labels: TrainedModel, pages: list[str]) -> None:
    """Of two labels one's weights are the other's with the sign turned: their reasons make the whole score.

    Words share buckets here, and pages have different weights where blank ones are among them.
    """
    scorer = SklearnScorer(two_labels.model)
    (speak_for, score), (speak_against, _) = (explained(scorer, pages, label) for label in (0, 1))
    total = math.fsum(r.weight for r in speak_for) - math.fsum(r.weight for r in speak_against)
    assert total == pytest.approx(score, abs=1e-5)


@given(DOCUMENT, st.integers(0, 1))
def test_reasons_are_the_whole_score_where_every_weight_is_positive(pages: list[str], label: int) -> None:
    """All reasons sum to the score less the intercept, weighted pages and int8 weights included."""
    weights = np.arange(1, 3 * 2 * 64 + 1).reshape(128, 3) % 127 + 1
    spec = FeatureSpec(n_features=64, parts=(FeaturePart(), FeaturePart(ngram_range=(1, 1), head=20)))
    model = hand_made(
        spec,
        ("a", "b"),
        weights,
        columns=("pertinence",),
        intercept=(0.5, -0.5, 0.25),
        scale=(0.01, 0.02, 0.03),
        idf=np.linspace(1, 4, 128),
    )
    reasons, score = explained(SklearnScorer(model), pages, label)
    assert math.fsum(reason.weight for reason in reasons) == pytest.approx(score, rel=1e-5, abs=1e-6)


@given(DOCUMENT, st.integers(0, 2), st.integers(1, 6))
def test_every_reason_is_an_n_gram_of_the_document(
    trained: TrainedModel, pages: list[str], label: int, limit: int
) -> None:
    """Reasons fall in weight, number at most what was asked for, and come from the pages given."""
    model = trained.model
    reasons, _ = explained(SklearnScorer(model), pages, label, limit)
    weights = [reason.weight for reason in reasons]
    assert len(reasons) <= limit
    assert weights == sorted(weights, reverse=True)
    assert all(weight > 0 for weight in weights)
    spec = model.spec
    ngrams = {term for part in spec.parts for page in pages for term in analyzer(spec, part)(utf8_safe(page))}
    assert {reason.word for reason in reasons} <= ngrams


@given(DOCUMENT, st.integers(0, 2))
def test_few_reasons_are_the_first_of_many(rich: TrainedModel, pages: list[str], label: int) -> None:
    """How many are wanted changes none of them, equals included."""
    scorer = SklearnScorer(rich.model)
    every, _ = explained(scorer, pages, label)
    for limit in (1, 3, 5):
        assert explained(scorer, pages, label, limit)[0] == every[:limit]


@given(DOCUMENT.flatmap(lambda pages: st.tuples(st.just(pages), st.permutations(pages))))
def test_reasons_do_not_depend_on_the_order_of_pages(
    rich: TrainedModel, orders: tuple[list[str], list[str]]
) -> None:
    """To the last bit of their weights."""
    scorer = SklearnScorer(rich.model)
    (plain, _), (shuffled, _) = (explained(scorer, pages, 0) for pages in orders)
    assert plain == shuffled


def test_the_more_frequent_word_of_a_bucket_is_named() -> None:
    """Of the words that share a bucket, the one the document holds most often stands for it."""
    model = hand_made(ONE_WORD, ("no", "yes"), np.tile([-0.5, 1.0], (16, 1)))
    words = [f"w{number:02}" for number in range(60)]
    reasons, _ = explained(SklearnScorer(model), [" ".join([*words, "often", "often"])], 1)
    assert "often" in {reason.word for reason in reasons}
    assert len({reason.word for reason in reasons}) == len(reasons) == 16


def test_a_label_that_no_word_spoke_for_has_no_reasons() -> None:
    """Where everything speaks against, nothing is invented, on one page or several."""
    scorer = SklearnScorer(hand_made(ONE_WORD, ("no", "yes"), np.full((16, 2), -0.5)))
    for pages in (["alpha"], ["alpha", "beta"]):
        assert explained(scorer, pages, 1)[0] == ()


def test_a_page_whose_vote_is_nought_gives_no_reason() -> None:
    """Beside a page that weighs e^2000 times as much, a word adds nothing, and is no reason."""
    weights = np.ones((16, 3))
    weights[:, 2] = np.arange(16) * 2000.0
    model = hand_made(ONE_WORD, ("a", "b"), weights, columns=("pertinence",))
    reasons, _ = explained(SklearnScorer(model), ["alpha", "beta"], 0)
    assert len(reasons) == 1
