from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from smartcat.classifier.manifest import LEARNED_TEXTS
from smartcat.training.corpus.copies import text_hash
from smartcat.training.corpus.learned_texts import LearnedTexts, pack_texts, read_learned_texts
from smartcat.training.errors import EvaluationError
from smartcat.training.train import train
from support.labelled import labelled_documents, labelled_pages
from support.learning import QUICK

if TYPE_CHECKING:
    from pathlib import Path

WHEN = "2026-01-01T00:00:00+00:00"


def test_a_text_is_known_by_four_bytes() -> None:
    """Those packed are known in whatever case, others are not; equal ones take no room."""
    texts = [(f"text {number}",) for number in range(1000)]
    packed = pack_texts(array("Q", [text_hash(pages) for pages in texts] * 2))
    assert len(packed) == 4000
    learned = LearnedTexts(packed)
    assert all((pages[0].upper(),) in learned for pages in texts)
    assert not any((f"other {number}",) in learned for number in range(1000))
    assert ("text 1",) not in LearnedTexts(b"")


def test_a_saved_model_knows_what_it_was_learned_from(tmp_path: Path) -> None:
    """Documents, and pages with labels of their own, one by one; never a blank one."""
    documents, scans = labelled_documents(), labelled_pages()
    for name, corpus in (("documents", documents), ("scans", scans)):
        trained = train(corpus, options=QUICK)
        trained.save(tmp_path / name, created_at=WHEN)
        learned = read_learned_texts(tmp_path / name, trained.facts)
        assert learned is not None
        assert ("",) not in learned
        assert all(
            (pages in learned) == (name == "documents") for pages in (each.pages for each in documents)
        )
        assert all((scan.pages[:1] in learned) == (name == "scans") for scan in scans)
        with_blank_page = replace(scans[0], pages=(*scans[0].pages, ""), page_labels=("letter",) * 3)
        assert learned.holds(with_blank_page) == (name == "scans")
        assert not learned.holds(replace(documents[0], pages=("", " - ")))


def test_without_the_file_nothing_is_known_and_another_file_is_refused(tmp_path: Path) -> None:
    """A published model comes without it; a file that was exchanged would say anything."""
    trained = train(labelled_documents(), options=QUICK)
    trained.save(tmp_path / "model", created_at=WHEN)
    file = tmp_path / "model" / LEARNED_TEXTS
    file.write_bytes(bytes(400))
    with pytest.raises(EvaluationError, match=r"learned\.u32: SHA-256 differs"):
        read_learned_texts(tmp_path / "model", trained.facts)
    file.unlink()
    assert read_learned_texts(tmp_path / "model", trained.facts) is None
    before = trained.facts.model_copy(update={"learned_texts": None})
    file.write_bytes(bytes(400))
    assert read_learned_texts(tmp_path / "model", before) is None
