"""Adds the errors of a scanner and its OCR to text. Knows characters, no document type.

Everything takes the text, how bad it is, and a seeded `random.Random`; severity 0 changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.cli.samples.seeded_random import pick

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_WORST_CHARACTER_RATE = 0.17
_WORST_BREAK_RATE = 0.016
_SPECKS = ".,'`:;~^|*_-\"\\/<>°"

_PAIRS = {
    "rn": ("m",),
    "ri": ("n",),
    "cl": ("d",),
    "vv": ("w",),
    "ii": ("ü", "n"),
    "li": ("h", "ll"),
    "nn": ("mi", "im"),
    "fi": ("h", "ti"),
    "in": ("m", "iu"),
    "tt": ("H", "ft"),
}
_SINGLES = {
    "a": ("o", "s", "e"),
    "b": ("h", "6", "lo"),
    "c": ("e", "o", "("),
    "d": ("cl", "ol"),
    "e": ("c", "o", "é"),
    "f": ("t", "l"),
    "g": ("q", "9", "y"),
    "h": ("b", "li", "n"),
    "i": ("l", "1", "j", "!"),
    "k": ("lc", "x"),
    "l": ("1", "I", "|", "i"),
    "m": ("rn", "nn", "in"),
    "n": ("ri", "u", "r"),
    "o": ("0", "c", "e"),
    "p": ("o", "n"),
    "r": ("n", "i", "t"),
    "s": ("5", "a", "8"),
    "t": ("f", "l", "1"),
    "u": ("ii", "n", "v"),
    "v": ("y", "u"),
    "w": ("vv", "iv"),
    "y": ("v", "g"),
    "z": ("2", "s"),
    "ä": ("a", "ii", "é"),
    "ö": ("o", "6", "ii"),
    "ü": ("u", "ii", "il"),
    "ß": ("B", "ss", "8"),
    "A": ("4", "/\\"),
    "B": ("8", "ß", "R"),
    "D": ("O", "0"),
    "E": ("F", "L"),
    "G": ("6", "C"),
    "I": ("l", "1", "|"),
    "O": ("0", "Q"),
    "S": ("5", "$"),
    "T": ("7", "I"),
    "Z": ("2",),
    "Ä": ("A",),
    "Ö": ("O", "0"),
    "Ü": ("U", "0"),
    "0": ("O", "o", "6"),
    "1": ("l", "I", "7"),
    "2": ("Z", "?"),
    "3": ("8", "5"),
    "5": ("S", "6"),
    "6": ("G", "b", "8"),
    "8": ("B", "3", "&"),
    "9": ("g", "q"),
    ".": (",", "·", ""),
    ",": (".", ";", ""),
    ":": (";", "."),
    "-": ("~", "_", ""),
    "€": ("E", "C", "6"),
}


def degrade(text: str, severity: float, rng: Random) -> str:
    """Return the text as OCR reads a poor scan of it.

    Args:
        text: One page; any text, also an empty one.
        severity: 0 (a clean original, returned as it is) to 1 (every sixth character is wrong).
        rng: The source of randomness; the same state gives the same errors.

    Raises:
        ValueError: `severity` lies outside 0..1.
    """
    if not 0 <= severity <= 1:
        raise ValueError(f"severity is {severity}, expected 0 to 1")
    broken = break_lines(text, severity * _WORST_BREAK_RATE, rng)
    return misread(broken, severity * _WORST_CHARACTER_RATE, rng)


def misread(text: str, rate: float, rng: Random) -> str:
    """Return the text with characters confused, dropped or doubled at about `rate` (0..1) of positions."""
    return _edit(text, rate, rng, _misread_at)


def break_lines(text: str, rate: float, rng: Random) -> str:
    """Return the text with lines broken and words hyphenated at about `rate` (0..1) of positions."""
    return _edit(text, rate, rng, _break_at)


def blank_page(rng: Random) -> str:
    """Return a page without a word: empty, white space, or a few specks of dust."""
    if rng.random() < 0.4:
        return ""
    marks = (pick(rng, _SPECKS + "    \n\n") for _ in range(int(rng.random() * 24)))
    return "".join(marks)


def _edit(text: str, rate: float, rng: Random, edit: Callable[[str, int, Random], tuple[str, int]]) -> str:
    """Apply `edit` at random positions; it returns the replacement and how many characters that consumes."""
    length = len(text)
    # Round the count at random, so that short texts have errors as often as long ones.
    count = int(length * rate + rng.random()) if rate > 0 else 0
    if not count or not length:
        return text
    pieces: list[str] = []
    done = 0
    for at in sorted([int(rng.random() * length) for _ in range(count)]):
        if at < done:
            continue
        replacement, consumed = edit(text, at, rng)
        pieces.append(text[done:at])
        pieces.append(replacement)
        done = at + consumed
    pieces.append(text[done:])
    return "".join(pieces)


def _misread_at(text: str, at: int, rng: Random) -> tuple[str, int]:
    character = text[at]
    if character == "\n":
        return character, 1
    if character == " ":
        return ("" if rng.random() < 0.7 else "  "), 1
    if rng.random() < 0.23:
        return _scratched(character, rng), 1
    pair = _PAIRS.get(text[at : at + 2])
    if pair is not None:
        return pick(rng, pair), 2
    return pick(rng, _SINGLES.get(character, (character,))), 1


def _scratched(character: str, rng: Random) -> str:
    """Return a character lost, with a speck beside it, cut off from the next one, or doubled."""
    return pick(rng, ("", "", character + pick(rng, _SPECKS), character + " ", character + character))


def _break_at(text: str, at: int, rng: Random) -> tuple[str, int]:
    character = text[at]
    if character == " ":
        return "\n", 1
    inside_word = at > 0 and character.isalpha() and text[at - 1].isalpha()
    if inside_word and rng.random() < 0.6:
        return "-\n" + character, 1
    return character, 1
