from __future__ import annotations

from pathlib import Path

from stream_processor.core.batch_summary import FIGURES, BatchSummary

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "telemetry.md").read_text("utf-8")


def rows(heading: str) -> list[str]:
    """The rows of the table under a heading of docs/telemetry.md."""
    table = PAGE.partition(heading)[2].partition("| --- |")[2].partition("\n\n")[0]
    return [line for line in table.splitlines() if line.startswith("| `")]


def test_the_page_has_a_row_for_each_metric() -> None:
    """Name, unit and meaning of docs/telemetry.md are those of the table in the code, in its order."""
    expected = [f"| `{each.metric}` | {each.unit} | {each.meaning} |" for each in FIGURES if each.metric]
    assert rows("## Metrics") == expected


def test_the_page_has_a_row_for_each_field_of_the_log() -> None:
    """A field that is a metric, too, names it; another one has its meaning there."""
    expected = [
        f"| `{each.field}` | {f'`{each.metric}`' if each.metric else each.meaning} |"
        for each in FIGURES
        if each.field
    ]
    assert rows("**`batch processed`**") == expected


def test_names_are_given_once() -> None:
    """No two figures have one name in the log or in CloudWatch."""
    for names in ([each.field for each in FIGURES], [each.metric for each in FIGURES]):
        given = [name for name in names if name]
        assert len(given) == len(set(given)) > 20


def test_nothing_of_a_summary_is_left_out() -> None:
    """Each field of a summary is logged under its own name; stages in milliseconds."""
    logged = {each.field for each in FIGURES}
    assert set(BatchSummary._fields) - logged == {"stages"}


def test_an_empty_batch_has_no_figure_made_up() -> None:
    """What is unknown without documents has no value, and nothing fails."""
    unknown = {each.metric or each.field for each in FIGURES if each.value(BatchSummary()) is None}
    assert unknown == {
        "ReviewShare",
        *("ReviewForNoEvidence", "ReviewForUnfamiliar", "ReviewForLooksLikeAStack"),
        *("ReviewForPagesDisagree", "ReviewForBelowThreshold"),
        *("ReadTime", "ClassifyTime", "PlanTime", "WriteTime"),
        *("SecondsToDrain", "HoursToExpiry"),
        *("drift", "LabelMixDistance", "MeanConfidence", "ConfidenceShift"),
        *("UnknownFeatures", "UnknownFeaturesShift"),
    }
