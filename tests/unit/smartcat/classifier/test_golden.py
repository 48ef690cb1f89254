from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartcat.classifier.errors import ModelError
from smartcat.classifier.golden import check_golden, make_golden
from smartcat.classifier.sklearn_engine import SklearnScorer

if TYPE_CHECKING:
    from smartcat.classifier.manifest import GoldenDocument
    from smartcat.training.trained_model import TrainedModel

DOCUMENTS = [("none", ()), ("blank", ("", "!")), ("one", ("total amount due",)), ("two", ("dear", "tax the"))]


@pytest.fixture(scope="module")
def scorer(trained: TrainedModel) -> SklearnScorer:
    """The three-label model."""
    return SklearnScorer(trained.model)


@pytest.fixture(scope="module")
def golden(scorer: SklearnScorer) -> list[GoldenDocument]:
    """What it says of four documents."""
    return make_golden(scorer, DOCUMENTS)


def test_answers_hold_what_another_machine_must_find(
    scorer: SklearnScorer, golden: list[GoldenDocument]
) -> None:
    """Name, pages, features, label and scores; no scores where nothing is known."""
    assert [(each.name, each.pages) for each in golden] == DOCUMENTS
    assert [each.scores is None for each in golden] == [True, True, False, False]
    assert golden[2].label == "invoice"
    assert golden[2].scores == scorer.score(["total amount due"]).pages()[0].scores
    assert golden[3].features == scorer.fingerprint(["dear", "tax the"])
    assert len({each.features for each in golden}) == 4


def test_the_same_machine_agrees_with_itself(scorer: SklearnScorer, golden: list[GoldenDocument]) -> None:
    """What was answered is answered again."""
    check_golden(scorer, golden, "here")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"features": "0" * 64}, "has other features here than where the model was trained"),
        ({"scores": None}, "has known features either only here or only where the model was trained"),
        ({"label": "letter"}, "is 'invoice' here and 'letter' where the model was trained"),
        ({"scores": (9.0, 9.0, 9.0)}, "in a score, more than 1e-05"),
    ],
)
def test_what_differs_is_named(
    scorer: SklearnScorer, golden: list[GoldenDocument], change: dict[str, Any], expected: str
) -> None:
    """The document and the difference, in one line."""
    with pytest.raises(ModelError) as caught:
        check_golden(scorer, [golden[0], golden[2].model_copy(update=change)], "here")
    assert str(caught.value).startswith("here: golden document 'one' ")
    assert expected in str(caught.value)


def test_rounding_of_another_processor_is_no_difference(
    scorer: SklearnScorer, golden: list[GoldenDocument]
) -> None:
    """A score may differ by up to 1e-5."""
    scores = golden[2].scores
    assert scores is not None
    for drift, fine in ((9e-6, True), (2e-5, False)):
        moved = golden[2].model_copy(update={"scores": tuple(score + drift for score in scores)})
        if fine:
            check_golden(scorer, [moved], "here")
        else:
            with pytest.raises(ModelError, match="differs by 2e-05 in a score"):
                check_golden(scorer, [moved], "here")
