from typing import Any

import pytest

from producers import producer
from producers.claims import S3ClaimStore
from producers.producer import Options
from smartcat.cli.produce.delivery_options import DeliveryOptions, Packing, make_producer, parse_size


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


def made(order: DeliveryOptions, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the producer of an order is made with."""
    calls: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(producer, "Producer", lambda stream, **options: calls.append((stream, options)))
    make_producer(order)
    ((stream, options),) = calls
    assert stream == "papers"
    return options


def test_the_producers_own_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without options of the command line, a producer is what it is in a program."""
    options = made(DeliveryOptions([], "papers"), monkeypatch)
    assert options == {"aggregate": True, "claims": None, "rate": None, "options": Options()}


def test_rate_packing_and_claims_are_handed_to_the_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command line says reaches it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    order = DeliveryOptions([], "papers", rate=2.5, claims="my-claims", packing=Packing.TOGETHER)
    options = made(order, monkeypatch)
    assert options["rate"] == 2.5
    assert isinstance(options["claims"], S3ClaimStore)
    assert options["options"].aggregation.together
    assert made(DeliveryOptions([], "papers", packing=Packing.SINGLE), monkeypatch)["aggregate"] is False
