from types import SimpleNamespace
from typing import Any, cast

from smartcat.cli.evaluation_report.model_card import ModelCard, read_model_card


def _classifier(**facts: Any) -> Any:
    return cast("Any", SimpleNamespace(model_version="v", labels=("a", "b"), **facts))


def test_what_a_model_tells_is_collected() -> None:
    """Documents, pages, held-out accuracy, threshold and time, where the manifest has them."""
    training = SimpleNamespace(documents=12, pages=30, held_out_accuracy=0.9)
    manifest = SimpleNamespace(training=training, created_at="2026-01-01")
    found = read_model_card("m", _classifier(threshold=0.5, model=SimpleNamespace(manifest=manifest)))
    assert found == ModelCard("m", "v", 2, (0.5,), 12, 30, 0.9, "2026-01-01")


def test_what_a_model_does_not_tell_is_not_missed() -> None:
    """A model that was never saved, or one of another version with other facts, is no error."""
    nothing = ModelCard("m", "v", 2, None, None, None, None, None)
    assert read_model_card("m", _classifier(model=SimpleNamespace(manifest=None))) == nothing
    odd = SimpleNamespace(training=SimpleNamespace(documents="many"), created_at=7)
    assert read_model_card("m", _classifier(threshold={}, model=SimpleNamespace(manifest=odd))) == nothing


def test_thresholds_may_be_one_a_label() -> None:
    """A model without one threshold for all has its manifest asked for each."""
    manifest = SimpleNamespace(thresholds=(0.5, 1.5))
    assert read_model_card("m", _classifier(model=SimpleNamespace(manifest=manifest))).thresholds == (
        0.5,
        1.5,
    )
