from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from smartcat.training.corpus.copies import text_hash
from smartcat.training.corpus.learned_texts import LearnedTexts, pack_texts
from smartcat.training.errors import EvaluationError
from smartcat.training.evaluation.evaluate import evaluate
from smartcat.training.evaluation.results import ConfusedPair, PageScore
from smartcat.training.hyperparameters import TrainingOptions, all_feature_sets
from smartcat.training.train import train
from support.judged import Echo, echoed, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartcat.training.corpus.labelled_documents import LabelledDocument

LABELS = st.sampled_from("abc")
ROWS = st.lists(st.tuples(LABELS, LABELS, st.floats(0, 1)), min_size=1, max_size=40)


def test_measures_match_a_table_done_by_hand() -> None:
    """Five documents, one of a label the model does not know, one sent to review."""
    rows = [("a", "a", 0.9), ("a", "a", 0.9), ("a", "b", 0.3), ("b", "b", 0.9), ("c", "a", 0.9)]
    found = judged(rows)
    assert found.accuracy == pytest.approx(3 / 5)
    assert found.confusion == ((2, 1, 0), (0, 1, 0), (1, 0, 0))
    a, b, c = found.per_label
    assert (a.label, a.support) == ("a", 3)
    assert [a.precision, a.recall, a.f1] == pytest.approx([2 / 3, 2 / 3, 2 / 3])
    assert [b.precision, b.recall, b.f1] == pytest.approx([0.5, 1.0, 2 / 3])
    assert (c.precision, c.recall, c.f1, c.support) == (0.0, 0.0, 0.0, 1)
    assert found.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert (found.accepted, found.coverage, found.accepted_accuracy) == (4, 0.8, 0.75)
    # Bin of 0.9: four documents, three right, gap 0.15; bin of 0.3: one, wrong, gap 0.3.
    assert found.ece == pytest.approx((4 * 0.15 + 0.3) / 5)
    assert found.unknown_labels == {"c": 1}
    assert found.model_version == "echo"


def test_what_goes_to_people_is_counted_apart() -> None:
    """Review: how much, how right, how often the right label is offered, and from which labels."""
    rows = [("a", "a", 0.9), ("a", "b", 0.3), ("b", "b", 0.2), ("c", "a", 0.4), ("c", "a", 0.8)]
    found = judged(rows)
    assert (found.review, found.review_accuracy) == (3, pytest.approx(1 / 3))
    assert found.review_among_candidates == pytest.approx(2 / 3)
    assert found.among_candidates == pytest.approx(3 / 5)
    a, b, c = found.per_label
    assert (a.review, b.review, c.review) == (0.5, 1.0, 0.5)
    assert (a.answers, a.accepted, a.accepted_precision) == (3, 2, 0.5)
    assert (c.answers, c.accepted, c.accepted_precision) == (0, 0, None)
    assert (found.accepted_right, found.mean_confidence) == (1, pytest.approx(0.52))


def test_pairs_and_documents_that_were_mixed_up_come_worst_first() -> None:
    """Pairs by their number, documents by their confidence; of equals the first, and none that is right."""
    rows = [("b", "a", 0.6), ("a", "b", 0.7), ("a", "b", 0.7), ("a", "a", 1.0), ("c", "a", 0.7)]
    found = judged(rows)
    assert found.confused_pairs == (
        ConfusedPair("a", "b", 2, 2 / 3),
        ConfusedPair("b", "a", 1, 1.0),
        ConfusedPair("c", "a", 1, 1.0),
    )
    worst = found.confused_documents
    assert [document.document_id for document in worst] == ["d1", "d2", "d4", "d0"]
    assert (worst[0].label, worst[0].answer, worst[0].confidence) == ("a", "b", 0.7)
    assert worst[0].label_probability == pytest.approx(0.15)
    assert worst[2].label_probability is None


def test_only_so_many_documents_are_named_and_only_those_are_explained() -> None:
    """The limit keeps the surest; nobody pays for reasons that nobody sees, and unasked there are none."""
    documents = [echoed("a", "b", number / 100, f"d{number}") for number in range(50)]
    echo = Echo()
    found = evaluate(echo, documents, worst=3, reasons=2)
    assert [document.document_id for document in found.confused_documents] == ["d49", "d48", "d47"]
    assert {document.reasons for document in found.confused_documents} == {("because",)}
    assert evaluate(Echo(), documents, worst=0).confused_documents == ()
    falling = Echo()
    evaluate(falling, documents[::-1], worst=3, reasons=2)
    assert falling.explained == 3
    unasked = Echo()
    assert {document.reasons for document in evaluate(unasked, documents).confused_documents} == {()}
    assert unasked.explained == 0


def test_pages_are_held_against_their_document() -> None:
    """CountedPages without evidence are counted apart; where no document has two, nothing is said."""
    rows = [echoed("a", "a", 0.9, "d", "a", "b", ""), echoed("b", "a", 0.9, "e", "b")]
    found = evaluate(Echo(), rows)
    assert found.pages == PageScore(pages=6, without_evidence=1, accuracy=3 / 5, first_page_accuracy=0.5)
    assert judged([("a", "a", 0.9)]).pages is None


def test_documents_without_evidence_are_counted() -> None:
    """A confidence of 0 is a document nothing is known of: never accepted at any threshold."""
    found = judged([("a", "a", 0.0), ("b", "b", 0.0)])
    assert (found.without_evidence, found.accepted, found.accepted_accuracy) == (2, 0, None)
    assert found.accepted_interval == (0.0, 1.0)
    assert found.coverage_curve == ()
    assert [target.point for target in found.coverage_targets] == [None, None, None]


@given(ROWS)
def test_every_measure_is_a_number_in_its_range_and_the_parts_add_up(
    rows: list[tuple[str, str, float]],
) -> None:
    """Whatever is answered: no NaN, no infinity, JSON that anybody reads, and counts that agree."""
    found = judged(rows)
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    shares = ("accuracy", "macro_f1", "ece", "ece_by_chance", "brier", "coverage", "among_candidates")
    assert all(0 <= plain[name] <= 1 for name in shares)
    assert plain["accuracy_interval"][0] <= plain["accuracy"] <= plain["accuracy_interval"][1]
    assert found.accepted + found.review == found.documents == len(rows)
    assert sum(row.documents for row in found.reliability) == len(rows)
    right = sum(row.right for row in found.reliability)
    assert right == sum(found.confusion[place][place] for place in range(len(found.confusion)))
    assert sum(pair.documents for pair in found.confused_pairs) == len(rows) - right
    assert sum(score.support for score in found.per_label) == len(rows)
    assert sum(score.answers for score in found.per_label) == len(rows)
    assert sum(score.accepted for score in found.per_label) == found.accepted


@given(ROWS)
def test_kappa_is_that_of_scikit_learn(rows: list[tuple[str, str, float]]) -> None:
    """The same number, and None where scikit-learn would divide by 0."""
    truth, said, _ = zip(*rows, strict=True)
    kappa = judged(rows).kappa
    if len({*truth, *said}) == 1:
        assert kappa is None
    else:
        assert kappa == pytest.approx(cohen_kappa_score(truth, said))


def test_results_are_plain_data() -> None:
    """A report can be written as JSON as it is."""
    found = judged([("a", "a", 0.4)])
    assert json.loads(json.dumps(found.to_dict()))["accepted_accuracy"] is None
    assert found.to_dict()["per_label"][0]["label"] == "a"


def test_nothing_to_measure_on() -> None:
    """An empty corpus is an error, not an accuracy of NaN."""
    with pytest.raises(EvaluationError, match="no document"):
        judged([])


def test_documents_are_read_a_batch_at_a_time() -> None:
    """A large corpus is never held whole, and progress tells how far it is."""
    echo = Echo()
    told: list[tuple[str, int, int]] = []
    asked_before_reading: list[int] = []

    def source() -> Iterator[LabelledDocument]:
        for _ in range(300):
            asked_before_reading.append(sum(echo.batches))
            yield echoed("a", "a", 1.0)

    assert evaluate(echo, source(), progress=lambda *step: told.append(step)).documents == 300
    assert asked_before_reading == [0] * 128 + [128] * 128 + [256] * 44
    assert told == [("evaluate", 128, 0), ("evaluate", 256, 0), ("evaluate", 300, 0)]


def test_a_trained_model_is_measured(documents: list[LabelledDocument]) -> None:
    """The real classifier fits the protocol."""
    trained = train(documents, options=TrainingOptions(all_feature_sets(n_features=2**10)))
    found = evaluate(trained.classifier(), documents)
    assert found.accuracy > 0.95
    assert found.documents == sum(sum(row) for row in found.confusion)
    assert found.pages is not None
    assert found.pages.pages == 54


def test_documents_that_were_learned_from_are_counted() -> None:
    """One in capitals too; where it is not known what was learned from, nothing is said."""
    documents = [echoed("a", "a", number / 10) for number in range(6)]
    texts = [documents[0].pages, [documents[1].pages[0].upper()]]
    learned = LearnedTexts(pack_texts(array("Q", map(text_hash, texts))))
    assert evaluate(Echo(), documents, learned=learned).learned_from == 2
    assert evaluate(Echo(), documents).learned_from is None
