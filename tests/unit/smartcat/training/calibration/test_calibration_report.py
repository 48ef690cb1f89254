from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from smartcat.classifier.decision import decide
from smartcat.classifier.rule import Page, Rule
from smartcat.training.calibration.calibration_report import CalibrationReport, calibration_report
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.cross_validation import HeldOutScores
from smartcat.training.errors import TrainingError
from smartcat.training.evaluation.metrics import expected_calibration_error
from support.learning import QUICK, dataset_of

if TYPE_CHECKING:
    from smartcat.classifier.decision import Decision
    from smartcat.training.feature_matrix import Dataset
    from smartcat.training.hyperparameters import TrainingOptions


def decided(data: Dataset, found: HeldOutScores, judgement: CalibrationReport) -> list[tuple[Decision, str]]:
    """Decide on the held-out units as the classifier will, and give each its label."""
    calibration = judgement.calibration
    rule = Rule(
        labels=data.labels,
        intercept=(0.0,) * len(data.labels),
        link=calibration.link,
        thresholds=(judgement.threshold,) * len(data.labels),
        min_known_shares=judgement.min_known_share,
        pooling=judgement.pooling,
        gate=judgement.gate,
    )
    units: dict[int, list[Page]] = {}
    for place, page in enumerate(found.pages):
        known = found.known[place]
        scores = found.scores[place] + calibration.offsets if known.any() else ()
        units.setdefault(int(data.examples[page]), []).append(
            Page(
                tuple(map(float, scores)),
                float(judgement.relevance_power * found.relevance[place]),
                distinct=tuple(found.distinct[place].tolist()),
                known=tuple(known.tolist()),
            )
        )
    return [(decide(rule, pages), data.labels[data.targets[unit]]) for unit, pages in units.items()]


def made_up(pages: list[tuple[int, str, list[float], int, int]]) -> tuple[Dataset, HeldOutScores]:
    """Make held-out pages of which each is (document, label, scores of a and b, distinct, known)."""
    labels = {document: label for document, label, *_ in pages}
    data = dataset_of(
        [
            LabelledDocument(str(document), label, (f"one two of{document}",))
            for document, label in labels.items()
        ],
        QUICK,
    )
    owners = np.array([document for document, *_ in pages])
    scores = np.array([page[2] for page in pages], dtype=np.float64)
    data = replace(data, examples=owners)
    nothing = np.zeros(len(pages))
    return data, HeldOutScores(
        pages=np.arange(len(pages)),
        scores=scores,
        full_scores=scores,
        relevance=nothing,
        first_page_margin=nothing,
        known=np.array([[page[4]] for page in pages]),
        distinct=np.array([[page[3]] for page in pages]),
        converged=True,
    )


def two_hundred() -> list[tuple[int, str, list[float], int, int]]:
    """Give documents of one page that are scored rightly; document n has n + 20 features, 3 of 4 known."""
    return [(n, "ab"[n % 2], [1.0 - n % 2, n % 2 - 0.0], n + 20, (n + 20) * 3 // 4) for n in range(200)]


@pytest.mark.parametrize(
    "options", [QUICK, replace(QUICK, target_precision=0.9), replace(QUICK, review_below=0.8)]
)
@pytest.mark.parametrize("corpus", ["plain", "covered", "scans", "damaged"])
def test_judgements_are_of_what_the_classifier_will_decide(
    corpus: str, options: TrainingOptions, request: pytest.FixtureRequest
) -> None:
    """Figures are those of decisions on the same pages, but for calibrations that have not seen them."""
    data, found = _corpus(corpus, request)
    judgement = calibration_report(data, found, options)
    answers = decided(data, found, judgement)
    # Without a known feature the label is a guess that is never accepted: it counts as wrong.
    right = np.array([any(said.page_labels) and said.label == truth for said, truth in answers])
    accepted = np.array([said.decision == "accepted" for said, _ in answers])
    assert judgement.documents == len(answers)
    assert judgement.accuracy == pytest.approx(right.mean(), abs=3 / len(answers))
    assert judgement.coverage == pytest.approx(accepted.mean(), abs=4 / len(answers))
    if accepted.any() and judgement.coverage:
        assert judgement.precision == pytest.approx(right[accepted].mean(), abs=0.2)
    with_evidence = [said.known_share for said, _ in answers if any(said.page_labels)]
    assert judgement.without_evidence == len(answers) - len(with_evidence)
    assert judgement.known_share == pytest.approx(np.mean(with_evidence))
    confidences = np.array([said.confidence for said, _ in answers])
    assert judgement.confidence == pytest.approx(confidences.mean(), abs=0.1)
    error = expected_calibration_error(judgement.confidences, judgement.right)
    assert judgement.ece == pytest.approx(error * len(with_evidence) / len(answers))


def _corpus(name: str, request: pytest.FixtureRequest) -> tuple[Dataset, HeldOutScores]:
    if name == "plain":
        return request.getfixturevalue("data"), request.getfixturevalue("plain")
    if name != "damaged":
        found: tuple[Dataset, HeldOutScores] = request.getfixturevalue(name)
        return found
    data, held = request.getfixturevalue("covered")
    draw = np.random.default_rng(2)
    # A third of the pages hold nothing that is known, and a third of the scores are those of other pages.
    known = held.known * (draw.uniform(size=(len(held.pages), 1)) > 1 / 3)
    scores = np.where(draw.uniform(size=(len(held.pages), 1)) < 1 / 3, held.scores[::-1], held.scores)
    return data, replace(held, known=known, scores=scores)


def test_what_nearly_all_documents_have_is_asked_of_all() -> None:
    """One document in a hundred may be stranger: of 200 the second strangest sets the floors."""
    pages = two_hundred()
    pages[7] = (7, "b", [0.0, 1.0], 90, 30)
    judgement = calibration_report(*made_up(pages), QUICK)
    shares = sorted(known / distinct for _, _, _, distinct, known in pages)
    numbers = sorted(known for *_, known in pages)
    assert judgement.min_known_share == (pytest.approx(shares[1]),)
    assert judgement.pooling.min_known_features == (numbers[1],)


def test_what_is_unknown_on_a_page_without_evidence_counts() -> None:
    """A document of two pages one of which is all unknown is known less than half."""
    pages = [*two_hundred(), (200, "a", [1.0, 0.0], 100, 100), (200, "a", [0.0, 0.0], 150, 0)]
    judgement = calibration_report(*made_up(pages), QUICK)
    shares = [known / distinct for _, _, _, distinct, known in two_hundred()]
    assert judgement.documents == 201
    assert judgement.known_share == pytest.approx((sum(shares) + 0.4) / 201, abs=1e-4)


def test_equal_pages_are_held_out_once() -> None:
    """A document whose page is in it ten times teaches what it teaches with the page once."""
    once, often = two_hundred(), [page for page in two_hundred() for _ in range(1 + 9 * (page[0] == 50))]
    plain, repeated = (calibration_report(*made_up(pages), QUICK) for pages in (once, often))
    assert plain.pooling == repeated.pooling
    assert plain.calibration.link == repeated.calibration.link
    assert plain.ece == repeated.ece


def test_pooling_never_goes_beyond_what_was_seen() -> None:
    """Five documents of three pages teach what three that agree are worth; one of nine does not count."""
    pages = [
        (n, "ab"[n % 2], [1.0 - n % 2 + page / 1e3, n % 2 + page / 2e3], n + 20, n + 19)
        for n in range(200)
        for page in range(9 if n == 7 else 3 if n < 20 else 1)
    ]
    assert calibration_report(*made_up(pages), QUICK).pooling.max_pages == 3


def test_documents_without_evidence_teach_nothing() -> None:
    """They are wrong and for review in every figure; where there are no others there is one clear error."""
    others = calibration_report(*made_up(two_hundred()), QUICK)
    pages = [*two_hundred(), *((200 + n, "a", [0.0, 0.0], 10, 0) for n in range(50))]
    judgement = calibration_report(*made_up(pages), QUICK)
    assert (judgement.documents, judgement.without_evidence, others.without_evidence) == (250, 50, 0)
    assert (judgement.accuracy, judgement.full_accuracy) == (0.8, 0.8)
    assert judgement.coverage == pytest.approx(others.coverage * 0.8)
    assert judgement.precision == others.precision
    assert judgement.ece == pytest.approx(others.ece * 0.8)
    assert judgement.calibration.link == others.calibration.link
    assert (judgement.labels["a"].held_out, judgement.labels["b"].held_out) == (150, 100)
    assert judgement.labels["a"].recall == pytest.approx(2 / 3)
    with pytest.raises(TrainingError, match="no document shares a word with the others"):
        calibration_report(*made_up([(*page[:4], 0) for page in pages]), QUICK)


def test_each_label_is_told_how_it_fared() -> None:
    """Label a is right 97 times of the 98 that were called so; three of its hundred were called b."""
    pages = two_hundred()
    for wrong in (0, 2, 4, 1):
        pages[wrong] = (wrong, pages[wrong][1], pages[wrong][2][::-1], *pages[wrong][3:])
    facts = calibration_report(*made_up(pages), QUICK).labels
    assert (facts["a"].documents, facts["a"].held_out) == (100, 100)
    assert facts["a"].precision == pytest.approx(97 / 98)
    assert facts["a"].recall == pytest.approx(97 / 100)
    assert facts["b"].recall == pytest.approx(99 / 100)


def test_the_threshold_is_the_one_asked_for() -> None:
    """The same for all labels: what was given, or what proves the precision wanted, and never below that."""
    found = made_up(two_hundred())
    assert calibration_report(*found, replace(QUICK, review_below=0.7)).threshold == 0.7
    assert 0.5 <= calibration_report(*found, replace(QUICK, target_precision=0.9)).threshold < 1
    # Two hundred right ones prove 98 %, and no more.
    assert calibration_report(*found, replace(QUICK, target_precision=0.99)).threshold == 2.0


def test_the_loss_by_pruning_is_measured() -> None:
    """Accuracy before pruning is judged with a calibration of its own."""
    data, found = made_up(two_hundred())
    worse = found.scores.copy()
    worse[:10] = worse[:10, ::-1]
    judgement = calibration_report(data, replace(found, scores=worse), QUICK)
    assert (judgement.accuracy, judgement.full_accuracy) == (0.95, 1.0)


def test_pertinence_is_used_where_it_explains_more(
    covered: tuple[Dataset, HeldOutScores], data: Dataset, plain: Any
) -> None:
    """Cover pages get less of a vote; where pages are alike there is nothing to weigh."""
    assert calibration_report(*covered, QUICK).relevance_power > 0
    assert calibration_report(data, plain, QUICK).relevance_power == 0
    without = replace(covered[1], relevance=np.zeros(len(covered[1].pages)))
    assert calibration_report(covered[0], without, QUICK).relevance_power == 0
    assert (
        calibration_report(covered[0], without, QUICK).log_loss > calibration_report(*covered, QUICK).log_loss
    )
