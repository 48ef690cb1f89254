from typing import Any

import pytest

from producers import producer
from smartcat.produce.order import Order, make_producer, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("65536", 65536), ("64KiB", 65536), ("500 MB", 500 * 2**20), ("1GiB", 2**30), ("2t", 2 * 2**40)],
)
def test_sizes(text: str, size: int) -> None:
    """People write sizes in many ways; units are powers of 1,024."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1", "1.5G", "64 K B x", "63KiB", "0"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """The message has what was found."""
    with pytest.raises(ValueError, match=f"found '{text}'"):
        parse_size(text)


def test_the_rate_is_handed_to_the_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A producer knows how to go slowly; without a rate its own defaults hold."""
    made: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(producer, "Producer", lambda stream, **options: made.append((stream, options)))
    make_producer(Order([], "papers", rate=2.5))
    make_producer(Order([], "papers"))
    assert made == [("papers", {"rate": 2.5}), ("papers", {})]
