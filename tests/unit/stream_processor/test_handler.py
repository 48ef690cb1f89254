from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from stream_processor import bootstrap
from stream_processor.errors import RefuseToStart


@pytest.fixture(autouse=True)
def _fresh_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "stream_processor.handler", raising=False)


def test_builds_once_and_passes_event_and_time(
    make: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processor is built when the module is imported, once, and gets event and remaining seconds."""
    built: list[Any] = []

    def build() -> Any:
        built.append(world.processor)
        return world.processor

    monkeypatch.setattr(bootstrap, "build_processor", build)
    handler = importlib.import_module("stream_processor.handler").handler
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
    for number in (1, 2):
        event = {"Records": [make.entry(make.payload(f"d{number}"), number)]}
        assert handler(event, context) == {"batchItemFailures": []}
    assert set(world.table.items) == {"d1", "d2"}
    assert len(built) == 1
    sys.modules.pop("stream_processor.handler")


def test_import_fails_on_wrong_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that cannot serve fails at init, not at the first record."""
    for name in ("SMARTCAT_TABLE", "SMARTCAT_MODEL", "SMARTCAT_QUARANTINE_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RefuseToStart, match="SMARTCAT_TABLE is not set"):
        importlib.import_module("stream_processor.handler")
