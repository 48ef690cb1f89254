from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.decision import Decision
from stream_processor.core.drift import MIN_DOCUMENTS, Drift, TrainingBaseline

EXPECTED = TrainingBaseline({"invoice": 0.5, "letter": 0.5}, confidence=0.9, familiarity=0.8)


def decided(label: str, *, confidence: float = 0.9, familiarity: float = 0.8) -> Decision:
    """A decision of which only what drift looks at matters."""
    return Decision(label, confidence, "accepted", (label,), ((label, confidence),), known_share=familiarity)


def test_nothing_is_said_of_few_documents() -> None:
    """Below the fewest documents chance alone looks like drift, so there are no gauges."""
    drift = Drift(EXPECTED)
    drift.observe([decided("invoice")] * (MIN_DOCUMENTS - 1))
    assert drift.gauges() is None
    drift.observe([decided("invoice")])
    assert drift.gauges() is not None


def test_documents_like_those_of_training_show_no_drift() -> None:
    """The same mix, confidence and familiarity as in training give noughts."""
    drift = Drift(EXPECTED)
    drift.observe([decided("invoice"), decided("letter")] * 500)
    gauges = drift.gauges()
    assert gauges is not None
    assert gauges.label_mix_distance == pytest.approx(0.0)
    assert gauges.confidence_shift == pytest.approx(0.0)
    assert gauges.unknown_shift == pytest.approx(0.0)


def test_each_gauge_shows_its_own_drift() -> None:
    """All of one label is half the mix away; lower confidence and unknown words show as their shifts."""
    drift = Drift(EXPECTED)
    drift.observe([decided("invoice", confidence=0.7, familiarity=0.5)] * 300)
    gauges = drift.gauges()
    assert gauges is not None
    assert gauges.label_mix_distance == pytest.approx(0.5)
    assert gauges.confidence == pytest.approx(0.7)
    assert gauges.confidence_shift == pytest.approx(-0.2)
    assert gauges.unknown == pytest.approx(0.5)
    assert gauges.unknown_shift == pytest.approx(0.3)


def test_recent_documents_count_most() -> None:
    """After many documents of another kind the old ones have faded."""
    drift = Drift(EXPECTED)
    drift.observe([decided("invoice")] * 2000)
    for _ in range(100):
        drift.observe([decided("letter")] * 100)
    gauges = drift.gauges()
    assert gauges is not None
    assert gauges.label_mix_distance == pytest.approx(0.5, abs=0.02)


def test_documents_without_evidence_say_nothing() -> None:
    """Blank documents have the label of the intercept by default, which is no drift of labels."""
    drift = Drift(EXPECTED)
    drift.observe([replace(decided("invoice"), confidence=0.0)] * 1000)
    assert drift.gauges() is None


@given(batches=st.lists(st.lists(st.sampled_from(["invoice", "letter", "new"]), max_size=300), max_size=8))
def test_gauges_stay_in_their_ranges(batches: list[list[str]]) -> None:
    """Whatever comes, distances are shares and shifts lie between -1 and 1."""
    drift = Drift(EXPECTED)
    for labels in batches:
        drift.observe([decided(label) for label in labels])
    gauges = drift.gauges()
    if gauges is not None:
        assert 0.0 <= gauges.label_mix_distance <= 1.0 + 1e-9
        assert -1.0 <= gauges.confidence_shift <= 1.0
        assert 0.0 <= gauges.unknown <= 1.0
