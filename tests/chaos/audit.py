"""The account of a scenario: everything the stream holds against everything that came out. Pure.

What the stream holds is what counts, not what the producer was told: an answer may be lost on the way.
"""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chaos.cargo import Bad
from chaos.evidence import identity, quarantine_identity, read_stream
from chaos.plan import Version
from smartcat.cli.demo.reconciliation import RecordIdentity, reconcile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chaos.cargo import Cargo
    from chaos.evidence import Arrival, Evidence
    from smartcat.cli.demo.reconciliation import Reconciliation


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the account stands.

    Attributes:
        account: The figures, without what is left aside.
        given_up: Records that were in the failure destination.
        left_aside: Records that are there still.
        problems: What is wrong, a line each; the account closes if there are none.
    """

    account: Reconciliation
    given_up: int
    left_aside: int
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.account}, {self.given_up} records given up, {self.left_aside} left aside"


def audit(
    cargo: Sequence[Cargo], evidence: Evidence, *, labels: Mapping[Version, str], may_give_up: bool
) -> Verdict:
    """Close the account.

    Args:
        cargo: What was put, in order.
        evidence: What was found.
        labels: What the classifier says of each version when it is asked alone.
        may_give_up: Whether the scenario used up retries on purpose; otherwise nothing may ever have been in
            the failure destination. What it held has been put back; poison that no replay can read is
            accounted for by lying there still.
    """
    arrivals, problems = read_stream(cargo, evidence.held)
    problems += _receipts(cargo, evidence)
    problems += _given_up(arrivals, evidence, may_give_up=may_give_up)
    aside = {
        arrival.identity
        for arrival in arrivals
        if arrival.record in evidence.left_aside and isinstance(arrival.content, Bad)
    }
    kept = [arrival for arrival in arrivals if arrival.identity not in aside]
    account = reconcile(
        {arrival.identity: arrival.document for arrival in kept},
        {item["document_id"]["S"]: item["label"]["S"] for item in evidence.items},
        [place for place in _objects(evidence) if place not in aside],
        {},
    )
    if not account.balanced:
        problems.append(f"the account does not close: {account}")
        problems += _missing(kept, evidence)
    problems += _stale(arrivals, evidence, labels)
    problems += _wrongly_quarantined(arrivals, evidence)
    return Verdict(account, len(evidence.given_up), len(evidence.left_aside), problems)


def _receipts(cargo: Sequence[Cargo], evidence: Evidence) -> list[str]:
    """A receipt names a record with these bytes; a record without one failed as far as the producer knows."""
    data = {RecordIdentity(held.shard_id, str(held.sequence_number)): held.data for held in evidence.held}
    problems = []
    if len(evidence.receipts) != len(cargo):
        problems.append(f"{len(cargo)} records were put, {len(evidence.receipts)} were answered for")
    for number, (each, receipt) in enumerate(zip(cargo, evidence.receipts, strict=False)):
        if receipt is not None and data.get(receipt) != each.data:
            problems.append(f"put {number} has the receipt {receipt}, and the stream does not hold it there")
    return problems


def _given_up(arrivals: Sequence[Arrival], evidence: Evidence, *, may_give_up: bool) -> list[str]:
    problems = []
    if evidence.given_up and not may_give_up:
        problems.append(f"{len(evidence.given_up)} records were given up")
    on_stream = {RecordIdentity(held.shard_id, str(held.sequence_number)) for held in evidence.held}
    problems += [f"given up, but never put: {record}" for record in evidence.given_up - on_stream]
    return problems


def _objects(evidence: Evidence) -> list[RecordIdentity]:
    """Name every quarantined record; one that was given up with its batch may have come a second time."""
    came = [quarantine_identity(body) for body in evidence.quarantined if "origin" not in body]
    again = {quarantine_identity(body) for body in evidence.quarantined if "origin" in body}
    return came + list(again - set(came))


def _missing(kept: Sequence[Arrival], evidence: Evidence) -> list[str]:
    """Name what is lost, and what is in the wrong place."""
    stored = {item["document_id"]["S"] for item in evidence.items}
    objects = Counter(_objects(evidence))
    lost = [
        f"lost: {arrival.identity} with {arrival.document or 'a bad record'}"
        for arrival in kept
        if arrival.document not in stored and not objects[arrival.identity]
    ]
    return lost[:20]


def _stale(arrivals: Sequence[Arrival], evidence: Evidence, labels: Mapping[Version, str]) -> list[str]:
    """Each item must be that of the last record with its document, and say what the classifier says.

    And that record must hold the version that was put last: whatever the producer sent again.
    """
    newest: dict[str, tuple[Arrival, Version]] = {}
    highest: dict[str, int] = {}
    for arrival in sorted(arrivals, key=lambda each: each.order):
        if isinstance(arrival.content, Version):
            name = arrival.content.document_id
            newest[name] = arrival, arrival.content
            highest[name] = max(arrival.content.number, highest.get(name, 0))
    problems = [
        f"{name}: version {highest[name]} is on the stream, and not last"
        for name, (_, version) in newest.items()
        if version.number != highest[name]
    ]
    for item in evidence.items:
        name = item["document_id"]["S"]
        if name not in newest:
            continue  # the account complains
        arrival, expected = newest[name]
        sub = item.get("sub_sequence_number", {}).get("N")
        place = identity(item["shard_id"]["S"], item["sequence_number"]["S"], sub)
        version, label = item["metadata"]["M"]["version"]["S"], item["label"]["S"]
        if place != arrival.identity or version != str(expected.number):
            problems.append(
                f"{name}: the table has version {version} of {place}, "
                f"the last one is {expected.number} of {arrival.identity}"
            )
        elif label != labels[expected]:
            problems.append(f"{name}: labelled {label}, and alone {labels[expected]}")
    return problems


def _wrongly_quarantined(arrivals: Sequence[Arrival], evidence: Evidence) -> list[str]:
    """Each object must hold the exact bytes, and the reason that they deserve."""
    bad = {arrival.identity: arrival.content for arrival in arrivals if isinstance(arrival.content, Bad)}
    problems = []
    for body in evidence.quarantined:
        place = quarantine_identity(body)
        expected = bad.get(place)
        if expected is None:
            problems.append(f"quarantined though it is no poison: {place}")
        elif base64.b64decode(body["data"]) != expected.data or body["reason"] != expected.reason:
            problems.append(f"{place} has other bytes, or the reason {body['reason']}")
    return problems
