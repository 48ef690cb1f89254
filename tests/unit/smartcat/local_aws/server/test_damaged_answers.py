from __future__ import annotations

import zlib

import pytest

from smartcat.local_aws.server.damaged_answers import damaged
from smartcat.local_aws.server.wsgi import Response

BODY = b'{"UnprocessedItems":{}}'
ANSWER = Response(
    "200 OK",
    (
        ("Content-Type", "application/x-amz-json-1.0"),
        ("Content-Length", str(len(BODY))),
        ("x-amz-crc32", str(zlib.crc32(BODY))),
    ),
    BODY,
)


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_what_is_damaged_on_the_way_keeps_its_checksum(damage: str, chance: float) -> None:
    """The body is another, its length is right, and the service's checksum no longer holds."""
    found = damaged(ANSWER, damage, chance)  # type: ignore[arg-type]
    headers = dict(found.headers)
    assert found.body != BODY
    assert headers["Content-Length"] == str(len(found.body))
    assert headers["x-amz-crc32"] == str(zlib.crc32(BODY))
    assert len(found.body) == (
        len(BODY) if damage == "changed" else int(chance * len(BODY)) * (damage == "cut")
    )


@pytest.mark.parametrize(("damage", "start"), [("html", b"<html>"), ("object", b"{}")])
def test_what_comes_from_elsewhere_has_no_header_of_the_service(damage: str, start: bytes) -> None:
    """A proxy's page, or its empty object, has no checksum at all."""
    found = damaged(ANSWER, damage, 0.5)  # type: ignore[arg-type]
    assert found.body.startswith(start)
    assert {name for name, _ in found.headers} == {"Content-Type", "Content-Length"}


def test_chance_chooses_the_damage() -> None:
    """Where a rule names none, every one of them occurs."""
    assert len({damaged(ANSWER, None, tenth / 10).body for tenth in range(10)}) > 4


def test_errors_and_answers_without_a_body_stay_answers() -> None:
    """An error is told as it is; of nothing, nothing can be cut."""
    error = Response("500 Internal Server Error", (), b"{}")
    assert damaged(error, "cut", 0.5) is error
    assert damaged(Response("200 OK", (), b""), "changed", 0.5).body == b""
