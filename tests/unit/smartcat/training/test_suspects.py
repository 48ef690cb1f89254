from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from smartcat.training.corpus.corrections import read_corrections
from smartcat.training.train import train
from support.corpora import noisy_documents
from support.labelled import labelled_pages
from support.learning import QUICK

if TYPE_CHECKING:
    from pathlib import Path

SUSPECTING = replace(QUICK, suspects=True)


def test_flipped_labels_are_found_first(tmp_path: Path) -> None:
    """Of twenty labels that were flipped most are among the first twenty, with the label that was theirs."""
    documents = noisy_documents("abcd", 100)
    flipped = set(random.Random(1).sample(range(len(documents)), 20))  # noqa: S311 - generates test data
    noisy = [
        replace(each, label="abcd"["abcd".index(each.label) - 1]) if place in flipped else each
        for place, each in enumerate(documents)
    ]
    trained = train(noisy, options=SUSPECTING)
    assert trained.suspects is not None
    found = {each.document_id: each for each in trained.suspects[:20]}
    right = [place for place in flipped if documents[place].document_id in found]
    assert len(right) >= 14
    assert all(found[documents[place].document_id].label == noisy[place].label for place in right)
    file = tmp_path / "suspects.jsonl"
    file.write_text("".join(json.dumps(each.to_row()) + "\n" for each in trained.suspects), encoding="utf-8")
    corrections = {each.document_id: each for each in read_corrections(file)}
    repaired = [corrections[documents[place].document_id].label == documents[place].label for place in right]
    assert sum(repaired) >= 0.9 * len(right)
    assert all(each.pages is None for each in corrections.values())


def test_suspects_are_ranked_by_how_little_their_label_is_believed() -> None:
    """The probability of the label grows along the list, and is never above that of the one suggested."""
    trained = train(noisy_documents("abcd", 60), options=SUSPECTING)
    assert trained.suspects
    beliefs = [each.label_probability for each in trained.suspects]
    assert beliefs == sorted(beliefs)
    assert all(each.label_probability <= each.suggestion_probability for each in trained.suspects)
    assert all(each.label != each.suggestion for each in trained.suspects)


def test_pages_with_labels_of_their_own_are_named_by_their_number() -> None:
    """A wrong label of the second page of a scan is found there."""
    scans = labelled_pages(30)
    labels = ("contract", "letter", "invoice")
    place = next(place for place, scan in enumerate(scans) if set(scan.page_labels or ()) == set(labels))
    right = scans[place].page_labels or ()
    wrong = (right[0], right[0], *right[2:])
    scans[place] = replace(scans[place], page_labels=wrong)
    trained = train(scans, options=SUSPECTING)
    assert trained.suspects is not None
    assert trained.suspects[0].document_id == f"scan-{place}#2"
    assert trained.suspects[0].suggestion == right[1]


def test_nobody_is_suspected_unasked() -> None:
    """Ids are kept only where they are needed."""
    assert train(noisy_documents("ab", 20), options=QUICK).suspects is None
