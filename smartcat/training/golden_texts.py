"""Texts of the golden documents: written or generated here, never taken from real documents."""

from __future__ import annotations

from typing import Final

_ENGLISH: Final = (
    "The lender confirms that the monthly payment for your account was received on time. Please find the "
    "agreement between the company and the customer attached; it says who may end this contract, and when."
)
_GERMAN: Final = (
    "Der Antrag auf Prüfung der Unterlagen wird mit der Begründung zurückgewiesen, dass die Gebühr für das "
    "Grundstück nicht überwiesen wurde. Größe, Straße und Eigentümer sind auf der nächsten Seite vermerkt."
)
_FIGURES: Final = (
    "Total 1,234.56 EUR due 31.12.2024 ref. 00-4711/2 IBAN 3704 0044 0532 tel +49 30 1234 2024 2025"
)
_NOISE: Final = (
    "rn0nthly paynnent  l|st: com\u00adpany\t\r\n--- 1nvo1ce N\u00ba 7 ~~ (c0py) www.a_b.test x y z"
)
_CASES: Final = (
    "IMPORTANT Important \u0130stanbul I\u0307 stra\u00dfe STRASSE \ufb01nal cafe\u0301 caf\u00e9 \u01c4"
)

# First letter and number of letters of alphabets, whether or not their languages put spaces between words.
_ALPHABETS: Final = {
    "greek": (0x03B1, 17),
    "cyrillic": (0x0430, 32),
    "hebrew": (0x05D0, 22),
    "arabic": (0x0627, 18),
    "devanagari": (0x0915, 37),
    "thai": (0x0E01, 46),
    "kana": (0x3041, 80),
    "ideographs": (0x4E00, 900),
    "emoji": (0x1F600, 60),
    "mathematical letters": (0x1D400, 52),
}


def golden_texts() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return name and pages of every golden document.

    Between them they hold several scripts, digits, noise, characters beyond the basic plane, letters that
    change their length in lowercase, no text at all, blank pages, and counts beyond the table of logarithms.
    """
    return (
        ("no pages", ()),
        ("blank pages", ("", " \t\n\f ", "!")),
        ("english", (_ENGLISH,)),
        ("german", (_GERMAN,)),
        ("figures", (_FIGURES,)),
        ("noise", (_NOISE,)),
        ("cases and accents", (_CASES,)),
        ("scripts", tuple(_words(*alphabet) for alphabet in _ALPHABETS.values())),
        ("several pages", (_ENGLISH, "", _FIGURES, _GERMAN, _ENGLISH)),
        ("long", ("on " * 4200 + " ".join(f"item {n} of {n % 7} the" for n in range(400)),)),
    )


def _words(first: int, letters: int, count: int = 30) -> str:
    """Return generated words of two to six letters that walk through an alphabet."""
    return " ".join(
        "".join(chr(first + (word * 7 + letter * 5) % letters) for letter in range(2 + word % 5))
        for word in range(count)
    )
