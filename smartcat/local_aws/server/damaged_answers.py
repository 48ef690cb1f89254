"""What may arrive in place of an answer with status 200: its bytes, cut or changed, or others. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from smartcat.local_aws.server.fault_rules import DAMAGES

if TYPE_CHECKING:
    from smartcat.local_aws.server.fault_rules import Damage
    from smartcat.local_aws.server.wsgi import Response

_PAGE: Final = b"<html><body>Service temporarily unavailable</body></html>"
_OWN_HEADERS: Final = ("content-length", "content-type", "etag", "x-amz", "x-amzn")


def damaged(response: Response, damage: Damage | None, chance: float) -> Response:
    """Return an answer as it arrives; one that is an error already stays as it is.

    What is cut, changed or lost on the way keeps the headers of the service, its checksum among them; what
    another machine on the way answers in the service's place has none of them.

    Args:
        response: The service's answer.
        damage: What becomes of it; None for any of the damages.
        chance: 0 up to 1; decides which one, and where.
    """
    if not response.ok:
        return response
    if damage is None:
        chosen = chance * len(DAMAGES)
        damage, chance = DAMAGES[int(chosen)], chosen % 1
    body, place = response.body, int(chance * len(response.body))
    if damage == "html":
        return _from_elsewhere(response, _PAGE, "text/html")
    if damage == "object":
        return _from_elsewhere(response, b"{}", "application/json")
    if damage == "cut" or not body:
        return _with_body(response, body[:place])
    if damage == "empty":
        return _with_body(response, b"")
    return _with_body(response, body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :])


def _with_body(response: Response, body: bytes) -> Response:
    kept = tuple(header for header in response.headers if header[0].lower() != "content-length")
    return replace(response, headers=(*kept, ("Content-Length", str(len(body)))), body=body)


def _from_elsewhere(response: Response, body: bytes, content_type: str) -> Response:
    headers = tuple(each for each in response.headers if not each[0].lower().startswith(_OWN_HEADERS))
    return _with_body(replace(response, headers=(*headers, ("Content-Type", content_type))), body)
