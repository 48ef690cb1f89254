"""The contract of the compiled engine: the features of scikit-learn, bit for bit, over all of Unicode."""

from __future__ import annotations

import gzip
import json
import os
import re
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcat.classifier import native_binding
from smartcat.classifier.features import count_features
from smartcat.classifier.features import fingerprint as defined_fingerprint
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from support.native import chars, counted, expected, space, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)

# How many times more examples than usual: `make parity` looks for longer than the suite can.
MANY = int(os.environ.get("PARITY_EXAMPLES", "1"))

WORDS: FeaturePart = words(1, 2)
CHARS: FeaturePart = chars(3, 5)

# Where the rules are odd: final sigma and what it looks through, dotted I, sharp s, Kelvin and Angstrom
# signs, title case, combining marks, white space and digits of every kind, conjoining and whole Hangul, the
# longest decomposition, lone surrogates, NUL.
ODD = (
    "\u03a3\u03c3\u03c2\u0130\u0131Ii\u00df\u1e9e\u017f\u212a\u212b\u01c5'.:\u00b7\u02b0\u0345\u0300\u0301"
    "\u0323_09\u0663\u00b2\u00bd\u2167\u3007\x00\x1c\x85\xa0\xad\u2003\u200b\u3000\ufeffaB \xe9\xc9e"
    "\u0301\uac00\u1100\u1161\u11a8\uac01\ufdfa\U0001d7d8\U00010400\ud800\udfff\uffff\U0010ffff"
)
ANY_TEXT = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.text(st.sampled_from(ODD), max_size=60),
    st.text(st.one_of(st.sampled_from("abcXYZ .,-_\n\t'"), st.sampled_from(ODD)), max_size=200),
)
PARTS = st.builds(
    FeaturePart,
    analyzer=st.sampled_from(["word", "char_wb"]),
    ngram_range=st.tuples(st.integers(1, 10), st.integers(1, 10)).map(sorted).map(tuple),
    head=st.none() | st.integers(1, 40),
)


@settings(max_examples=60 * MANY)
@given(
    part=PARTS,
    texts=st.lists(ANY_TEXT, min_size=1, max_size=4),
    size=st.sampled_from([2**4, 2**10, 2**20, 2**24]),
    lowercase=st.booleans(),
    strip_accents=st.sampled_from([None, "ascii", "unicode"]),
    alternate_sign=st.booleans(),
)
def test_counts_are_those_of_scikit_learn(
    *,
    part: FeaturePart,
    texts: list[str],
    size: int,
    lowercase: bool,
    strip_accents: str | None,
    alternate_sign: bool,
) -> None:
    """Indices and counts agree for every analyzer, range, size, case, accent and sign, whatever the text."""
    options = {
        "n_features": size,
        "lowercase": lowercase,
        "strip_accents": strip_accents,
        "alternate_sign": alternate_sign,
    }
    assert counted(space(part, **options).count(texts)) == expected(part, texts, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("part", "last"), [(words(1, 1), 0x110000), (chars(3, 3), 0x20000)])
def test_every_character_counts_as_in_scikit_learn(part: FeaturePart, last: int) -> None:
    """Each character between letters, before a sigma and after one, in texts that hold all of Unicode.

    Characters share their folding with words, so what lies beyond the living scripts is left out for them.
    """
    texts = [
        " ".join(f"Ab{chr(code)}\u03a3{chr(code)}cD" for code in range(block, block + 4096))
        for block in range(0, last, 4096)
    ]
    assert counted(space(part).count(texts)) == expected(part, texts)


@given(
    st.lists(ANY_TEXT, min_size=1, max_size=5),
    st.lists(PARTS, min_size=1, max_size=4, unique=True).map(tuple),
)
def test_fingerprints_are_those_of_the_definition(texts: list[str], parts: tuple[FeaturePart, ...]) -> None:
    """The compiled engine proves itself with the very SHA-256 that a model's golden documents record."""
    spec = FeatureSpec(n_features=2**10, parts=parts)
    counts = space(*parts, n_features=2**10).count(texts)
    defined = count_features(spec, texts)
    assert native_binding.fingerprint(counts) == defined_fingerprint(defined)
    assert native_binding.fingerprint(counts, 1, len(texts)) == defined_fingerprint(defined[1:])


@settings(max_examples=100 * MANY)
@given(ANY_TEXT)
def test_words_are_those_of_re_and_case_is_that_of_str(text: str) -> None:
    """Without scikit-learn between: each word of ``re``, lowercased by ``str``, counts as alone."""
    safe = text.encode(errors="replace").decode().lower()
    expected_words = re.findall(r"(?u)\b\w\w+\b", safe)
    alone = space(words(1, 1)).count([text, *expected_words])
    _, indices, _ = counted(alone)
    bounds, _, data = counted(alone)
    assert sum(data[: bounds[1]]) == len(expected_words)
    assert set(indices[: bounds[1]]) == set(indices[bounds[1] :])


@pytest.mark.parametrize(
    ("text", "part", "hashes"),
    [
        ("AB  cd x", words(1, 2), ["ab", "cd", "ab cd"]),
        ("Ab", chars(3, 5), [" ab", "ab ", " ab "]),
        ("a", chars(5, 8), [" a "]),
        ("\u0391\u03a3 \u0391\u03a3\u0391", words(1, 1), ["\u03b1\u03c2", "\u03b1\u03c3\u03b1"]),
        ("İx", words(1, 1), []),
        ("\ud800\ud800b", chars(5, 5), [" ??b "]),
        ("", words(1, 2), []),
        ("a b c", words(1, 2), []),
    ],
)
def test_worked_examples(text: str, part: FeaturePart, hashes: list[str]) -> None:
    """What comes out of a few texts, n-gram by n-gram, with a hash written down independently."""
    wanted = sorted(_bucket(_murmur(gram.encode()), 2**20) for gram in hashes)
    assert counted(space(part).count([text]))[1] == wanted


def test_the_worked_hash_has_the_published_values() -> None:
    """The tests' own MurmurHash3 gives what is published for it, with and without a rest."""
    assert _murmur(b"") == 0
    assert _murmur(b"test") == 0xBA6BD213
    assert _murmur(b"Hello, world!") == 0xC0363E43


@pytest.mark.parametrize("part", [WORDS, CHARS, chars(1, 10), words(3, 3)])
@pytest.mark.parametrize(
    "text",
    [
        # Ten lengths of n-grams make 1.1 million of these: more than the engine keeps hashes of.
        pytest.param("\0" * 110_000, id="NULs"),
        pytest.param("a" * 110_000, id="one character"),
        pytest.param("ab " * 50_000, id="one word"),
        pytest.param("é" * 50_000, id="one accented character"),
        pytest.param("x" + "'" * 55_000 + "\u03a3" + "'" * 55_000, id="a sigma far from its letters"),
        pytest.param("\u03a3" * 50_000, id="sigmas"),
        pytest.param(" ".join(f"{n:x}" for n in range(20_000)), id="all different"),
    ],
)
def test_long_texts_count_as_in_scikit_learn(part: FeaturePart, text: str) -> None:
    """Tokens beyond every buffer and more n-grams than a chunk, at sizes scikit-learn still answers."""
    assert counted(space(part).count([text])) == expected(part, [text])


@pytest.mark.parametrize(
    ("text", "head", "same_as"),
    [
        ("ab cd ef", 5, "ab cd"),
        ("ab cd ef", 4, "ab c"),
        ("\u00e9\u00e9 \U00010400\U00010400 ef", 5, "\u00e9\u00e9 \U00010400\U00010400"),
        ("A\u03a3B", 2, "A\u03a3"),
        ("\u0130I", 1, "\u0130"),
        ("\ud800\ud800bc", 3, "\ud800\ud800b"),
        ("0123456789abcdef" * 3, 17, "0123456789abcdef0"),
        ("ab", 65536, "ab"),
    ],
)
def test_a_head_is_the_first_characters_of_the_raw_text(text: str, head: int, same_as: str) -> None:
    """Code points are counted before anything is folded, and what follows the head is not looked at."""
    for kind in (words, chars):
        alone = counted(space(kind(1, 3)).count([same_as]))
        assert counted(space(kind(1, 3, head)).count([text])) == alone


def test_features_are_counted_part_by_part() -> None:
    """How many different features each part of each text has, whatever order the parts' cuttings come in."""
    parts = (words(1, 1), chars(1, 2, 3), words(1, 2, 5), chars(1, 2))
    counts = space(*parts, n_features=2**12).count(["ab cd ab", "", "ef"])
    alone = [space(part, n_features=2**12).count(["ab cd ab", "", "ef"]).distinct() for part in parts]
    assert counts.distinct() == [tuple(each[row][0] for each in alone) for row in range(3)]
    assert counts.distinct()[0] == (2, 6, 3, 11)


def test_parts_follow_one_another() -> None:
    """Part i has the features from i * n_features on, and counts as it would alone."""
    texts = ["The quick brown fox", "Straße \u0391\u03a3", ""]
    both = space(WORDS, CHARS, n_features=2**12).count(texts)
    bounds, indices, data = counted(both)
    for row, text in enumerate(texts):
        got = list(
            zip(indices[bounds[row] : bounds[row + 1]], data[bounds[row] : bounds[row + 1]], strict=True)
        )
        _, first, first_data = expected(WORDS, [text], n_features=2**12)
        _, second, second_data = expected(CHARS, [text], n_features=2**12)
        shifted = [index + 2**12 for index in second]
        assert got == list(zip([*first, *shifted], [*first_data, *second_data], strict=True))


@pytest.mark.corpus
@pytest.mark.parametrize("part", [WORDS, CHARS])
def test_documents_of_every_corpus_count_as_in_scikit_learn(corpora: Path, part: FeaturePart) -> None:
    """Real text in English and German, clean and from OCR: every 97th document, or all with `make parity`."""
    step = int(os.environ.get("PARITY_EVERY", "97"))
    for file in sorted(corpora.glob("*.jsonl.gz")):
        texts = islice(_texts(file), 0, None, step)
        while batch := list(islice(texts, 500)):
            assert counted(space(part).count(batch)) == expected(part, batch), file.name


def _texts(file: Path) -> Iterator[str]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def _murmur(data: bytes) -> int:
    state, mask = 0, 0xFFFFFFFF
    blocks = len(data) // 4
    words = [int.from_bytes(data[4 * i : 4 * i + 4], "little") for i in range(blocks + 1)]
    for number, word in enumerate(words):
        mixed = word * 0xCC9E2D51 & mask
        mixed = (mixed << 15 | mixed >> 17) * 0x1B873593 & mask
        state ^= mixed
        if number < blocks:
            state = ((state << 13 | state >> 19) * 5 + 0xE6546B64) & mask
    state ^= len(data)
    state = (state ^ state >> 16) * 0x85EBCA6B & mask
    state = (state ^ state >> 13) * 0xC2B2AE35 & mask
    return state ^ state >> 16


def _bucket(hashed: int, size: int) -> int:
    return abs(hashed - 2**32 if hashed >= 2**31 else hashed) % size
