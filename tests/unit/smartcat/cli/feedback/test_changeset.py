from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.feedback.changeset import make_changeset
from smartcat.cli.feedback.predictions import Prediction
from smartcat.cli.feedback.stored_correction import StoredCorrection, Timestamps, latest
from smartcat.training.corpus.corrections import Correction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.cli.feedback.changeset import ChangeSet

NOW = datetime(2026, 1, 3, 4, 5, 6, 7, UTC)


def changes(
    *wanted: Correction,
    stored: Mapping[str, StoredCorrection] | None = None,
    predictions: Mapping[str, Prediction] | None = None,
    labels: Sequence[str] | None = None,
    now: datetime = NOW,
) -> ChangeSet:
    """Return the changes for these corrections."""
    return make_changeset(wanted, stored or {}, predictions, labels, Timestamps(now, "0a1b2c3d"))


def test_a_correction_keeps_what_the_machine_had_said() -> None:
    """What it was, how sure, and which model, as long as that is known."""
    predictions = {"a": Prediction("contract", "0123456789ab", 0.83)}
    done = changes(
        Correction("a", "payslip", "anna", "why"), Correction("b", "letter"), predictions=predictions
    )
    first, second = done.to_write
    assert first == StoredCorrection(
        "a",
        "2026-01-03T04:05:06.000007Z-0a1b2c3d",
        "payslip",
        "anna",
        "why",
        "contract",
        "0123456789ab",
        0.83,
    )
    assert second.label_before is None
    assert done.unknown_documents == ["b"]
    assert changes(Correction("b", "letter")).unknown_documents == []


def test_the_last_line_of_a_document_counts() -> None:
    """Both written, a second run of the same file would write both again."""
    done = changes(Correction("a", "payslip"), Correction("b", "letter"), Correction("a", "letter"))
    assert [(each.document_id, each.label) for each in done.to_write] == [("a", "letter"), ("b", "letter")]
    assert done.superseded == 1


def test_labels_that_the_model_lacks_are_named_with_the_nearest() -> None:
    """A label may be new, and is more often mistyped."""
    wanted = (Correction("a", "paysilp"), Correction("b", "Zeugnis"), Correction("c", "payslip"))
    labels = ("payslip", "contract")
    assert changes(*wanted, labels=labels).unknown_labels == {"Zeugnis": None, "paysilp": "payslip"}
    assert changes(*wanted).unknown_labels == {}


@given(
    st.lists(
        st.lists(st.builds(Correction, st.sampled_from("abc"), st.sampled_from("xyz")), max_size=6),
        max_size=5,
    )
)
def test_a_file_given_twice_writes_nothing_the_second_time(files: list[list[Correction]]) -> None:
    """And the last thing said of a document holds, although each file is recorded by an older clock."""
    table: list[StoredCorrection] = []
    for turn, file in enumerate(files):
        now = NOW.replace(year=2026 - turn)
        first = changes(*file, stored=latest(table), now=now)
        table += first.to_write
        again = changes(*file, stored=latest(table), now=now)
        assert again.to_write == []
        assert again.unchanged == len({each.document_id for each in file})
    said = {each.document_id: each.label for file in files for each in file}
    assert {name: each.label for name, each in latest(table).items()} == said
    keys = [(each.document_id, each.corrected_at) for each in table]
    assert len(set(keys)) == len(keys)
