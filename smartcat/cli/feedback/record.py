"""The story of recording: what is there, what the machine said, what is new, and writing that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcat.cli.feedback.machine import read_answers
from smartcat.cli.feedback.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from smartcat.cli.feedback.plan import Plan
    from smartcat.cli.feedback.stored import Moments, StoredCorrection
    from smartcat.cli.feedback.table import CorrectionsTable
    from smartcat.training.corpus.corrections import Correction


@dataclass(frozen=True, slots=True)
class Recording:
    """Where corrections go, and what is known beside them.

    Attributes:
        table: The table of corrections.
        results: The table of results; None where it is not to be looked at.
        labels: The labels of the model; None where they are not known.
        moments: Gives the time.
    """

    table: CorrectionsTable
    results: str | None
    labels: Sequence[str] | None
    moments: Moments

    def plan(self, wanted: Sequence[Correction]) -> tuple[Plan, Mapping[str, StoredCorrection]]:
        """Find out what is to be written; writes nothing.

        Args:
            wanted: The corrections, in their order.

        Returns:
            The plan, and the corrections that held until now.
        """
        ids = list({correction.document_id: None for correction in wanted})
        stored = self.table.latest_of(ids)
        answers: Any = None
        if self.results is not None:
            answers = read_answers(self.table.dynamodb, self.results, ids, sleep=self.table.sleep)
        return make_plan(wanted, stored, answers, self.labels, self.moments), stored

    def write(self, plan: Plan, report: Callable[[int], None] = lambda _: None) -> None:
        """Write it.

        Args:
            plan: What to write.
            report: Told how many are written so far.

        Raises:
            CapacityError: The table takes nothing any more.
        """
        self.table.append(plan.to_write, report)
