"""Models forged at random by somebody who knows the format. For more: ``make fuzz-models``."""

from __future__ import annotations

import copy
import math
import os
import struct
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcat.classifier import native_binding
from smartcat.classifier.classifier import DEFAULT_REASONS, Classifier
from smartcat.classifier.errors import ModelError
from stream_processor.adapters.served_model import serve
from support.forgery import Forgery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smartcat.training.trained_model import TrainedModel

EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "60"))
CODES: Final = {"f32": "<f", "u32": "<I", "i8": "B", "bin": "<I"}
TEXTS: Final = [
    ["amount total due payment tax the and of"],
    ["enclosed please find", "", "agreement clause \ud800 party"],
    [],
    ["\u0000 zzz 12", "dear " * 500],
]

VALUES = (
    st.none()
    | st.booleans()
    | st.sampled_from([-1, 0, 1, 2, 4, 2**20, 2**24, 2**31, 2**53, 2**63, 10**30, 10**400])
    | st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 0.5, 1.0, 1e-320, 1e300, 2.5])
    | st.sampled_from(
        ["", "0", "a\nb", "\x1b[2J", "int8", "word", "contract", "x" * 300, "../weights.i8", "\ud800"]
    )
    | st.text(max_size=8)
    | st.lists(st.integers(0, 3), max_size=4)
    | st.builds(dict)
)
NUMBERS = st.sampled_from(
    [math.nan, math.inf, -math.inf, 0.0, -0.0, -1.0, 1e-45, 1e-30, 0.5, 999_999.0, 1e6, 2e6, 3e38]
)
ENGINES = st.sampled_from(["compiled", "sklearn"] if native_binding.AVAILABLE else ["sklearn"])
HOW = st.sampled_from(["replace", "drop", "add", "repeat", "reverse"])


@pytest.fixture(scope="module")
def originals(
    trained: TrainedModel,
    rich: TrainedModel,
    two_labels: TrainedModel,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[Forgery]:
    """Models of both precisions, with and without further columns; few golden documents, to be quick."""
    folder = tmp_path_factory.mktemp("originals")
    models = []
    for name, model in (("trained", trained), ("rich", rich), ("two_labels", two_labels)):
        model.save(folder / name, created_at="2026-01-02")
        original = Forgery(folder / name)
        del original.manifest["golden"][3:]
        models.append(original)
    return models


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory for one forgery after the other."""
    return tmp_path_factory.mktemp("forged") / "model"


def holders(value: Any) -> Iterator[Any]:
    """Yield every object and list in a manifest."""
    if isinstance(value, dict | list):
        yield value
        for inside in value.values() if isinstance(value, dict) else value:
            yield from holders(inside)


def change_manifest(manifest: dict[str, Any], data: st.DataObject) -> None:
    """Change something, anywhere."""
    holder = data.draw(st.sampled_from([held for held in holders(manifest) if held]))
    key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    how = data.draw(HOW)
    if how == "drop":
        del holder[key]
    elif how == "add" and isinstance(holder, dict):
        holder[data.draw(st.text(max_size=4))] = data.draw(VALUES)
    elif how == "repeat" and isinstance(holder, list):
        holder.append(holder[key])
    elif how == "reverse" and isinstance(holder, list):
        holder.reverse()
    else:
        holder[key] = data.draw(VALUES)


def change_array(content: bytes, kind: str, data: st.DataObject) -> bytes:
    """Cut, lengthen or flip bytes, or write another number over one or all."""
    index = data.draw(st.integers(0, len(content) - 1))
    how = data.draw(st.sampled_from(["truncate", "lengthen", "flip", "write", "fill"]))
    if how == "truncate":
        return content[:index]
    if how == "lengthen":
        return content + content[: index + 1]
    if how == "flip":
        flipped = content[index] ^ (1 << data.draw(st.integers(0, 7)))
        return content[:index] + bytes([flipped]) + content[index + 1 :]
    number = data.draw(NUMBERS if kind == "f32" else st.integers(0, 255 if kind == "i8" else 2**32 - 1))
    item = struct.pack(CODES[kind], number)
    first = index - index % len(item)
    if how == "fill":
        return item * (len(content) // len(item))
    return content[:first] + item + content[first + len(item) :]


def check_answers(classifier: Classifier) -> None:
    """Hold every answer to what a decision is."""
    for reasons in (0, DEFAULT_REASONS):
        for pages, decision in zip(TEXTS, classifier.classify(TEXTS, reasons=reasons), strict=True):
            chances = [chance for _, chance in decision.candidates]
            assert decision.label in classifier.labels
            assert all(0 <= chance <= 1 + 1e-9 for chance in chances)
            assert chances == sorted(chances, reverse=True)
            assert 0 <= decision.known_share <= 1
            assert len(decision.page_labels) == len(pages)
            assert all(0 < reason.weight < math.inf for reason in decision.reasons)
    for pages, segments in zip(TEXTS, classifier.split(TEXTS, reasons=0), strict=True):
        assert sum(segment.pages for segment in segments) == len(pages)
        assert all(
            0 <= segment.confidence <= segment.boundary_probability <= 1 + 1e-9 for segment in segments
        )


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_a_forged_model_is_refused_or_answers(
    originals: list[Forgery], path: Path, data: st.DataObject
) -> None:
    """Whatever was changed and sealed again: one line that names the model, or valid decisions."""
    forged = copy.deepcopy(data.draw(st.sampled_from(originals)))
    for _ in range(data.draw(st.integers(1, 3))):
        if data.draw(st.booleans()):
            change_manifest(forged.manifest, data)
        else:
            name = data.draw(st.sampled_from(sorted(forged.arrays)))
            if forged.arrays[name]:
                kind = name.partition(".")[2]
                forged.arrays[name] = change_array(forged.arrays[name], kind, data)
    if data.draw(st.integers(0, 9)):
        forged.try_seal()
    if data.draw(st.integers(0, 3)):
        forged.gild()
    forged.write(path)
    try:
        served = serve(path, data.draw(ENGINES))
    except ModelError as error:
        message = str(error)
        assert message.isprintable()
        assert str(path) in message
        assert len(message) < 1000
    else:
        check_answers(served._classifier)
        assert all(0 <= share < math.inf for share in served.training_baseline.label_mix.values())
