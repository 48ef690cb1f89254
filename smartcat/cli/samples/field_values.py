"""Draws the values of placeholders: who, where and how much. Knows no document type.

Placeholders in `_PER_DOCUMENT` keep their value within a document, because the borrower of page one is the
borrower of page four. Those in `_PER_USE` are drawn again each time, because no two bookings are alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.cli.samples.seeded_random import pick
from smartcat.cli.samples.vocabulary import VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random


class FieldValues(dict[str, str]):
    """A mapping from placeholder to text, for `str.format_map`; draws a value when it is looked up.

    Raises:
        KeyError: The placeholder is not defined.
    """

    def __init__(self, language: str, rng: Random) -> None:
        super().__init__()
        self.rng = rng
        self.words = VOCABULARIES[language]
        self._currency = pick(rng, self.words.currency)
        self._date_format = pick(rng, self.words.date_formats)
        self._swap = str.maketrans(",.", self.words.thousands + self.words.decimal)
        self.year_now = 2016 + int(rng.random() * 10)

    def __missing__(self, placeholder: str) -> str:
        draw = _PER_USE.get(placeholder)
        if draw is not None:
            return draw(self)
        value = self[placeholder] = _PER_DOCUMENT[placeholder](self)
        return value

    def number(self, low: float, high: float, decimals: int = 2) -> str:
        """Return a number in the language's notation, nearer to `low` than to `high` as amounts are."""
        share = self.rng.random()
        return f"{low + (high - low) * share * share:,.{decimals}f}".translate(self._swap)

    def money(self, low: float, high: float) -> str:
        """Return an amount with the document's way of writing the currency."""
        return self._currency.format(self.number(low, high))

    def whole(self, low: int, high: int) -> str:
        """Return a whole number without grouping, `low` to `high` inclusive."""
        return str(low + int(self.rng.random() * (high - low + 1)))

    def digits(self, count: int) -> str:
        """Return a string of exactly `count` digits."""
        return f"{int(self.rng.random() * 10**count):0{count}d}"

    def date(self, first_year: int, last_year: int) -> str:
        """Return a day in the document's date format; days end at 28 so that every month has them."""
        rng = self.rng
        month = int(rng.random() * 12)
        return self._date_format.format(
            d=1 + int(rng.random() * 28),
            m=month + 1,
            y=first_year + int(rng.random() * (last_year - first_year + 1)),
            name=self.words.months[month],
        )

    def day(self) -> str:
        """Return a day without its year, as ledgers write it."""
        rng = self.rng
        return self.words.day_format.format(d=1 + int(rng.random() * 28), m=1 + int(rng.random() * 12))

    def one_of(self, words: str) -> str:
        """Return one entry of the named word list, such as ``towns``."""
        return str(pick(self.rng, getattr(self.words, words)))

    def full_name(self) -> str:
        """Return a first and a last name."""
        return f"{pick(self.rng, self.words.first_names)} {pick(self.rng, self.words.last_names)}"

    def partner_name(self) -> str:
        """Return the same last name with another first name."""
        names = self.words.first_names
        other = names.index(self["first"]) + 1 + int(self.rng.random() * (len(names) - 1))
        return f"{names[other % len(names)]} {self['last']}"

    def street_line(self) -> str:
        """Return a street and a house number."""
        return self.words.street_format.format(street=self.one_of("streets"), number=self.whole(1, 140))

    def place(self) -> str:
        """Return a postcode and a town."""
        rest = int(1000 + self.rng.random() * 98_999)
        return f"{self.words.postcode_format.format(rest)} {self.one_of('towns')}"

    def iban(self) -> str:
        """Return digits shaped like an IBAN; the check digits 00 are never valid, so no account is real."""
        digits = self.digits(18)
        return f"{self.words.iban_prefix}00 " + " ".join(digits[at : at + 4] for at in range(0, 18, 4))


_PER_DOCUMENT: Mapping[str, Callable[[FieldValues], str]] = {
    "first": lambda f: f.one_of("first_names"),
    "last": lambda f: f.one_of("last_names"),
    "person": lambda f: f"{f['first']} {f['last']}",
    "partner": FieldValues.partner_name,
    "seller": FieldValues.full_name,
    "street": FieldValues.street_line,
    "place": FieldValues.place,
    "city": lambda f: f["place"].split(" ", 1)[1],
    "address": lambda f: f"{f['street']}, {f['place']}",
    "property": lambda f: f"{f.street_line()}, {f['place']}",
    "birth": lambda f: f.date(1950, 2000),
    "birthplace": lambda f: f.one_of("towns"),
    "bank": lambda f: f.one_of("banks"),
    "insurer": lambda f: f.one_of("insurers"),
    "employer": lambda f: f.one_of("employers"),
    "notary": lambda f: f.one_of("notaries"),
    "office": lambda f: f"{f.one_of('offices')} {f.one_of('towns')}",
    "court": lambda f: f.one_of("courts"),
    "broker": lambda f: f.one_of("brokers"),
    "engineer": lambda f: f.one_of("engineers"),
    "landlord": lambda f: f.one_of("landlords"),
    "job": lambda f: f.one_of("jobs"),
    "district": lambda f: f.one_of("districts"),
    "eyes": lambda f: f.one_of("eyes"),
    "sex": lambda f: pick(f.rng, "FM"),
    "height": lambda f: f.whole(152, 198),
    "house": lambda f: f.one_of("houses"),
    "fuel": lambda f: f.one_of("fuels"),
    "grade": lambda f: pick(f.rng, "BCDEFGH"),
    "iban": FieldValues.iban,
    "bic": lambda f: f"{f.words.iban_prefix}XX{f.words.iban_prefix}{f.digits(2)}XXX",
    "phone": lambda f: f"{f.words.phone_prefix}{f.digits(4)} {f.digits(6)}",
    "mail": lambda f: f"{f['last'].lower()}{f.digits(2)}@example.org",
    "taxid": lambda f: f"{f.digits(2)} {f.digits(3)} {f.digits(3)} {f.digits(3)}",
    "contract": lambda f: f"{f.digits(3)}/{f.digits(6)}-{f.digits(2)}",
    "folio": lambda f: f.whole(100, 9999),
    "issued": lambda f: f.date(f.year_now, f.year_now),
    "year": lambda f: str(f.year_now),
    "lastyear": lambda f: str(f.year_now - 1),
    "month": lambda f: f.one_of("months"),
    "living": lambda f: f.number(38, 260, 1),
    "plot": lambda f: f.number(180, 1400, 0),
    "rooms": lambda f: f.whole(2, 7),
    "built": lambda f: f.whole(1902, 2021),
    "price": lambda f: f.money(120_000, 890_000),
    "loan": lambda f: f.money(80_000, 640_000),
    "salary": lambda f: f.money(2_100, 8_200),
    "net": lambda f: f.money(1_500, 4_900),
    "rent": lambda f: f.money(380, 2_100),
}

_PER_USE: Mapping[str, Callable[[FieldValues], str]] = {
    "amount": lambda f: f.money(40, 9_000),
    "small": lambda f: f.money(2, 420),
    "big": lambda f: f.money(9_000, 420_000),
    "plain": lambda f: f.number(4, 4_000),
    "rate": lambda f: f.number(0.4, 7.5),
    "percent": lambda f: f.whole(2, 96),
    "date": lambda f: f.date(f.year_now - 1, f.year_now),
    "future": lambda f: f.date(f.year_now + 1, f.year_now + 25),
    "past": lambda f: f.date(1988, f.year_now),
    "day": FieldValues.day,
    "n": lambda f: f.whole(1, 14),
    "num": lambda f: f.digits(6),
    "ref": lambda f: f"{f.one_of('last_names')[:2].upper()}-{f.digits(5)}",
    "name": FieldValues.full_name,
    "firm": lambda f: f.one_of("firms"),
    "town": lambda f: f.one_of("towns"),
    "otherstreet": FieldValues.street_line,
    "otherbank": lambda f: f.one_of("banks"),
    "area": lambda f: f.number(3, 46, 1),
    "kwh": lambda f: f.number(28, 290, 1),
    "monthname": lambda f: f.one_of("months"),
}
