from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from smartcat.classifier.decision import decide
from smartcat.training.left_out_labels import leave_labels_out, left_out_fits
from smartcat.training.train import train
from support.labelled import labelled_documents
from support.learning import QUICK, dataset_of, features_of


@pytest.mark.parametrize(("labels", "fits"), [(2, 0), (3, 3), (5, 5), (12, 5), (500, 5)])
def test_each_label_is_left_out_once_in_a_few_fits(labels: int, fits: int) -> None:
    """With two labels none can be: there would be nothing left to tell apart."""
    assert left_out_fits(labels) == fits


def test_left_out_documents_are_scored_by_the_other_labels() -> None:
    """Every page is scored once, by as many labels as remain, none of which is its own."""
    data = dataset_of(labelled_documents())
    done: list[int] = []
    found = leave_labels_out(features_of(data), QUICK.candidates[0], QUICK, lambda: done.append(1))
    assert len(done) == len(found) == 3
    assert sorted(np.concatenate([each.pages for each in found])) == list(range(len(data.examples)))
    for each in found:
        assert each.scores.shape == (len(each.pages), 2)
        assert not np.isin(data.page_targets[each.pages], each.own_labels).any()
        assert (each.known <= each.distinct).all()


def test_a_kind_never_seen_is_kept_out_and_said_so() -> None:
    """The facts say how many left-out documents would be accepted, and nothing is warned of where few are."""
    documents = labelled_documents(per_label=40)
    trained = train(documents, options=replace(QUICK, review_below=0.5))
    facts, rule = trained.facts, trained.model.rule
    assert not any("a kind that no label covers" in warning for warning in trained.warnings)
    assert facts.strangers == len(documents)
    assert facts.strangers_accepted == 0
    assert facts.strangers_own_review is not None
    assert facts.strangers_own_review <= 0.06
    assert decide(rule, []).why == "no_evidence"
    strange = [("the and of agreement amount dear party total regards " * 3,)]
    (decision,) = trained.classifier().classify(strange)
    assert decision.decision == "review"


def test_two_labels_teach_nothing_about_strangers() -> None:
    """And training says so."""
    trained = train(labelled_documents("contract", "letter", per_label=60), options=QUICK)
    assert trained.model.rule.gate is None
    assert trained.facts.strangers == 0
    assert any("a kind that no label covers" in warning for warning in trained.warnings)
