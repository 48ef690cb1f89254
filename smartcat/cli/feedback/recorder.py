"""Records corrections: reads the stored ones and the predictions, decides what is new, and writes that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcat.cli.feedback.changeset import make_changeset
from smartcat.cli.feedback.predictions import read_predictions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from smartcat.cli.feedback.changeset import ChangeSet
    from smartcat.cli.feedback.corrections_table import CorrectionsTable
    from smartcat.cli.feedback.stored_correction import StoredCorrection, Timestamps
    from smartcat.training.corpus.corrections import Correction


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records corrections in a table.

    Attributes:
        table: The table of corrections.
        results: The table of results; None to look up no predictions.
        labels: The labels of the model; None where they are not known.
        timestamps: Makes the sort keys.
    """

    table: CorrectionsTable
    results: str | None
    labels: Sequence[str] | None
    timestamps: Timestamps

    def compare(self, wanted: Sequence[Correction]) -> tuple[ChangeSet, Mapping[str, StoredCorrection]]:
        """Decide what to write; write nothing.

        Args:
            wanted: The corrections, in their order.

        Returns:
            The changes, and the corrections that are stored, by document id.
        """
        ids = list({correction.document_id: None for correction in wanted})
        stored = self.table.latest_of(ids)
        predictions: Any = None
        if self.results is not None:
            predictions = read_predictions(self.table.dynamodb, self.results, ids, sleep=self.table.sleep)
        return make_changeset(wanted, stored, predictions, self.labels, self.timestamps), stored

    def write(self, changes: ChangeSet, report: Callable[[int], None] = lambda _: None) -> None:
        """Write the changes.

        Args:
            changes: What to write.
            report: Called with the number written so far.

        Raises:
            CapacityError: The table has no write capacity left.
        """
        self.table.append(changes.to_write, report)
