"""Word lists and number formats of a language, read from ``text/<language>/vocabulary.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from smartcat.cli.samples.data_files import LANGUAGES, read_toml


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names and formats of one language; every tuple has at least one entry.

    Attributes:
        currency: Templates around a formatted number, such as ``{} EUR``.
        thousands: Mark between groups of three digits.
        decimal: Mark before the fraction.
        date_formats: ``str.format`` templates over ``d``, ``m``, ``y`` and ``name`` (of the month).
        day_format: ``str.format`` template over ``d`` and ``m``, as ledgers write a day without its year.
        iban_prefix: Country code; check digits are always ``00``, which no real account has.
    """

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[str, ...]
    months: tuple[str, ...]
    banks: tuple[str, ...]
    insurers: tuple[str, ...]
    employers: tuple[str, ...]
    firms: tuple[str, ...]
    notaries: tuple[str, ...]
    offices: tuple[str, ...]
    courts: tuple[str, ...]
    brokers: tuple[str, ...]
    engineers: tuple[str, ...]
    landlords: tuple[str, ...]
    jobs: tuple[str, ...]
    districts: tuple[str, ...]
    eyes: tuple[str, ...]
    houses: tuple[str, ...]
    fuels: tuple[str, ...]
    currency: tuple[str, ...]
    thousands: str
    decimal: str
    date_formats: tuple[str, ...]
    day_format: str
    street_format: str
    postcode_format: str
    iban_prefix: str
    phone_prefix: str


def _read(language: str) -> Vocabulary:
    fields = read_toml(language, "vocabulary.toml")
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    return Vocabulary(**{**fields, **lists})


VOCABULARIES: Final = {language: _read(language) for language in LANGUAGES}
"""The vocabulary of each language."""
