import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.evaluation_report import summary_text
from support.judged import judged

#: An answer that is handled rightly, one that is handled wrongly, one for a person.
RIGHT, WRONG, REVIEW = ("a", "a", 0.9), ("a", "b", 0.9), ("a", "a", 0.3)


@pytest.mark.parametrize(
    ("counts", "whose", "handled", "wrong", "review"),
    [
        ((890, 30, 80), "100 documents like these", "92", "3", "8"),
        ((8, 1, 3), "these 12 documents", "9", "1", "3"),
        ((1, 0, 0), "the one document evaluated", "1", "none", "none"),
        ((999, 0, 1), "100 documents like these", "nearly all", "none", "fewer than 1"),
        ((2, 1, 997), "100 documents like these", "fewer than 1", "fewer than 1", "nearly all"),
        ((0, 200, 0), "100 documents like these", "all 100", "all 100", "none"),
    ],
)
def test_the_verdict_counts_documents_not_percentages(
    counts: tuple[int, int, int], whose: str, handled: str, wrong: str, review: str
) -> None:
    """Of a hundred, or of those there are; some are never rounded to none, nor nearly all to all."""
    rows = [row for row, count in zip((RIGHT, WRONG, REVIEW), counts, strict=True) for _ in range(count)]
    assert summary_text.verdict(judged(rows)) == (
        f"Of {whose}, the model would handle {handled} by itself, and {wrong} of those would be wrong; "
        f"{review} would go to a person."
    )


def test_the_verdict_on_a_model_that_dares_nothing() -> None:
    """Nothing handled, so nothing wrong of it."""
    assert summary_text.verdict(judged([REVIEW] * 7)) == (
        "Of these 7 documents, the model would handle none by itself: all would go to a person."
    )


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_the_parts_of_a_hundred_add_up(right: int, wrong: int, review: int) -> None:
    """Whole numbers that sum to a hundred, each less than one document off."""
    documents = right + wrong + review
    if not documents:
        return
    share = summary_text.of_a_hundred(judged([RIGHT] * right + [WRONG] * wrong + [REVIEW] * review))
    assert share.right + share.wrong + share.review == share.of == min(100, documents)
    for shown, counted in ((share.right, right), (share.wrong, wrong), (share.review, review)):
        assert abs(shown - counted * share.of / documents) < 1


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "-"), (0.0, "0.0%"), (1.0, "100.0%"), (0.99999, "99.9%"), (0.00001, "0.1%"), (0.864, "86.4%")],
)
def test_only_all_is_a_hundred_per_cent(share: float | None, text: str) -> None:
    """One mistake in ten thousand is not rounded away."""
    assert summary_text.percent(share) == text


@given(st.text(max_size=40))
def test_a_long_label_keeps_its_beginning_and_its_end(label: str) -> None:
    """It fits, it is printable, and a short one is left as it is."""
    text = summary_text.shortened(label, 20)
    assert len(text) <= 20
    if label.isprintable() and len(label) <= 20:
        assert text == label
    elif label.isprintable():
        assert label.startswith(text.split("…")[0])
        assert label.endswith(text[-6:])


def test_what_calibration_is_said_to_be() -> None:
    """Too sure, too careful, or within what so few documents can tell."""
    assert "far overconfident" in summary_text.calibration(judged([("a", "b", 0.9)] * 50))
    assert "far underconfident" in summary_text.calibration(judged([("a", "a", 0.3)] * 50))
    assert "slightly overconfident" in summary_text.calibration(
        judged([("a", "a", 0.99)] * 975 + [("a", "b", 0.99)] * 25)
    )
    assert "well calibrated" in summary_text.calibration(judged([("a", "a", 0.9)]))


def test_how_much_it_could_take_is_said_with_the_confidence_it_takes() -> None:
    """At 95% right: everything from 0.8 on; or nothing, where even the surest answer is wrong."""
    rows = [("a", "a", 0.8)] * 19 + [("a", "b", 0.7)] * 20
    assert "it could handle 48.7% of the documents by itself" in summary_text.trust(judged(rows))
    assert "confidence of 0.80 or more" in summary_text.trust(judged(rows))
    assert summary_text.trust(judged([WRONG])) == "No confidence threshold reaches 95% precision here."


def test_sure_and_wrong_counts_from_the_confidence_it_names() -> None:
    """0.8 itself counts as sure, just below it does not."""
    assert summary_text.sure_and_wrong(judged([("a", "b", 0.8), ("a", "b", 0.79), RIGHT])) == (
        "Of 2 wrong predictions, 1 had a confidence of 0.8 or more."
    )
    assert summary_text.sure_and_wrong(judged([RIGHT])) == "No prediction was wrong."


def test_what_helps_a_person_is_said_where_there_is_a_choice() -> None:
    """With more labels than candidates, being among them means something; with two it does not."""
    three = "and the right label is among its three guesses in 50.0%."
    found = judged([("a", "c", 0.1), ("d", "c", 0.1)], labels=("a", "b", "c", "d"))
    assert summary_text.person(found) == (
        "For the 2 documents left to a person, the model's first guess is right in 0.0%."
    )
    found = judged([("a", "d", 0.1), ("c", "d", 0.1), ("b", "b", 0.9)], labels=("a", "b", "c", "d"))
    assert summary_text.person(found) == (
        f"For the 2 documents left to a person, the model's first guess is right in 0.0%, {three}"
    )
    assert summary_text.person(judged([RIGHT])) is None


def test_notes_say_what_to_know_before_believing() -> None:
    """Few documents, none known, harder than those held out, first pages; nothing where nothing is amiss."""
    harder, unknown = summary_text.notes(judged([RIGHT] * 8 + [("a", "b", 0.0)] * 2), held_out_accuracy=1.0)
    assert harder.startswith(
        "In training, accuracy on held-out documents was 100.0%: these documents are harder"
    )
    assert unknown == "2 of the documents contain no feature of the model; they always go to a person."
    assert "easier" in summary_text.notes(judged([RIGHT] * 50), held_out_accuracy=0.5)[0]
    assert summary_text.notes(judged([RIGHT]), None) == [
        "1 label has fewer than 10 documents: its metrics are unreliable."
    ]
    assert summary_text.notes(judged([RIGHT] * 50), held_out_accuracy=0.99) == []
    assert summary_text.closing(judged([RIGHT] * 50), None)[0].startswith(
        "Measured on 50 documents: 100.0% got"
    )


@pytest.mark.parametrize(
    ("each", "said"),
    [
        ((0.5,), "0.5"),
        ((0.5, 0.5), "0.5"),
        ((0.5, 0.75, 2.0), "0.5 to 0.75, by label; never for 1 label"),
        ((2.0, 2.0), "none"),
    ],
)
def test_thresholds_are_said_as_one_or_as_a_span(each: tuple[float, ...], said: str) -> None:
    """One for all, one a label, and labels that are never accepted."""
    assert summary_text.thresholds(each) == said
