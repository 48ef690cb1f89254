from __future__ import annotations

import numpy as np

from smartcat.classifier.rule import Page
from smartcat.classifier.scorer import make_page, page_ranges
from smartcat.classifier.spec import FeatureSpec
from support.hand_made import hand_made

SPEC = FeatureSpec(n_features=16)


def test_documents_follow_one_another() -> None:
    """Two pages, none, one: where each document's pages stand."""
    ranges = list(page_ranges([["a", "b"], [], ["c"]]))
    assert ranges == [slice(0, 2), slice(2, 2), slice(2, 3)]
    assert list(page_ranges([])) == []


def test_columns_after_the_labels_are_what_the_model_says() -> None:
    """The columns become relevance and boundary logit, and either may be missing."""
    rest = ([1.0, 2.0, 3.0, 4.0], [5], [4])
    both = hand_made(SPEC, ("a", "b"), np.ones((16, 4)), columns=("pertinence", "opening"))
    assert make_page(both, *rest) == Page((1.0, 2.0), 3.0, 4.0, (5,), (4,))
    one = hand_made(SPEC, ("a", "b"), np.ones((16, 3)), columns=("opening",))
    assert make_page(one, [1.0, 2.0, 3.0], [5], [4]) == Page((1.0, 2.0), 0.0, 3.0, (5,), (4,))
    none = hand_made(SPEC, ("a", "b"), np.ones((16, 2)))
    assert make_page(none, [1.0, 2.0], [5], [4]) == Page((1.0, 2.0), 0.0, None, (5,), (4,))


def test_a_page_without_a_known_feature_has_no_scores() -> None:
    """Intercepts alone are no evidence, and say nothing of a page's weight."""
    model = hand_made(SPEC, ("a", "b"), np.ones((16, 3)), columns=("pertinence",))
    assert make_page(model, [1.0, 2.0, 3.0], [5, 2], [0, 0]) == Page(distinct=(5, 2), known=(0, 0))
    assert make_page(model, [1.0, 2.0, 3.0], [5, 2], [0, 1]).scores == (1.0, 2.0)
