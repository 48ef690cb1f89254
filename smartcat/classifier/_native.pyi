# The extension module, built from _engine/*.c; others import smartcat.classifier.native_binding.
from collections.abc import Iterable
from typing import Literal, final

from typing_extensions import Buffer

MAX_TEXT_BYTES: int

def bounds(buffer: Buffer, /) -> tuple[float, float]: ...
def descend(
    *arrays: Buffer, first: int, logistic: bool, tolerance: float, max_epochs: int, seed: int
) -> int: ...

@final
class Tables:
    def __new__(cls, data: Buffer) -> Tables: ...
    @property
    def lowercase(self) -> bool: ...
    @property
    def strip_accents(self) -> Literal["ascii", "unicode"] | None: ...

@final
class Features:
    def __new__(
        cls,
        tables: Tables,
        parts: Iterable[tuple[str, int, int, int]],
        n_features: int,
        alternate_sign: bool = False,
    ) -> Features: ...
    def count(self, texts: Iterable[str], /) -> Counts: ...

@final
class Counts:
    def __len__(self) -> int: ...
    def distinct(self) -> list[tuple[int, ...]]: ...
    def csr(self, start: int = 0, stop: int = ...) -> tuple[bytes, bytes, bytes]: ...

@final
class Model:
    def __new__(
        cls,
        space: Features,
        features: Buffer,
        weights: Buffer,
        intercept: Buffer,
        *,
        scale: Buffer | None = None,
        idf: Buffer | None = None,
        sublinear: bool = True,
    ) -> Model: ...
    @property
    def columns(self) -> int: ...
    @property
    def rows(self) -> int: ...
    def fits(self, counts: Counts, /) -> bool: ...
    def score(self, counts: Counts, /) -> Scores: ...

@final
class Scores:
    def rows(self) -> list[list[float] | None]: ...
    def kept(self) -> list[tuple[int, ...]]: ...
    def numbers(self) -> bytes: ...
    def values(self, page: int, /) -> tuple[bytes, bytes]: ...
    def reasons(
        self, pages: Iterable[tuple[int, float]], column: int, limit: int
    ) -> list[tuple[str, float]]: ...
