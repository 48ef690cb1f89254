from __future__ import annotations

from dataclasses import replace

import pytest

from smartcat.training.corpus.corpus_report import Conflict, CorpusReport, label_variants

CLEAN = CorpusReport(
    documents=100,
    copies=0,
    conflicting=0,
    conflicts=(),
    blank=0,
    unspaced=0,
    examples={"deed": 40, "letter": 60},
    near_copies=0,
    from_templates=0,
    boilerplate=0.1,
)


def test_of_a_corpus_without_fault_nothing_is_said() -> None:
    """Neither where everything was looked for nor where some of it was not."""
    assert list(CLEAN.notes()) == []
    assert list(replace(CLEAN, near_copies=None, from_templates=None, boilerplate=None).notes()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"copies": 1}, "Of 100 documents 1 is a copy, with text and label of an earlier one."),
        ({"near_copies": 3}, "Of 100 documents 3 are nearly equal to an earlier one."),
        ({"from_templates": 30}, "Of 100 documents 30 are nearly equal to a large share of their label"),
        (
            {"conflicting": 7, "conflicts": (Conflict("d-9", "deed", "letter"),)},
            "likely wrong: d-9 (deed, before that letter); and 6 more.",
        ),
        ({"blank": 2}, "Of 100 documents 2 are blank: there is nothing to learn from."),
        ({"unspaced": 5}, "Of 100 documents 5 are in a script without spaces between words"),
        ({"boilerplate": 0.62}, "About 62% of the text is on most pages of every label"),
        ({"examples": {"deed": 4, "letter": 9}}, "Labels with fewer than 5 documents: deed."),
        ({"examples": {"deed": 91, "letter": 9}}, "91.0% of the documents are 'deed'."),
        ({"examples": {"Deed": 50, "deed": 50}}, "are learned apart: 'Deed', 'deed'."),
    ],
)
def test_each_fault_is_said_in_one_sentence_or_two(change: dict[str, object], said: str) -> None:
    """One note for one fault, with its numbers."""
    (note,) = replace(CLEAN, **change).notes()
    assert said in note


def test_a_few_documents_without_spaces_are_no_reason_to_leave_words() -> None:
    """Below one in twenty the others decide what is learned from."""
    assert not replace(CLEAN, unspaced=4).words_fail
    assert replace(CLEAN, unspaced=5).words_fail


def test_labels_that_a_reader_takes_for_one_are_variants() -> None:
    """Case, spaces and Unicode form do not count; letters, accents and digits do."""
    labels = [
        "invoice",
        "Invoice",
        "in voice",
        "caf\u00e9",
        "cafe\u0301",
        "cafe",
        "tax 1",
        "tax 2",
        "STRASSE",
        "straße",
    ]
    assert label_variants(labels) == (
        ("Invoice", "in voice", "invoice"),
        ("STRASSE", "straße"),
        ("cafe\u0301", "caf\u00e9"),
    )


def test_as_data_it_holds_what_is_said() -> None:
    """Labels that are few or alike are in it, though they follow from the rest."""
    data = replace(CLEAN, examples={"Deed": 50, "deed": 3}).to_dict()
    assert (data["few"], data["variants"]) == (["deed"], [["Deed", "deed"]])
    assert data["documents"] == 100
