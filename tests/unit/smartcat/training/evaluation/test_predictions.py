from __future__ import annotations

from smartcat.training.evaluation.predictions import PageAccuracy, Predictions, WorstMistakes
from support.judged import Echo, echoed


def test_labels_are_in_alphabetical_order_however_they_came() -> None:
    """Places in truth and answers follow the sorted labels, whichever was met first."""
    answers = Predictions()
    rows = [("c", "a", 0.9), ("b", "c", 0.1)]
    for truth, said, confidence in rows:
        (decision,) = Echo().classify([echoed(truth, said, confidence).pages], reasons=0)
        answers.add(truth, decision)
    assert answers.labels == ("a", "b", "c")
    assert answers.truth.tolist() == [2, 1]
    assert answers.predicted.tolist() == [0, 2]
    assert answers.confidences.tolist() == [0.9, 0.1]
    assert answers.accepted.tolist() == [True, False]
    assert len(answers) == 2


def test_of_equally_sure_documents_the_earlier_is_kept() -> None:
    """The same corpus names the same documents, and a full list wants nothing that is no surer."""
    worst = WorstMistakes(2)
    wanted = []
    for name in ("first", "second", "third"):
        document = echoed("a", "b", 0.8, name)
        (decision,) = Echo().classify([document.pages], reasons=0)
        wanted.append(worst.qualifies(document, decision))
        if wanted[-1]:
            worst.add(document, decision)
    assert wanted == [True, True, False]
    assert [document.document_id for document in worst.documents()] == ["first", "second"]


def test_a_document_without_pages_is_no_reason_to_speak_of_pages() -> None:
    """Shares of nothing are not computed."""
    pages = PageAccuracy()
    assert pages.score() is None
    pages.add("a", (None, None))
    score = pages.score()
    assert score is not None
    assert (score.pages, score.without_evidence, score.accuracy, score.first_page_accuracy) == (2, 2, None, 0)
