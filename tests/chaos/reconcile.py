"""Reconciliation after a scenario: every record of the stream against every result. Pure.

The stream's records count, not the producer's receipts: a response may be lost on the way.
"""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chaos.final_state import identity, quarantine_identity, read_stream
from chaos.plan import Version
from chaos.records import ExpectedRejection
from smartcat.cli.demo import reconciliation
from smartcat.cli.demo.reconciliation import RecordIdentity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chaos.final_state import FinalState, StreamUserRecord
    from chaos.records import PutRecord


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The result of a reconciliation.

    Attributes:
        account: The counts, without the records left in the failure destination.
        discarded: Number of records that were in the failure destination.
        left_in_destination: Number of records that are still there.
        problems: What is wrong, a line each; empty if everything is accounted for.
    """

    account: reconciliation.Reconciliation
    discarded: int
    left_in_destination: int
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.account}, {self.discarded} records discarded, {self.left_in_destination} still there"


def reconcile(
    records: Sequence[PutRecord], final_state: FinalState, *, labels: Mapping[Version, str], may_discard: bool
) -> Reconciliation:
    """Compare what was put with what the system holds.

    Args:
        records: What was put, in order.
        final_state: What the system holds at the end.
        labels: The classifier's label of each version, outside the system.
        may_discard: Whether the scenario exhausts retries on purpose; otherwise no record may ever have been
            in the failure destination. Records in it have been replayed; rejected records that no replay can
            read are accounted for by still being there.
    """
    user_records, problems = read_stream(records, final_state.stream_records)
    problems += _receipts(records, final_state)
    problems += _discarded(user_records, final_state, may_discard=may_discard)
    remaining = {
        user_record.identity
        for user_record in user_records
        if user_record.record in final_state.left_in_destination
        and isinstance(user_record.content, ExpectedRejection)
    }
    accountable = [user_record for user_record in user_records if user_record.identity not in remaining]
    account = reconciliation.reconcile(
        {user_record.identity: user_record.document for user_record in accountable},
        {item["document_id"]["S"]: item["label"]["S"] for item in final_state.items},
        [position for position in _objects(final_state) if position not in remaining],
        {},
    )
    if not account.balanced:
        problems.append(f"the account does not close: {account}")
        problems += _lost(accountable, final_state)
    problems += _stale(user_records, final_state, labels)
    problems += _wrongly_quarantined(user_records, final_state)
    return Reconciliation(account, len(final_state.discarded), len(final_state.left_in_destination), problems)


def _receipts(records: Sequence[PutRecord], final_state: FinalState) -> list[str]:
    """Return the receipts that do not name a stream record with the bytes that were put."""
    data = {
        RecordIdentity(record.shard_id, str(record.sequence_number)): record.data
        for record in final_state.stream_records
    }
    problems = []
    if len(final_state.receipts) != len(records):
        problems.append(
            f"{len(records)} records were put, and there are {len(final_state.receipts)} receipts"
        )
    for number, (each, receipt) in enumerate(zip(records, final_state.receipts, strict=False)):
        if receipt is not None and data.get(receipt) != each.data:
            problems.append(f"put {number} has the receipt {receipt}, and the stream does not have it there")
    return problems


def _discarded(
    user_records: Sequence[StreamUserRecord], final_state: FinalState, *, may_discard: bool
) -> list[str]:
    problems = []
    if final_state.discarded and not may_discard:
        problems.append(f"{len(final_state.discarded)} records were discarded")
    on_stream = {
        RecordIdentity(record.shard_id, str(record.sequence_number)) for record in final_state.stream_records
    }
    problems += [f"discarded, but never put: {record}" for record in final_state.discarded - on_stream]
    return problems


def _objects(final_state: FinalState) -> list[RecordIdentity]:
    """Return every quarantined record; one that was discarded with its batch may be there a second time."""
    first = [quarantine_identity(body) for body in final_state.quarantined if "origin" not in body]
    replayed = {quarantine_identity(body) for body in final_state.quarantined if "origin" in body}
    return first + list(replayed - set(first))


def _lost(accountable: Sequence[StreamUserRecord], final_state: FinalState) -> list[str]:
    """Return the records without a result, a line each."""
    stored = {item["document_id"]["S"] for item in final_state.items}
    objects = Counter(_objects(final_state))
    lost = [
        f"lost: {user_record.identity} with {user_record.document or 'a record to reject'}"
        for user_record in accountable
        if user_record.document not in stored and not objects[user_record.identity]
    ]
    return lost[:20]


def _stale(
    user_records: Sequence[StreamUserRecord], final_state: FinalState, labels: Mapping[Version, str]
) -> list[str]:
    """Return the items that are not of their document's last record, or have another label.

    The last record must hold the version that was put last, whatever the producer resent.
    """
    newest: dict[str, tuple[StreamUserRecord, Version]] = {}
    highest: dict[str, int] = {}
    for user_record in sorted(user_records, key=lambda each: each.order):
        if isinstance(user_record.content, Version):
            name = user_record.content.document_id
            newest[name] = user_record, user_record.content
            highest[name] = max(user_record.content.number, highest.get(name, 0))
    problems = [
        f"{name}: version {highest[name]} is on the stream, and not last"
        for name, (_, version) in newest.items()
        if version.number != highest[name]
    ]
    for item in final_state.items:
        name = item["document_id"]["S"]
        if name not in newest:
            continue  # reported by the account
        user_record, expected = newest[name]
        sub = item.get("sub_sequence_number", {}).get("N")
        position = identity(item["shard_id"]["S"], item["sequence_number"]["S"], sub)
        version, label = item["metadata"]["M"]["version"]["S"], item["label"]["S"]
        if position != user_record.identity or version != str(expected.number):
            problems.append(
                f"{name}: the table has version {version} of {position}, "
                f"the last one is {expected.number} of {user_record.identity}"
            )
        elif label != labels[expected]:
            problems.append(f"{name}: labelled {label}, and alone {labels[expected]}")
    return problems


def _wrongly_quarantined(user_records: Sequence[StreamUserRecord], final_state: FinalState) -> list[str]:
    """Return the quarantine objects with unexpected bytes or an unexpected reason."""
    bad = {
        user_record.identity: user_record.content
        for user_record in user_records
        if isinstance(user_record.content, ExpectedRejection)
    }
    problems = []
    for body in final_state.quarantined:
        position = quarantine_identity(body)
        expected = bad.get(position)
        if expected is None:
            problems.append(f"wrongly quarantined: {position}")
        elif base64.b64decode(body["data"]) != expected.data or body["reason"] != expected.reason:
            problems.append(f"{position} has other bytes, or the reason {body['reason']}")
    return problems
