from smartcat.cli.evaluation_report.confusion_matrix import condense
from support.judged import judged


def test_few_labels_are_all_there() -> None:
    """Rows are truth, columns answers; a cell knows its share of the row and whether it is right."""
    found = condense(judged([("a", "a", 0.9), ("a", "b", 0.9), ("b", "b", 0.9)]))
    assert (found.labels, found.others) == (("a", "b"), 0)
    assert [[cell.documents for cell in row] for row in found.rows] == [[1, 1], [0, 1]]
    assert [[cell.kind for cell in row] for row in found.rows] == [["hit", "miss"], ["miss", "hit"]]
    assert found.rows[0][1].share == 0.5


def test_of_many_labels_the_most_mistaken_stay_and_no_document_is_lost() -> None:
    """The others are one row and one column at the end, in which right and wrong are not told apart."""
    rows = [(label, label, 0.9) for label in "abcdef"] + [("c", "e", 0.9), ("e", "c", 0.9), ("a", "e", 0.9)]
    found = condense(judged(rows), limit=2)
    assert (found.labels, found.others) == (("c", "e", None), 4)
    assert [[cell.documents for cell in row] for row in found.rows] == [[1, 1, 0], [1, 1, 0], [0, 1, 4]]
    assert [cell.kind for cell in found.rows[2]] == ["mixed"] * 3
    assert found.rows[0][2].kind == "mixed"


def test_a_label_that_no_document_has_is_an_empty_row() -> None:
    """Called so and never so: no share is divided by nothing."""
    found = condense(judged([("a", "b", 0.9)]))
    assert [cell.share for cell in found.rows[1]] == [0.0, 0.0]
