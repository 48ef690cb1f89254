"""What a feature is, as data. Importing this module must stay cheap: no NumPy, no scikit-learn."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MIN_FEATURES: Final = 2**4
MAX_FEATURES: Final = 2**24


def _power_of_two(value: int) -> int:
    if value & (value - 1):
        raise ValueError("should be a power of two")
    return value


class FeatureSpec(BaseModel):
    """How text becomes numbers; two equal specs give the same features for the same text, bit for bit.

    Attributes:
        n_features: Number of hash buckets, a power of two.
        ngram_range: Shortest and longest n-gram, both included, in words or characters.
        analyzer: ``word`` n-grams, or ``char_wb``: character n-grams that stay within words.
        lowercase: Whether text is lowercased first.
        strip_accents: How accents are removed, ``None`` to keep them.
        token_pattern: What a word is, for the ``word`` analyzer: always scikit-learn's default, two word
            characters or more. A pattern chosen by whoever wrote the manifest could take for ever on a page.
        alternate_sign: Always false: positive counts have a logarithm, and a reason has one sign.
        sublinear_tf: Whether a count ``c`` becomes ``1 + ln c``.
        idf: Whether features are weighted by inverse document frequency learned in training.
        norm: Length to which each page's feature vector is scaled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    n_features: Annotated[int, Field(ge=MIN_FEATURES, le=MAX_FEATURES), AfterValidator(_power_of_two)]
    ngram_range: tuple[Annotated[int, Field(ge=1, le=10)], Annotated[int, Field(ge=1, le=10)]] = (1, 2)
    analyzer: Literal["word", "char_wb"] = "word"
    lowercase: bool = True
    strip_accents: Literal["unicode", "ascii"] | None = None
    token_pattern: Literal[r"(?u)\b\w\w+\b"] = r"(?u)\b\w\w+\b"  # noqa: S105 - words, not a secret
    alternate_sign: Literal[False] = False
    sublinear_tf: bool = True
    idf: bool = True
    norm: Literal["l2"] = "l2"

    @model_validator(mode="after")
    def _shortest_first(self) -> Self:
        if self.ngram_range[0] > self.ngram_range[1]:
            raise ValueError("ngram_range should give the shortest n-gram first")
        return self
