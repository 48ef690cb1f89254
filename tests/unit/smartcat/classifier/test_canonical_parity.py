"""The canonical form in both engines: bit for bit the same, and what reads alike is decided alike."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcat.classifier import native_binding
from smartcat.classifier.classifier import Classifier, load_classifier, make_scorer
from smartcat.classifier.errors import ModelError
from smartcat.classifier.features import count_part, utf8_safe
from smartcat.classifier.page_means import combine
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.ngram_counting import count_ngrams
from support.native import chars, words
from support.random_models import paperwork, random_model
from support.unicode import MIXED_TEXT, odd_characters, rewritten

DATA = Path(__file__).parent / "data"
PARTS = (words(1, 2), chars(2, 4), words(1, 2, head=60), chars(1, 2, head=9))
SPEC = FeatureSpec(n_features=2**14, parts=PARTS, canonical="nfc-plain")
ENGINES: tuple[Any, ...] = ("sklearn", "compiled") if native_binding.AVAILABLE else ("sklearn",)
with_compiled_engine = pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)


def assert_same_counts(spec: FeatureSpec, part: FeaturePart, texts: list[str]) -> None:
    """Both engines count the same features in every text."""
    difference = count_ngrams(spec, part, texts) != count_part(spec, part, texts)
    assert [ascii(texts[row]) for row in sorted(set(difference.nonzero()[0]))[:3]] == []


@with_compiled_engine
@settings(max_examples=25)
@given(
    st.lists(MIXED_TEXT, min_size=1, max_size=8),
    st.sampled_from(PARTS),
    st.sampled_from([{}, {"strip_accents": "unicode"}]),
)
def test_both_engines_have_one_form(texts: list[str], part: FeaturePart, options: dict[str, Any]) -> None:
    """Whatever the text, the part of the features and the folding that follows."""
    assert_same_counts(SPEC.model_copy(update=options), part, texts)


@with_compiled_engine
@pytest.mark.parametrize("part", PARTS, ids=FeaturePart.describe)
def test_both_engines_have_one_form_of_every_odd_character(part: FeaturePart) -> None:
    """Between letters, after a mark, and in random company."""
    odd, draw = odd_characters(), random.Random(5)  # noqa: S311 - test data
    texts = [f"x{character}e\u0301{character} {character}a" for character in odd]
    texts += [
        "".join(draw.choices(odd + "ae \u0301\u0323\u1100\u1161\u11a8" * 300, k=12)) for _ in range(3000)
    ]
    assert_same_counts(SPEC, part, [utf8_safe(text) for text in texts])


@with_compiled_engine
@pytest.mark.parametrize("marks", [3, 24, 25, 5000])
def test_any_number_of_marks_is_sorted(marks: int) -> None:
    """A handful by insertion, a crowd by counting, with one result."""
    draw = random.Random(marks)  # noqa: S311 - test data
    crowd = "".join(draw.choices("\u0301\u0323\u0327\u0345\u05b4\u094d\u3099\u0344", k=marks))
    assert_same_counts(SPEC, chars(1, 4), ["\u00e9" + crowd + "x " + crowd, crowd])


@pytest.mark.parametrize("engine", ENGINES)
def test_what_reads_alike_scores_alike(engine: Any) -> None:
    """Words, characters and heads; the label, the confidence and every score, to the last bit."""
    draw = random.Random(7)  # noqa: S311 - test data
    scorer = make_scorer(random_model(SPEC), engine)
    classifier = Classifier(scorer)
    for pages in paperwork(6, 3):
        other = tuple(rewritten(page, draw) for page in pages)
        assert scorer.score(other).pages() == scorer.score(pages).pages()
        assert classifier.classify([other]) == classifier.classify([pages])
        assert classifier.split([other]) == classifier.split([pages])


@settings(max_examples=25)
@given(MIXED_TEXT, st.randoms(use_true_random=False))
def test_equivalent_texts_score_alike_in_all_of_unicode(text: str, draw: random.Random) -> None:
    """Canonically equivalent texts, hidden characters and leading spaces, in both engines."""
    page = "invoice 4711 total \u00e9\u00fc " + text
    for engine in ENGINES:
        scorer = make_scorer(random_model(SPEC), engine)
        assert scorer.score([rewritten(page, draw)]).pages() == scorer.score([page]).pages()


@pytest.mark.parametrize("engine", ENGINES)
def test_spaces_do_not_move_the_head(engine: Any) -> None:
    """What `pdftotext -layout` puts between words, and before them, takes nothing of the top of a page."""
    spec = FeatureSpec(n_features=2**10, parts=(words(1, 1, head=20),), canonical="nfc-plain")
    scorer = make_scorer(random_model(spec), engine)
    page = "Invoice of the tenant for all of May"
    assert scorer.fingerprint([" " * 256 + page.replace(" ", " " * 30)]) == scorer.fingerprint([page])
    assert scorer.fingerprint(["Invoice of the tenan"]) == scorer.fingerprint([page])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_from_before_the_form_decides_as_it_did(engine: Any) -> None:
    """A model directory written before there was a form: its version, its features and its scores."""
    then = json.loads((DATA / "before-the-canonical-form.json").read_text("utf-8"))
    classifier = load_classifier(DATA / "before-the-canonical-form", engine)
    assert classifier.model_version == then["model_version"]
    assert classifier.model.spec.canonical is None
    for document in then["documents"]:
        pages = classifier.scorer.score(document["pages"]).pages()
        assert classifier.scorer.fingerprint(document["pages"]) == document["features"]
        assert classifier.classify([document["pages"]])[0].label == document["label"]
        scores = combine(pages) if any(page.has_features for page in pages) else None
        assert scores == (None if document["scores"] is None else pytest.approx(document["scores"], abs=1e-5))


def test_a_specification_without_form_is_stored_as_before() -> None:
    """Its field is left out, so that the version of such a model stays what it was."""
    assert "canonical" not in FeatureSpec(n_features=16).model_dump(mode="json")
    assert SPEC.model_dump()["canonical"] == "nfc-plain"
    assert FeatureSpec.model_validate_json(SPEC.model_dump_json()) == SPEC


@with_compiled_engine
@pytest.mark.parametrize(("model", "tables"), [("nfc-plain", None), (None, "nfc-plain")])
def test_tables_of_another_form_are_refused(model: Any, tables: Any) -> None:
    """A model whose tables have no form, or one that it does not want, must not be used."""
    spec = FeatureSpec(n_features=2**10, canonical=model)
    other = random_model(FeatureSpec(n_features=2**10, canonical=tables))
    arrays = {**random_model(spec).arrays, "unicode.bin": other.arrays["unicode.bin"]}
    with pytest.raises(ModelError, match="another canonical form"):
        make_scorer(replace(random_model(spec), arrays=arrays), "compiled")
