from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from support.labelled import labelled_documents
from training.corpus import LabelledDocument
from training.errors import CorpusError
from training.evaluate import evaluate
from training.fit import TrainOptions, train

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTIONS = TrainOptions(n_features=2**10)


def test_the_same_documents_give_the_same_model(documents: list[LabelledDocument]) -> None:
    """Training is deterministic under a seed, to the last bit."""
    first, second = train(documents, options=OPTIONS), train(iter(documents), options=OPTIONS)
    assert first.model.model_version == second.model.model_version
    assert first.model.weights.tobytes() == second.model.weights.tobytes()
    assert first.model.temperature == second.model.temperature
    assert first.facts == second.facts


def test_the_seed_and_the_threshold_are_part_of_the_version(documents: list[LabelledDocument]) -> None:
    """Models that may answer differently have different names."""
    versions = {
        train(documents, options=replace(OPTIONS, **change)).model.model_version
        for change in ({}, {"seed": 1}, {"review_below": 0.9}, {"n_features": 2**11})
    }
    assert len(versions) == 4


def test_facts_say_where_the_model_comes_from(documents: list[LabelledDocument]) -> None:
    """Counts, folds and library versions go into the manifest; nothing is to be warned of."""
    trained = train([*documents, LabelledDocument("blank", "letter", ("",))], options=OPTIONS)
    facts = trained.facts
    assert (facts.documents, facts.pages, facts.blank_pages) == (37, 55, 1)
    assert facts.documents_per_label == {"contract": 12, "invoice": 12, "letter": 13}
    assert facts.held_out_documents == 36
    assert set(facts.created_by) == {"python", "scikit-learn", "scipy", "numpy"}
    assert trained.warnings == ()


def test_progress_tells_the_stages_in_order(documents: list[LabelledDocument]) -> None:
    """A person who waits sees reading, calibrating and fitting."""
    told: list[tuple[str, int, int]] = []
    train(documents, options=OPTIONS, progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == ["read", "calibrate", "fit"]
    assert told[-1] == ("fit", 1, 1)


def test_doubts_become_warnings(documents: list[LabelledDocument]) -> None:
    """A rare label and a solver cut short are said in one sentence each."""
    odd = LabelledDocument("odd", "postcard", ("the wishes and the regards",))
    trained = train([*documents, odd], options=replace(OPTIONS, max_iterations=1))
    assert trained.warnings == (
        "The solver had not come to rest after 1 passes.",
        "Too few documents to check the confidence of: postcard.",
    )
    assert "postcard" in trained.model.labels


@pytest.mark.parametrize(("review_below", "doubted"), [(0.5, True), (0.51, False), (0.0, False)])
def test_a_threshold_that_no_confidence_can_miss_is_said(*, review_below: float, doubted: bool) -> None:
    """Of two labels one always has half: at 0.5 nothing unsure would say so, unless that was asked for."""
    documents = labelled_documents("contract", "letter")
    trained = train(documents, options=replace(OPTIONS, review_below=review_below))
    assert any("never below 0.50" in warning for warning in trained.warnings) == doubted


def test_errors_of_the_corpus_pass_through() -> None:
    """What is wrong with the input is said by its reader."""

    def broken() -> Iterator[LabelledDocument]:
        yield LabelledDocument("a", "x", ("word",))
        raise CorpusError("file:2: expected something")

    with pytest.raises(CorpusError, match="file:2"):
        train(broken())


def test_character_n_grams_learn_too(documents: list[LabelledDocument]) -> None:
    """OCR noise calls for characters within words; training and serving share that choice."""
    options = replace(OPTIONS, analyzer="char_wb", ngram_range=(3, 4))
    (decision,) = train(documents, options=options).classifier().classify([["agreernent claus3"]])
    assert decision.label == "contract"
    assert all(3 <= len(reason.word) <= 4 for reason in decision.reasons)


def test_many_labels_with_few_documents_are_no_cause_for_library_warnings() -> None:
    """Two documents a label are enough, and neither training nor measuring leaks a raw warning."""
    documents = [
        LabelledDocument(f"{label}-{copy}", f"label-{label}", (f"word{label} word{label + 1} the and",))
        for label in range(40)
        for copy in range(2)
    ]
    trained = train(documents, options=OPTIONS)
    assert trained.facts.folds == 2
    assert evaluate(trained.classifier(), documents[::2]).documents == 40
