from __future__ import annotations

import numpy as np
import pytest

from smartcat.classifier.rule import Gate
from smartcat.training.calibration.gate import admitted, learn_gate


def drawn(shift: float, documents: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Draw numbers of own documents, and of strangers whose scores and margins are lower by a shift."""
    draw = np.random.default_rng(4)
    means = np.array([0.5, 1.5, 0.8, 5.0])
    own = draw.normal(means, 0.3, size=(documents, 4))
    strangers = draw.normal(means - [shift, shift, 0.0, 0.0], 0.3, size=(documents, 4))
    return own, strangers


def test_a_gate_keeps_strangers_out_and_lets_own_documents_in() -> None:
    """Where strangers score lower, nearly all are kept out for two own documents in a hundred."""
    own, strangers = drawn(1.2)
    gate = learn_gate(own, strangers)
    assert gate is not None
    assert admitted(gate, own).mean() >= 0.975
    assert admitted(gate, strangers).mean() <= 0.05
    assert [gate.admits(row) for row in own.tolist()] == admitted(gate, own).tolist()


def test_more_own_documents_go_to_review_where_strangers_are_harder_to_tell() -> None:
    """At most one in twenty."""
    own, strangers = drawn(0.4)
    gate = learn_gate(own, strangers)
    assert gate is not None
    assert 0.95 <= admitted(gate, own).mean() <= 0.975


def test_what_cannot_be_told_apart_has_no_gate() -> None:
    """Nor have fewer documents than it takes."""
    assert learn_gate(*drawn(0.0)) is None
    assert learn_gate(*drawn(1.2, documents=49)) is None


@pytest.mark.parametrize("number", [0, 1, 2])
def test_more_score_margin_or_known_text_never_counts_against_a_document(number: int) -> None:
    """Even where strangers happen to have more of it."""
    own, strangers = drawn(1.2)
    strangers[:, number] = own[:, number] + 1.0
    gate = learn_gate(own, strangers)
    assert gate is None or min(gate.weights[:3]) >= 0


def test_the_same_documents_give_the_same_gate() -> None:
    """To the last bit."""
    one, other = learn_gate(*drawn(1.0)), learn_gate(*drawn(1.0))
    assert isinstance(one, Gate)
    assert one == other
