"""Scores, reasons and refusals of the compiled engine, against NumPy and hand-worked sums."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcat.classifier import native_binding
from smartcat.classifier.errors import ModelError
from smartcat.classifier.features import (
    SUBLINEAR,
    bucket,
    count_features,
    entries_per_part,
    keep,
    lookup,
    weigh,
)
from smartcat.classifier.native_binding import Arrays, bounds, fingerprint, linear_model, score
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.unicode_recording import build_tables
from support.native import chars, counted, space, vectorizer, words

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.classifier._native import Model

pytestmark = pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)

MANY = int(os.environ.get("PARITY_EXAMPLES", "1"))  # more of them in `make parity`

WORDS: FeaturePart = words(1, 2)
CHARS: FeaturePart = chars(3, 5)
FEW = st.lists(
    st.sampled_from(["ab", "cd", "ef", "gh", "straße", "\u0391\u03a3", "x", "ab-cd"]), max_size=30
).map(" ".join)


def arrays(
    columns: int, *, features: int, seed: int = 0, small: bool = False, idf: bool = True, kept: float = 0.5
) -> dict[str, Any]:
    """Random arrays of a model that keeps about half of the features, as NumPy arrays by name."""
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(rng.random(features) < kept).astype("<u4")
    made: dict[str, Any] = {"features": rows, "intercept": rng.normal(size=columns).astype("<f4")}
    if small:
        made["weights"] = rng.integers(-127, 128, (len(rows), columns)).astype("i1")
        made["scale"] = rng.uniform(0.001, 0.02, columns).astype("<f4")
    else:
        made["weights"] = rng.normal(size=(len(rows), columns)).astype("<f4")
    if idf:
        made["idf"] = rng.uniform(0.5, 8, len(rows)).astype("<f4")
    return made


def model_of(
    made: dict[str, Any], *parts: FeaturePart, n_features: int = 2**10, sublinear: bool = True
) -> Model:
    """A native model over NumPy arrays."""
    return linear_model(space(*parts, n_features=n_features), Arrays(**made, sublinear=sublinear))


def weighted(
    made: dict[str, Any], part: FeaturePart, text: str, size: int, *, sublinear: bool
) -> dict[int, float]:
    """Kept features and values of a text by the definition, in float64."""
    counts = vectorizer(part, n_features=size).transform([text])
    idf = made.get("idf", np.ones(len(made["features"])))
    row_of = {int(feature): row for row, feature in enumerate(made["features"])}
    values = {
        int(index): (1 + math.log(count) if sublinear else count) * float(idf[row_of[int(index)]])
        for index, count in zip(counts.indices, counts.data, strict=True)
        if int(index) in row_of
    }
    norm = math.sqrt(sum(value * value for value in values.values())) or 1.0
    return {index: value / norm for index, value in values.items()}


@settings(max_examples=50 * MANY)
@given(
    text=FEW,
    columns=st.sampled_from([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 20, 21, 31, 33, 50]),
    small=st.booleans(),
    idf=st.booleans(),
    sublinear=st.booleans(),
    part=st.sampled_from([WORDS, CHARS]),
)
def test_scores_are_the_sums_of_the_definition(
    *, text: str, columns: int, small: bool, idf: bool, sublinear: bool, part: FeaturePart
) -> None:
    """Values within 1e-6 and scores within 1e-5 of sums in float64, for every shape of the weights."""
    made = arrays(columns, features=2**10, small=small, idf=idf)
    scores = score(
        model_of(made, part, sublinear=sublinear), space(part, n_features=2**10), [text, "unrelated", text]
    )
    values = weighted(made, part, text, 2**10, sublinear=sublinear)
    indices, got = (np.frombuffer(a, t) for a, t in zip(scores.values(0), ("<u4", "<f4"), strict=True))
    assert dict(zip(indices.tolist(), got.tolist(), strict=True)) == pytest.approx(values, rel=1e-6)
    weights = made["weights"].astype(np.float64) * made.get("scale", np.float64(1))
    row_of = {int(feature): row for row, feature in enumerate(made["features"])}
    wanted = made["intercept"] + sum((v * weights[row_of[i]] for i, v in values.items()), np.zeros(columns))
    rows = scores.rows()
    assert rows[0] == (pytest.approx(wanted.tolist(), abs=1e-5) if values else None)
    assert rows[2] == rows[0]
    numbers = np.frombuffer(scores.numbers(), "<f8").reshape(3, columns)
    assert numbers[0].tolist() == pytest.approx(wanted.tolist(), abs=1e-5)
    assert scores.kept()[0] == (len(values),)


MIXED = (words(1, 2), chars(2, 4), words(1, 2, 7), chars(1, 3, 12))


@given(
    texts=st.lists(FEW, min_size=1, max_size=4),
    parts=st.lists(st.sampled_from(MIXED), min_size=1, max_size=4, unique=True).map(tuple),
    small=st.booleans(),
    idf=st.booleans(),
    kept=st.sampled_from([0.02, 0.5, 1.0]),
)
def test_parts_have_one_length_each(
    *, texts: list[str], parts: tuple[FeaturePart, ...], small: bool, idf: bool, kept: float
) -> None:
    """Values, kept features and scores of several parts with heads are those of the definition."""
    spec = FeatureSpec(n_features=2**8, parts=parts, idf=idf)
    made = arrays(5, features=spec.width, small=small, idf=idf, kept=kept)
    starts = np.searchsorted(made["features"], np.arange(len(parts)) * 2**8)
    known = keep(count_features(spec, texts), lookup(made["features"], spec.width), len(made["features"]))
    wanted = weigh(spec, known, starts, made.get("idf"))
    features = space(*parts, n_features=2**8)
    scores = score(model_of(made, *parts, n_features=2**8), features, texts)
    weights = made["weights"].astype(np.float64) * made.get("scale", np.float64(1))
    margins = (wanted.astype(np.float64) @ weights) + made["intercept"]
    assert scores.kept() == [tuple(row) for row in entries_per_part(known, starts).tolist()]
    for row in range(len(texts)):
        indices, values = (
            np.frombuffer(a, t) for a, t in zip(scores.values(row), ("<u4", "<f4"), strict=True)
        )
        order = np.argsort(indices)
        assert indices[order].tolist() == made["features"][wanted[row].indices].tolist()
        assert values[order].tolist() == pytest.approx(wanted[row].data.tolist(), rel=1e-6)
        assert scores.rows()[row] == (pytest.approx(margins[row].tolist(), abs=1e-5) if len(values) else None)


def test_a_score_worked_by_hand() -> None:
    """Two words of which one came three times, idf 2 and 1, weights in eighths of a scale."""
    features = {word: bucket(word, 2**10) for word in ("ab", "cd")}
    order = sorted(features, key=features.__getitem__)
    weights = {"ab": (8, -4), "cd": (0, 16)}
    idf = {"ab": 2.0, "cd": 1.0}
    made = {
        "features": np.array(sorted(features.values()), "<u4"),
        "weights": np.array([weights[word] for word in order], "i1"),
        "idf": np.array([idf[word] for word in order], "<f4"),
        "scale": np.array([0.125, 0.25], "<f4"),
        "intercept": np.array([0.5, -0.5], "<f4"),
    }
    part: FeaturePart = words(1, 1)
    scores = score(model_of(made, part), space(part, n_features=2**10), ["cd AB cd cd unseen"])
    ab, cd = 2.0, 1 + math.log(3)
    norm = math.hypot(ab, cd)
    assert scores.rows() == [
        [pytest.approx(ab / norm * 1.0 + 0.5), pytest.approx((ab * -1.0 + cd * 4.0) / norm - 0.5)]
    ]
    assert scores.kept() == [(2,)]
    assert space(part, n_features=2**10).count(["cd AB cd cd unseen"]).distinct() == [(3,)]


def test_a_page_without_a_kept_feature_has_no_row() -> None:
    """The intercepts alone are no evidence, and the page says so."""
    made = arrays(3, features=2**10, kept=0.5)
    kept = set(made["features"].tolist())
    unkept = next(word for word in (f"w{n}" for n in range(100)) if bucket(word, 2**10) not in kept)
    scores = score(model_of(made, words(1, 1)), space(words(1, 1), n_features=2**10), ["", unkept])
    assert scores.rows() == [None, None]
    assert scores.kept() == [(0,), (0,)]
    assert np.frombuffer(scores.numbers(), "<f8").tolist() == made["intercept"].tolist() * 2


def test_scores_do_not_depend_on_the_batch_nor_on_what_was_scored_before() -> None:
    """The same bits for a text alone, in a batch, after a huge one, and in another order."""
    texts = ["ab cd ef", "x " * 300_000, "straße \u0391\u03a3 ab ab", ""]
    made = arrays(20, features=2**10, small=True)
    model, features = model_of(made, WORDS), space(WORDS, n_features=2**10)
    together = score(model, features, texts).rows()
    assert [score(model, features, [text]).rows()[0] for text in texts] == together
    assert score(model, features, texts[::-1]).rows()[::-1] == together


def test_logarithms_are_those_of_training() -> None:
    """Sublinear counts have the float32 of the table in the definition, and of math.log beyond it."""
    part: FeaturePart = words(1, 1)
    made = {
        "features": np.arange(2**10, dtype="<u4"),
        "weights": np.zeros((2**10, 1), "<f4"),
        "intercept": np.zeros(1, "<f4"),
    }
    texts = [f"{'ab ' * count}" for count in (1, 2, 3, 1000, 4095, 4096, 5000)]
    model, features = model_of(made, part), space(part, n_features=2**10)
    for text in texts:
        count = text.count("ab")
        log = float(np.float32(SUBLINEAR[count] if count < 4096 else 1 + math.log(count)))
        _, values = model.score(features.count([text + "cd"])).values(0)
        heavy, light = sorted(np.frombuffer(values, "<f4").tolist(), reverse=True)
        assert heavy / light == pytest.approx(log, rel=2e-7)


@pytest.mark.parametrize("small", [True, False])
def test_a_column_has_the_same_bits_whatever_stands_beside_it(*, small: bool) -> None:
    """Narrow models are added up as wide ones are on older processors: both give the same bits."""
    made = arrays(20, features=2**10, small=small)
    text = [" ".join(f"w{n % 700}" for n in range(2_000))]
    features = space(WORDS, n_features=2**10)
    (together,) = score(model_of(made, WORDS), features, text).rows()
    alone: list[float] = []
    for first in range(0, 20, 5):
        some = {name: made[name][first : first + 5] for name in ("intercept", "scale") if name in made}
        some["weights"] = np.ascontiguousarray(made["weights"][:, first : first + 5])
        (row,) = score(model_of({**made, **some}, WORDS), features, text).rows()
        alone += row or ()
    assert alone == together


def test_another_model_scores_the_same_counts() -> None:
    """A shadow model with the same features needs no second hashing, though it was loaded on its own."""
    counts = space(WORDS, n_features=2**10).count(["ab cd", "ef gh"])
    first = model_of(arrays(3, features=2**10, seed=1, kept=1.0), WORDS)
    space.cache_clear()
    shadow = model_of(arrays(2, features=2**10, seed=2, small=True), WORDS)
    assert [len(row or ()) for row in first.score(counts).rows()] == [3, 3]
    alone = score(shadow, space(WORDS, n_features=2**10), ["ab cd", "ef gh"]).rows()
    assert shadow.score(counts).rows() == alone
    other = model_of(arrays(2, features=2**10), CHARS)
    with pytest.raises(ValueError, match="other features"):
        other.score(counts)


def reasons_by_hand(
    made: dict[str, Any], part: FeaturePart, pages: list[tuple[str, float]], column: int, limit: int
) -> list[tuple[str, float]]:
    """Reasons from the definition: sums in float64, names by frequency and then by name."""
    row_of = {int(feature): row for row, feature in enumerate(made["features"])}
    sums: Counter[int] = Counter()
    names: Counter[str] = Counter()
    analyze = vectorizer(part, n_features=2**6).build_analyzer()
    for text, weight in pages:
        names.update(analyze(text))
        for index, value in weighted(made, part, text, 2**6, sublinear=True).items():
            scale = float(made["scale"][column]) if "scale" in made else 1.0
            sums[index] += weight * value * float(made["weights"][row_of[index], column]) * scale  # type: ignore[assignment]
    best = sorted((index for index in sums if sums[index] > 0), key=lambda index: (-sums[index], index))[
        :limit
    ]
    chosen: dict[int, str] = {}
    for name in sorted(names, key=lambda name: (-names[name], name)):
        chosen.setdefault(bucket(name, 2**6), name)
    return [(chosen[index], float(sums[index])) for index in best]


@given(
    pages=st.lists(st.tuples(FEW, st.sampled_from([0.0, 0.25, 1.0])), min_size=1, max_size=4),
    part=st.sampled_from([WORDS, CHARS, chars(2, 2), words(2, 3)]),
    limit=st.integers(0, 12),
    small=st.booleans(),
)
def test_reasons_are_those_of_the_definition(
    *, pages: list[tuple[str, float]], part: FeaturePart, limit: int, small: bool
) -> None:
    """Over 64 buckets, where most n-grams collide: the same names and sums, in any order of pages."""
    made = arrays(3, features=2**6, small=small)
    model, features = model_of(made, part, n_features=2**6), space(part, n_features=2**6)
    scores = score(model, features, ["decoy page", *(text for text, _ in pages)])
    voices = [(number, weight) for number, (_, weight) in enumerate(pages, 1)]
    got = scores.reasons(voices, 1, limit)
    wanted = reasons_by_hand(made, part, pages, 1, limit)
    assert [weight for _, weight in got] == pytest.approx([weight for _, weight in wanted], rel=1e-6)
    assert Counter(name for name, _ in got) == Counter(name for name, _ in wanted)
    assert scores.reasons(voices[::-1], 1, limit) == got


@pytest.mark.parametrize("part", [WORDS, CHARS])
def test_reasons_of_a_text_beyond_what_is_kept_are_found_again(part: FeaturePart) -> None:
    """The hashes of more than a million n-grams are not kept; the reasons are right all the same."""
    made = arrays(2, features=2**6)
    text = "ab cd straße " * 3 + " ".join(
        f"{n:07d}x" if part == CHARS else f"{n % 999}x" for n in range(60_000 if part == CHARS else 550_000)
    )
    model, features = model_of(made, part, n_features=2**6), space(part, n_features=2**6)
    long = score(model, features, [text]).reasons([(0, 1.0)], 0, 5)
    counts: Counter[str] = Counter(vectorizer(part, n_features=2**6).build_analyzer()(text))
    named = {bucket(name, 2**6): name for name, _ in long}
    best = dict.fromkeys(named, (0, ""))
    for name, count in counts.items():
        hashed = bucket(name, 2**6)
        if hashed in best:
            best[hashed] = min(best[hashed], (-count, name))
    assert named == {hashed: name for hashed, (_, name) in best.items()}


def test_a_word_of_megabytes_and_its_reasons_take_linear_time() -> None:
    """One token of two million characters, accented or not, which holds every bucket over and over."""
    made = arrays(2, features=2**4, kept=1.0)
    part: FeaturePart = chars(1, 3)
    model, features = model_of(made, part, n_features=2**4), space(part, n_features=2**4)
    for text in ("é" * 2_000_000, "ab" * 1_000_000):
        assert score(model, features, [text]).reasons([(0, 1.0)], 0, 5)


def test_threads_share_a_model() -> None:
    """More threads than there is idle scratch memory, at work on texts of all sizes, answer as one does."""
    texts = ["ab cd ef " * n for n in (1, 7, 300, 20_000)] + ["straße \u0391\u03a3", ""]
    model, features = model_of(arrays(5, features=2**10), WORDS), space(WORDS, n_features=2**10)
    wanted = score(model, features, texts).rows()
    answers: list[list[list[float] | None]] = []

    def work() -> None:
        answers.extend(score(model, features, texts).rows() for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [wanted] * 40


@given(st.lists(st.floats(width=32), max_size=40))
def test_the_bounds_of_an_array(values: list[float]) -> None:
    """A loader without NumPy can refuse arrays that hold no numbers."""
    extremes = bounds(np.array(values, "<f4"))
    if any(math.isnan(value) for value in values):
        assert extremes == (-math.inf, math.inf)
    else:
        assert extremes == (min(values, default=math.inf), max(values, default=-math.inf))


def test_a_generator_of_texts_and_none_at_all() -> None:
    """Any iterable of texts will do; an empty one is no error."""
    features = space(WORDS)
    assert len(features.count(text for text in ["ab", "cd"])) == 2
    assert counted(features.count([])) == ([0], [], [])
    assert fingerprint(features.count([])) == fingerprint(features.count(()))


def _part(analyzer: str, shortest: int, longest: int, head: int | None = None) -> FeaturePart:
    """A part that no specification would let pass."""
    unchecked: Any = FeaturePart.model_construct
    part: FeaturePart = unchecked(analyzer=analyzer, ngram_range=(shortest, longest), head=head)
    return part


GOOD: dict[str, Any] = {
    "features": np.array([1, 5], "<u4"),
    "weights": np.zeros((2, 3), "i1"),
    "scale": np.ones(3, "<f4"),
    "idf": np.ones(2, "<f4"),
    "intercept": np.zeros(3, "<f4"),
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": np.array([5, 1], "<u4")}, "do not ascend"),
        ({"features": np.array([5, 5], "<u4")}, "do not ascend"),
        ({"features": np.array([1, 2**10], "<u4")}, "beyond the last bucket"),
        ({"features": b"\1\0\0\0\2"}, "features: not an aligned array"),
        ({"features": memoryview(bytes(9))[1:]}, "features: not an aligned array"),
        ({"weights": np.zeros((2, 2), "i1")}, "weights: 4 bytes, but 6 are needed"),
        ({"scale": None}, "weights: not an aligned array"),
        ({"scale": np.ones(2, "<f4")}, "scale: 8 bytes, but 12 are needed"),
        ({"idf": np.ones(3, "<f4")}, "idf: 12 bytes, but 8 are needed"),
        ({"intercept": b""}, "columns"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: dict[str, Any], message: str) -> None:
    """Nothing in the arrays can make the engine read beyond them: sizes, order and bounds are checked."""
    with pytest.raises(ModelError, match=message):
        model_of({**GOOD, **change}, WORDS)


@pytest.mark.parametrize(
    ("parts", "size", "message"),
    [
        ((), 2**10, "1 to 4 parts"),
        ((WORDS,) * 5, 2**10, "1 to 4 parts"),
        ((_part("words", 1, 2),), 2**10, "analyzer should be"),
        ((_part("word", 0, 2),), 2**10, "n-grams should be"),
        ((_part("word", 1, 11),), 2**10, "n-grams should be"),
        ((_part("word", 3, 2),), 2**10, "n-grams should be"),
        ((_part("word", 1, 2, -1),), 2**10, "head should not be"),
        ((WORDS,), 1000, "power of two"),
        ((WORDS,), 2**25, "power of two"),
        ((WORDS,), 2**70, "model"),
    ],
)
def test_features_that_the_engine_does_not_know_are_refused(
    parts: tuple[FeaturePart, ...], size: int, message: str
) -> None:
    """One sentence says what is wrong, and saving a model asks the same question beforehand."""
    with pytest.raises(ModelError, match=message):
        space(*parts, n_features=size)
    spec = FeatureSpec.model_construct(parts=parts, n_features=size)
    assert native_binding.why_unsupported(spec) or "head" in message


def test_what_the_engine_knows_is_not_refused() -> None:
    """Saving a model of usual features passes."""
    assert native_binding.why_unsupported(FeatureSpec(n_features=2**20, parts=(WORDS, CHARS))) is None


def test_wrong_arguments_raise_and_leave_nothing_behind() -> None:
    """A text that is none, a page or a column that is not there, a weight that is no weight."""
    features = space(WORDS, n_features=2**10)
    model = model_of(arrays(2, features=2**10), WORDS)
    scores = score(model, features, ["ab"])
    with pytest.raises(TypeError, match="should be a str"):
        features.count(["ab", b"ab"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="Counts"):
        model.score(["ab"])  # type: ignore[arg-type]
    with pytest.raises(IndexError, match="no such text"):
        scores.reasons([(1, 1.0)], 0, 5)
    with pytest.raises(IndexError, match="no such column"):
        scores.reasons([(0, 1.0)], 2, 5)
    with pytest.raises(ValueError, match="negative"):
        scores.reasons([(0, math.nan)], 0, 5)
    with pytest.raises(ValueError, match="limit"):
        scores.reasons([(0, 1.0)], 0, -1)
    with pytest.raises(IndexError, match="no such text"):
        scores.values(1)
    with pytest.raises(ValueError, match="larger than"):
        features.count(["a" * (2**25 + 1)])
    assert score(model, features, ["ab"]).rows() == scores.rows()


def test_memory_that_runs_out_is_an_error_and_no_crash(tmp_path: Path) -> None:
    """With 20 MB of address space left a text that needs more is a MemoryError, and the next is served."""
    (tmp_path / "unicode.bin").write_bytes(build_tables())
    program = (
        "import resource, sys\n"
        "from smartcat.classifier.native_binding import feature_space\n"
        "from smartcat.classifier.spec import FeaturePart\n"
        "part = FeaturePart(analyzer='char_wb', ngram_range=(1, 10))\n"
        "features = feature_space(open(sys.argv[1], 'rb').read(), [part], 2**20)\n"
        "text = ' '.join(f'{n:x}' for n in range(400_000))\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 20_000_000,) * 2)\n"
        "try:\n    features.count([text])\n"
        "except MemoryError:\n    print('refused', len(features.count(['ab'])))\n"
    )
    paths = [path for path in sys.path if path]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "unicode.bin")],
        env={"PYTHONPATH": ":".join(["tests", ".", *paths])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "refused 1\n"
