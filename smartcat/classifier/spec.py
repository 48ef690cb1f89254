"""The feature specification, as data. Importing this module must stay cheap: no NumPy, no scikit-learn."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from smartcat.classifier.format_limits import MAX_WIDTH

MIN_FEATURES: Final = 2**4
MAX_FEATURES: Final = 2**24
MAX_PARTS: Final = 4
MAX_HEAD: Final = 2**16

Form: TypeAlias = Literal["nfc-plain"]
"""The canonical forms of text, by name: see :mod:`smartcat.classifier.canonical_text`."""


def _power_of_two(value: int) -> int:
    if value & (value - 1):
        raise ValueError("should be a power of two")
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class FeaturePart(_Strict):
    """One kind of n-gram, with hash buckets of its own.

    Attributes:
        analyzer: ``word`` n-grams, or ``char_wb``: character n-grams that stay within words.
        ngram_range: Shortest and longest n-gram, both included, in words or characters.
        head: Only the first so many characters of a page become n-grams; ``None`` for all of it. Words at the
            top of a page (letterhead, title, "page 2") are stronger evidence than the same words further
            down.
    """

    analyzer: Literal["word", "char_wb"] = "word"
    ngram_range: tuple[Annotated[int, Field(ge=1, le=10)], Annotated[int, Field(ge=1, le=10)]] = (1, 2)
    head: Annotated[int, Field(ge=1, le=MAX_HEAD)] | None = None

    @model_validator(mode="after")
    def _shortest_first(self) -> Self:
        if self.ngram_range[0] > self.ngram_range[1]:
            raise ValueError("ngram_range should give the shortest n-gram first")
        return self

    def describe(self) -> str:
        """Return the part for people, such as ``words 1-2`` or ``characters 3-5 of the first 256``."""
        kind = "words" if self.analyzer == "word" else "characters"
        head = "" if self.head is None else f" of the first {self.head}"
        return f"{kind} {self.ngram_range[0]}-{self.ngram_range[1]}{head}"


class FeatureSpec(_Strict):
    """How text becomes numbers; two equal specs give the same features for the same text, bit for bit.

    Attributes:
        n_features: Number of hash buckets of each part, a power of two. Bucket ``b`` of part ``i`` is feature
            ``i * n_features + b``.
        parts: The kinds of n-grams. Each part's features are scaled to one length, whatever its number of
            n-grams, so that none outweighs another.
        canonical: The form that text is brought into before all else; with one, marks (accents, vowel signs)
            are word characters. ``None``, as in models from before there was a form, reads every character
            as it comes, and is not stored.
        lowercase: Whether text is lowercased then.
        strip_accents: How accents are removed, ``None`` to keep them.
        token_pattern: What a word is, for ``word`` parts: always scikit-learn's default, two word characters
            or more. A pattern from an untrusted manifest could take exponential time on a page.
        alternate_sign: Always false: positive counts have a logarithm, and a reason has one sign.
        sublinear_tf: Whether a count ``c`` becomes ``1 + ln c``.
        idf: Whether features are weighted by inverse document frequency learned in training.
        norm: The vector norm that is scaled.
    """

    n_features: Annotated[int, Field(ge=MIN_FEATURES, le=MAX_FEATURES), AfterValidator(_power_of_two)]
    parts: Annotated[tuple[FeaturePart, ...], Field(fail_fast=True, min_length=1, max_length=MAX_PARTS)] = (
        FeaturePart(),
    )
    canonical: Form | None = None
    lowercase: bool = True
    strip_accents: Literal["unicode", "ascii"] | None = None
    token_pattern: Literal[r"(?u)\b\w\w+\b"] = r"(?u)\b\w\w+\b"  # noqa: S105 - words, not a secret
    alternate_sign: Literal[False] = False
    sublinear_tf: bool = True
    idf: bool = True
    norm: Literal["l2"] = "l2"

    @model_serializer(mode="wrap")
    def _without_no_form(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A model's version is a hash of this: that of a model without the form must stay what it was.
        stored: dict[str, Any] = serialize(self)
        return stored if self.canonical else {k: v for k, v in stored.items() if k != "canonical"}

    @model_validator(mode="after")
    def _parts_differ(self) -> Self:
        if len(set(self.parts)) != len(self.parts):
            raise ValueError("parts should not repeat one another")
        return self

    @model_validator(mode="after")
    def _width_is_bounded(self) -> Self:
        if self.width > MAX_WIDTH:
            raise ValueError(f"n_features of all parts together should be at most {MAX_WIDTH}")
        return self

    @property
    def width(self) -> int:
        """Number of features of all parts together."""
        return self.n_features * len(self.parts)

    def describe(self) -> str:
        """Return the parts for people."""
        return " + ".join(part.describe() for part in self.parts)
