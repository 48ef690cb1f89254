"""Leaves out of a plan what the table holds already, once it has shown that it holds something.

An aggregate that did not fit into one invocation is delivered again whole, and so is a batch whose answer was
lost. Nothing that an environment remembers tells which of it is stored: others write too, and tables are made
anew. So the table is asked, consistently, ahead of the writes; reading costs a fraction of writing. While
nothing is met that is stored, nothing is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from stream_processor.core.write_plan import ResultWrite
from stream_processor.storage_format.document_version import standing
from stream_processor.storage_format.dynamodb_limits import MAX_REQUEST_KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream_processor.core.ports import ResultTable
    from stream_processor.core.write_plan import PlannedWrite

LOOK_AHEAD: Final = MAX_REQUEST_KEYS
"""Writes of the plan that one question is for."""


class Judged(NamedTuple):
    """Writes by what the table holds under their keys.

    Attributes:
        to_write: Those to be done: nothing, something earlier, or nobody knows what is stored.
        kept: Those whose very version is stored.
        superseded: Those of which a later version is stored.
    """

    to_write: list[ResultWrite]
    kept: list[ResultWrite]
    superseded: list[ResultWrite]


class RepeatCheck:
    """Asks about the writes of one invocation.

    Args:
        table: Who knows.
    """

    def __init__(self, table: ResultTable) -> None:
        self._table = table
        self._is_due = False
        self._asked_to = 0

    def met_stored(self) -> None:
        """Take note that a write met something stored: what comes next may be stored, too."""
        self._is_due = True

    def judge(self, writes: Sequence[ResultWrite]) -> Judged:
        """Return the writes by what the table says now. Those over something earlier become conditional."""
        known = self._table.stored([write.item for write in writes])
        judged = Judged([], [], [])
        for write in writes:
            key = write.item.document_id
            found = standing(write.item.attributes, known[key]) if key in known else "absent"
            if found == "later":
                judged.superseded.append(write)
            elif found == "same":
                judged.kept.append(write)
            else:
                judged.to_write.append(conditional(write) if found == "earlier" else write)
        return judged

    def look_ahead(self, plan: list[PlannedWrite], start: int, *, seconds: float) -> Judged | None:
        """Take out of the next part of the plan what need not be written; None if there is nothing to ask.

        Goes on as long as it finds something. Asks in any case where time is up: what the table has room for
        then must not go to what is stored, or an aggregate might never end.

        Args:
            plan: What is left out is removed from it.
            start: Index of the first write that is not done.
            seconds: Time this may take; 0 if it is up.
        """
        if start < self._asked_to or (seconds and not self._is_due):
            return None
        ahead = plan[start : start + LOOK_AHEAD]
        results = [write for write in ahead if isinstance(write, ResultWrite)]
        judged = self.judge(results)
        by_key = {write.item.document_id: write for write in judged.to_write}
        kept: list[PlannedWrite] = []
        for write in ahead:
            if not isinstance(write, ResultWrite):
                kept.append(write)
            elif write.item.document_id in by_key:
                kept.append(by_key[write.item.document_id])
        plan[start : start + LOOK_AHEAD] = kept
        self._asked_to = start + len(kept)
        self._is_due = kept != ahead
        return judged


def conditional(write: ResultWrite) -> ResultWrite:
    """Return the write as one over something that is stored."""
    return replace(write, item=replace(write.item, conditional=True))
