"""The compared approaches to scoring texts: this engine, its limit, and peers, as calls to be timed."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline

from benchmarks.engine_texts import LANGUAGES, documents
from smartcat.classifier.features import count_features, vectorizer, weigh
from smartcat.classifier.native_binding import Arrays, feature_space, linear_model
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.unicode_recording import build_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    Approach: TypeAlias = Callable[[Sequence[str]], Callable[[], Any]]

COLUMNS: Final = 20
KINDS: Final = {
    "words 1-2": FeaturePart(analyzer="word", ngram_range=(1, 2)),
    "characters 3-5": FeaturePart(analyzer="char_wb", ngram_range=(3, 5)),
}
_SLACK: Final = 64  # bytes behind a text that the hash may read
_LEARNED: Final = 50  # texts of 3.5 KB in each language from which peers take their words


@dataclass(frozen=True)
class Setting:
    """One kind of features, a number of buckets, and weights by chance for each of them.

    Attributes:
        kind: A key of ``KINDS``.
        bits: There are ``2 ** bits`` buckets.
    """

    kind: str
    bits: int

    @property
    def part(self) -> FeaturePart:
        """Return what n-grams are made of."""
        return KINDS[self.kind]

    @cached_property
    def spec(self) -> FeatureSpec:
        """Return the product's usual features: sublinear counts, idf, length 1."""
        return FeatureSpec(n_features=2**self.bits, parts=(self.part,))

    @cached_property
    def small(self) -> np.ndarray:
        """Return random weights as int8, ``buckets x COLUMNS``."""
        rng = np.random.default_rng(0)
        return rng.integers(-127, 128, (2**self.bits, COLUMNS), dtype=np.int8)

    @cached_property
    def weights(self) -> np.ndarray:
        """Return the same weights as float32, contiguous."""
        return self.small.astype(np.float32) * np.float32(0.01)

    @cached_property
    def idf(self) -> np.ndarray:
        """Return the idf of each bucket."""
        return np.linspace(1, 9, 2**self.bits, dtype=np.float32)


def approaches(setting: Setting, names: Sequence[str]) -> dict[str, Approach]:
    """Return the requested approaches that can be measured here, by name: texts in, a call out.

    What a peer needs done to a text beforehand (lower case, white space, its own marks) is done outside the
    call.
    """
    makers: dict[str, Callable[[Setting], Approach | None]] = {
        "int8": partial(_compiled, small=True),
        "float32": partial(_compiled, small=False),
        "sklearn": _sklearn_well,
        "naive": _sklearn_naively,
        "fasttext20": partial(_fasttext, numbers=COLUMNS),
        "fasttext100": partial(_fasttext, numbers=100),
        "vw": _vowpal_wabbit,
        "limit": _limit_of_grams,
        "bytes": _limit_of_bytes,
    }
    found = {name: makers[name](setting) for name in names}
    return {name: approach for name, approach in found.items() if approach}


def _space(setting: Setting) -> Any:
    return feature_space(build_tables(lowercase=True, strip_accents=None), (setting.part,), 2**setting.bits)


def _compiled(setting: Setting, *, small: bool) -> Approach:
    space = _space(setting)
    arrays = Arrays(
        features=np.arange(2**setting.bits, dtype="<u4"),
        weights=setting.small if small else setting.weights,
        scale=np.full(COLUMNS, 0.01, "<f4") if small else None,
        idf=setting.idf,
        intercept=np.zeros(COLUMNS, "<f4"),
    )
    model = linear_model(space, arrays)
    return lambda texts: lambda: model.score(space.count(texts)).rows()


def _sklearn_well(setting: Setting) -> Approach:
    """Return one batch and one sparse product with contiguous float32 weights."""
    spec, weights = setting.spec, setting.weights
    starts = np.zeros(1, np.int64)
    return lambda texts: lambda: weigh(spec, count_features(spec, texts), starts, setting.idf) @ weights


def _sklearn_naively(setting: Setting) -> Approach:
    """Return a pipeline as training leaves it, called for one document at a time."""
    linear = SGDClassifier()
    linear.coef_ = setting.weights.T.astype(np.float64, order="C")
    linear.intercept_ = np.zeros(COLUMNS)
    linear.classes_ = np.arange(COLUMNS)
    linear.n_features_in_ = 2**setting.bits
    pipeline = make_pipeline(vectorizer(setting.spec, setting.part), linear)
    return lambda texts: lambda: [pipeline.predict([text]) for text in texts]


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _learned() -> list[str]:
    """Return training texts for peers: not those that are measured, which come first."""
    return [text for language in LANGUAGES for text in documents(language, 3_500, 2 * _LEARNED)[_LEARNED:]]


def _fasttext(setting: Setting, numbers: int) -> Approach | None:
    """Return fastText with so many numbers a row: one for each class, or its default of 100."""
    try:
        import fasttext  # noqa: PLC0415 - it may be absent
    except ImportError:
        return None
    grams = {"wordNgrams": 2} if setting.part.analyzer == "word" else {"minn": 3, "maxn": 5}
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        for place, text in enumerate(_learned()):
            file.write(f"__label__{place % COLUMNS} {_plain(text)}\n")
        file.flush()
        model = fasttext.train_supervised(
            file.name, dim=numbers, bucket=2**setting.bits, epoch=1, thread=1, verbose=0, **grams
        )

    def prepare(texts: Sequence[str]) -> Callable[[], Any]:
        plain = [_plain(text) for text in texts]
        return lambda: model.predict(plain)

    return prepare


def _vowpal_wabbit(setting: Setting) -> Approach | None:
    """Return Vowpal Wabbit, for n-grams of words only; its bits are those of weights, 2**5 per feature."""
    if setting.part.analyzer != "word":
        return None
    try:
        from vowpalwabbit import Workspace  # noqa: PLC0415 - it may be absent
    except ImportError:
        return None
    workspace = Workspace(f"--oaa {COLUMNS} -b {setting.bits + 5} --ngram 2 --sgd --quiet")
    for place, text in enumerate(_learned()):
        workspace.learn(f"{1 + place % COLUMNS} {_vowpal_line(text)}")

    def prepare(texts: Sequence[str]) -> Callable[[], Any]:
        lines = [_vowpal_line(text) for text in texts]
        return lambda: [workspace.predict(line) for line in lines]

    return prepare


def _vowpal_line(text: str) -> str:
    return "| " + " ".join(re.findall(r"(?u)\b\w\w+\b", text.lower()))


def _limits() -> ctypes.CDLL | None:
    """Return engine_limit.c, compiled; ``None`` without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        return None
    source = Path(__file__).with_name("engine_limit.c")
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "limit.so"
        command = [compiler, "-std=c11", "-O3", "-shared", "-fPIC", str(source), "-o", str(built)]
        subprocess.run(command, check=True)  # noqa: S603 - our own source
        library = ctypes.CDLL(str(built))
    library.limit_of_grams.restype = library.limit_of_bytes.restype = ctypes.c_int64
    return library


def _tokens(setting: Setting, text: str) -> tuple[bytes, np.ndarray]:
    """Return the tokens of a text side by side, and where each ends, as the engine cuts it."""
    is_word = setting.part.analyzer == "word"
    found = (
        re.findall(r"(?u)\b\w\w+\b", text.lower()) if is_word else list(dict.fromkeys(text.lower().split()))
    )
    tokens = [token.encode() for token in found]
    before = b"" if is_word else b" "
    ends = np.cumsum([len(token) + 1 for token in tokens]) - 1 + len(before)
    return before + b" ".join(tokens) + b" " + bytes(_SLACK), ends.astype("<u4")


def _limit_of_grams(setting: Setting) -> Approach | None:
    library = _limits()
    if library is None:
        return None
    shortest, longest = setting.part.ngram_range
    is_chars = setting.part.analyzer != "word"
    rest = (
        ctypes.c_int(is_chars),
        ctypes.c_uint32(shortest),
        ctypes.c_uint32(longest),
        ctypes.c_void_p(setting.small.ctypes.data),
        ctypes.c_uint32(2**setting.bits - 1),
        ctypes.c_size_t(COLUMNS),
    )

    def prepare(texts: Sequence[str]) -> Callable[[], Any]:
        cut = [_tokens(setting, text) for text in texts]
        calls = [
            (text, ctypes.c_void_p(ends.ctypes.data), ctypes.c_size_t(len(ends)), *rest) for text, ends in cut
        ]
        return lambda: ([library.limit_of_grams(*call) for call in calls], cut)

    return prepare


def _limit_of_bytes(setting: Setting) -> Approach | None:
    library = _limits()
    if library is None:
        return None
    space = _space(setting)
    weights, columns = ctypes.c_void_p(setting.small.ctypes.data), ctypes.c_size_t(COLUMNS)
    rng = np.random.default_rng(0)

    def prepare(texts: Sequence[str]) -> Callable[[], Any]:
        rows = [rng.permutation(np.frombuffer(space.count([text]).csr()[1], "<i8")) for text in texts]
        features = [each.astype("<u4") for each in rows]
        calls = [
            (
                text.encode() + bytes(_SLACK),
                ctypes.c_size_t(len(text.encode())),
                ctypes.c_void_p(each.ctypes.data),
                ctypes.c_size_t(len(each)),
                weights,
                columns,
            )
            for text, each in zip(texts, features, strict=True)
        ]
        return lambda: ([library.limit_of_bytes(*call) for call in calls], features)

    return prepare
