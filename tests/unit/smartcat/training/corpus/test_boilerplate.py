from __future__ import annotations

import random

import pytest

from smartcat.training.corpus import boilerplate
from smartcat.training.corpus.boilerplate import BoilerplateSample
from smartcat.training.corpus.near_copies import shingles

FOOTER = " ".join(f"footer{number}" for number in range(104))


def sampled(*, per_label: int, shared: str, chunk: int = 7) -> BoilerplateSample:
    """Return a sample of pages of two labels with 104 words of their own and a shared text."""
    draw = random.Random(4)  # noqa: S311 - generates test data
    sample = BoilerplateSample()
    pages = [
        (f"{' '.join(f'{label}{draw.randrange(10**6)}' for _ in range(104))}. {shared}", label)
        for _ in range(per_label)
        for label in ("letter", "deed")
    ]
    for start in range(0, len(pages), chunk):
        texts, labels = zip(*pages[start : start + chunk], strict=True)
        sample.add(shingles(texts), labels)
    return sample


@pytest.mark.parametrize("entries", [10**6, 5000])
def test_what_most_pages_of_every_label_share_is_boilerplate(
    entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A footer of half the words is half of the text; a sample that is thinned out says the same."""
    monkeypatch.setattr(boilerplate, "_MAX_ENTRIES", entries)
    sample = sampled(per_label=60, shared=FOOTER)
    assert sample.share() == pytest.approx(100 / 204, abs=0.02)
    assert sampled(per_label=60, shared="").share() == 0.0


def test_of_few_pages_or_one_label_nothing_is_said() -> None:
    """What four pages share may be chance, and what one label shares is what it is."""
    assert sampled(per_label=4, shared=FOOTER).share() is None
    assert BoilerplateSample().share() is None
    alone = BoilerplateSample()
    alone.add(shingles([FOOTER] * 20), ["letter"] * 20)
    assert alone.share() is None
