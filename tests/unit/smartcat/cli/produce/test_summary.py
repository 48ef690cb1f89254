from smartcat.cli.produce.summary import NAMED_FAILURES, failure_lines


def test_thousands_of_failures_are_a_few_lines() -> None:
    """The first are named one by one, the others counted by their reason."""
    failed = [(f"d{number}", "Interrupted" if number % 2 else "Refused") for number in range(1000)]
    lines = list(failure_lines(failed))
    assert lines[0] == "not delivered: d0: Refused"
    assert lines[NAMED_FAILURES:] == [
        "not delivered: 495 more: Refused",
        "not delivered: 495 more: Interrupted",
    ]
    assert list(failure_lines([])) == []
