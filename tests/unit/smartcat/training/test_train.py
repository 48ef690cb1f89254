from __future__ import annotations

import os
import platform
import random
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.errors import CorpusError
from smartcat.training.evaluation.evaluate import evaluate
from smartcat.training.fitting.pruning import strongest
from smartcat.training.hyperparameters import CHARACTERS, REFINEMENTS, WORDS, TrainingOptions
from smartcat.training.train import train
from support.labelled import VOCABULARY, documents_with_covers, labelled_documents, labelled_pages
from support.learning import QUICK, RICH, candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPORA = {"pages": labelled_documents(), "covers": documents_with_covers(), "scans": labelled_pages()}


@pytest.mark.parametrize("corpus", CORPORA)
@pytest.mark.parametrize("options", [QUICK, RICH])
def test_the_same_documents_give_the_same_model(corpus: str, options: TrainingOptions) -> None:
    """Training is deterministic under a seed, to the last bit of every array and figure."""
    documents = CORPORA[corpus]
    first, second = train(documents, options=options), train(iter(documents), options=options)
    assert dict(first.model.arrays) == dict(second.model.arrays)
    assert first.model.rule == second.model.rule
    assert first.model.model_version == second.model.model_version
    assert first.facts == second.facts


def test_what_was_chosen_is_part_of_the_version(documents: list[LabelledDocument]) -> None:
    """Models that may answer differently have different names; the seed is, where a solver draws lots."""
    changes: list[dict[str, Any]] = [
        {},
        {"review_below": 0.9},
        {"candidates": (candidate(WORDS, n_features=2**11),)},
        {"precision": "float32"},
        {"candidates": (candidate(WORDS, lowercase=False),)},
        {"folds": 2},
    ]
    versions = {train(documents, options=replace(QUICK, **change)).model.model_version for change in changes}
    assert len(versions) == len(changes)


def test_labels_are_in_alphabetical_order_however_they_came(documents: list[LabelledDocument]) -> None:
    """Columns do not depend on which label was met first."""
    trained = train(sorted(documents, key=lambda each: each.label, reverse=True), options=QUICK)
    assert trained.model.labels == ("contract", "invoice", "letter")
    (decision,) = trained.classifier().classify([[VOCABULARY["invoice"] * 3]])
    assert decision.label == "invoice"


def test_facts_say_where_the_model_comes_from(documents: list[LabelledDocument]) -> None:
    """Counts, folds, how it was learned and library versions; nothing is to be warned of."""
    odd = replace(LabelledDocument("blank", "letter", ("",)), corrected=True)
    trained = train([*documents, odd], options=QUICK)
    facts = trained.facts
    assert (facts.documents, facts.pages, facts.blank_pages, facts.corrected) == (37, 55, 1, 1)
    assert {label: fared.documents for label, fared in facts.labels.items()} == {
        "contract": 12,
        "invoice": 12,
        "letter": 13,
    }
    assert (facts.folds, facts.held_out_documents, facts.tried, facts.seed) == (3, 36, (), 0)
    assert facts.held_out_accuracy == facts.unpruned_accuracy == 1.0
    assert (facts.choice.features, facts.choice.loss) == ("words 1-2", "squared_hinge")
    assert facts.features == trained.model.kept
    assert facts.target_precision is None
    assert set(facts.created_by) == {"python", "scikit-learn", "scipy", "numpy"}
    # So few documents are rough, and that is all.
    assert [warning[:19] for warning in trained.warnings] == ["Confidence is rough"]


@pytest.mark.parametrize("steps", [False, True])
def test_progress_tells_the_stages_in_order(documents: list[LabelledDocument], *, steps: bool) -> None:
    """A person who waits sees reading, choosing where there is a choice, calibrating and fitting."""
    told: list[tuple[str, int, int]] = []
    train(documents, options=replace(QUICK, refine=steps), progress=lambda *step: told.append(step))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["read", *(["select"] if steps else []), "calibrate", "fit"]
    assert [step for step in told if step[0] == "calibrate"] == [("calibrate", n, 6) for n in range(1, 7)]
    assert told[-1] == ("fit", 1, 1)


def test_the_way_that_was_chosen_is_learned_by(documents: list[LabelledDocument]) -> None:
    """What the facts say was chosen is how the model cuts text; all that was tried is told."""
    options = replace(QUICK, candidates=(candidate(WORDS), candidate(CHARACTERS)), refine=True)
    trained = train(documents, options=options)
    assert trained.facts.choice.features == trained.model.spec.describe()
    assert len(trained.facts.tried) == 2 + sum(map(len, REFINEMENTS))
    assert trained.facts.choice.features in {each.features for each in trained.facts.tried}


def test_problems_become_warnings(documents: list[LabelledDocument], monkeypatch: pytest.MonkeyPatch) -> None:
    """A rare label and a solver cut short are said in one sentence each."""
    monkeypatch.setattr("smartcat.training.fitting.solver.MAX_EPOCHS", 1)
    odd = LabelledDocument("odd", "postcard", ("the wishes and the regards",))
    trained = train([*documents, odd], options=QUICK)
    assert trained.warnings[:2] == (
        "The solver was stopped before it converged.",
        "Too few documents to check the confidence of: postcard.",
    )
    assert "postcard" in trained.model.labels


@pytest.mark.parametrize(("review_below", "doubted"), [(0.5, True), (0.51, False), (0.0, False)])
def test_a_threshold_that_no_confidence_can_miss_is_said(*, review_below: float, doubted: bool) -> None:
    """Of two labels one always has half: at 0.5 nothing unsure would say so, unless that was asked for."""
    documents = labelled_documents("contract", "letter")
    trained = train(documents, options=replace(QUICK, review_below=review_below))
    assert any("never below 0.50" in warning for warning in trained.warnings) == doubted


def test_a_precision_that_cannot_be_proved_accepts_nothing_and_says_so(
    documents: list[LabelledDocument],
) -> None:
    """Thirty-six documents prove no 99 %."""
    trained = train(documents, options=replace(QUICK, target_precision=0.99))
    assert trained.warnings[0] == (
        "No confidence was right 99.0% of the time on held-out documents, or too few were held out to prove"
        " it, so every document is for review."
    )
    decisions = trained.classifier().classify([document.pages for document in documents])
    assert {decision.decision for decision in decisions} == {"review"}
    assert (trained.facts.held_out_coverage, trained.facts.target_precision) == (0.0, 0.99)


def test_errors_of_the_corpus_pass_through() -> None:
    """What is wrong with the input is said by its reader."""

    def broken() -> Iterator[LabelledDocument]:
        yield LabelledDocument("a", "x", ("word",))
        raise CorpusError("file:2: expected something")

    with pytest.raises(CorpusError, match="file:2"):
        train(broken())


def test_character_n_grams_learn_too(documents: list[LabelledDocument]) -> None:
    """OCR noise calls for characters within words; training and serving share that choice."""
    options = replace(QUICK, candidates=(candidate(CHARACTERS),))
    (decision,) = train(documents, options=options).classifier().classify([["agreernent claus3"]])
    assert decision.label == "contract"
    assert {reason.word for reason in decision.reasons} <= {"agreernent", "claus3"}


def test_many_labels_with_few_documents_are_no_cause_for_library_warnings() -> None:
    """Two documents a label are enough, and neither training nor measuring leaks a raw warning."""
    documents = [
        LabelledDocument(
            f"{label}-{copy}", f"label-{label}", (f"word{label} word{label + 1} the and copy{copy}",)
        )
        for label in range(40)
        for copy in range(2)
    ]
    trained = train(documents, options=QUICK)
    assert trained.facts.folds == 2
    assert evaluate(trained.classifier(), documents[::2]).documents == 40


def test_documents_that_share_no_word_are_no_better_than_guesses(documents: list[LabelledDocument]) -> None:
    """Of a hundred held out sixty-four have no known word: they are wrong, for review, and told of."""
    strangers = [
        LabelledDocument(f"odd-{number}", "letter", (" ".join(f"w{number}x{word}" for word in range(9)),))
        for number in range(64)
    ]
    trained = train([*documents, *strangers], options=TrainingOptions.quick())
    facts = trained.facts
    assert (facts.held_out_documents, facts.without_evidence) == (100, 64)
    assert facts.held_out_accuracy <= 0.36
    assert facts.held_out_coverage <= 0.36
    assert facts.labels["letter"].held_out == 76
    assert facts.labels["letter"].recall <= 12 / 76
    assert any("64 of 100 held-out documents have no feature" in warning for warning in trained.warnings)


def test_near_copies_that_follow_one_another_promise_nothing() -> None:
    """Six letters of each sender tell the sender, not the label: what is promised is about what a guess is.

    Shuffled folds would put letters of one sender on both sides, and call this perfect.
    """
    draw = random.Random(5)  # noqa: S311 - generates test data
    documents = [
        LabelledDocument(
            f"{sender}-{copy}", label, (" ".join(f"s{sender}w{word}" for word in range(9)) + f" copy{copy}",)
        )
        for sender in range(24)
        for label in [draw.choice("ab")]
        for copy in range(6)
    ]
    facts = train(documents, options=TrainingOptions.quick(n_features=2**14)).facts
    assert facts.held_out_accuracy < 0.75
    assert facts.held_out_confidence < 0.8


def test_scans_of_pages_with_labels_teach_their_pages() -> None:
    """Every page is learned by its own label, and decided by it when it comes alone."""
    scans = labelled_pages()
    trained = train(scans, options=QUICK)
    assert trained.model.columns == ("opening",)
    pages = [
        (page, label)
        for scan in scans
        for page, label in zip(scan.pages, scan.page_labels or (), strict=True)
    ]
    decisions = trained.classifier().classify([[page] for page, _ in pages])
    assert [decision.label for decision in decisions] == [label for _, label in pages]
    assert trained.facts.documents == len(pages)


def test_pages_that_say_nothing_of_their_document_are_outvoted() -> None:
    """Two cover pages of other letters beside one page of an invoice leave it an invoice."""
    documents = documents_with_covers()
    trained = train(documents, options=QUICK)
    assert trained.model.columns == ("pertinence", "opening")
    covers = [document.pages[0] for document in documents if document.label != "invoice"][:2]
    invoice = next(document.pages[1] for document in documents if document.label == "invoice")
    (decision,) = trained.classifier().classify([[*covers, invoice]])
    assert decision.label == "invoice"


def test_a_small_model_keeps_what_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for 60 features the labels are still told apart, and the facts say what was left out."""
    monkeypatch.setattr(
        "smartcat.training.fitting.pruning.within_size", lambda _v, fit, _o: strongest(fit.weights, 60)
    )
    trained = train(labelled_documents(), options=QUICK)
    assert trained.model.kept == 60 < trained.facts.features
    assert trained.facts.held_out_accuracy > 0.9


_TRAIN_ELSEWHERE = """
from smartcat.training.train import train
from support.labelled import documents_with_covers
from support.learning import QUICK
print(train(documents_with_covers(), options=QUICK).model.model_version)
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names a kernel of x86")
def test_no_bit_of_a_model_depends_on_the_kernel_of_the_linear_algebra() -> None:
    """Trained with OpenBLAS's oldest kernel, a model with auxiliary columns and segmentation is the same."""
    here = train(documents_with_covers(), options=QUICK).model.model_version
    done = subprocess.run(
        [sys.executable, "-c", _TRAIN_ELSEWHERE],
        env={**os.environ, "OPENBLAS_CORETYPE": "Prescott", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [here]
