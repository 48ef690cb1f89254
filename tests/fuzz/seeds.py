"""Write what the fuzzer begins with: the tables of this Python and some texts in which the rules are odd."""

from __future__ import annotations

import sys
from pathlib import Path

from smartcat.training.unicode_recording import build_tables

TEXTS = (
    "The quick brown fox jumps over 13 lazy dogs_and a cat.\r\n\tThe quick fox, the 13 dogs.",
    "Stra\u00dfe \u00dcBERGR\u00d6SSE \u0391\u03a3. \u0391'\u03a3\u0301 \u03a3 \u0130stanbul \u212a \u01c5",
    "\ufdfa \uac00\uac01 \u1100\u1161 \u0e01\u0e33 \u0663\u0664 \u00bd\u00b2 \u2003\u3000\u0085x\x1cy\x00z",
    (
        "  cafe\u0301\u0323 \ufb01\u00ad\u0301 \u1100\u1161\u11a8\u00a0\u0928\u093c"
        "\u094d\u0327\u0301 \u1e9b\u0344\u3099"
    ),
    "a" * 90 + " " + "\u00e9" * 40 + " " + "\U00010400" * 9,
)
# Parts, buckets, three n-gram choices, seed, failing allocations, model, damage: see engine_fuzz.c.
HEADS = (
    b"\0\x10\x51\0\0\0\0\xd4\1",
    b"\1\x05\x64\x51\0\1\0\x14\1",
    b"\2\0\x70\x31\xb4\2\x0b\x85\1",
    b"\2\7\x51\x11\x91\3\0\xd4\1",
    b"\0\7\x51\0\0\3\0\xd4\0",
    b"\2\x0b\x51\x24\x94\2\0\xd4\x09",
    b"\1\x0b\x64\x51\0\1\x0b\xd4\x09",
    b"\0\x0b\x51\0\0\3\0\xd4\x08",
)


def main() -> None:
    """Fill the folder that is named on the command line."""
    folder = Path(sys.argv[1])
    (folder / "seeds").mkdir(parents=True, exist_ok=True)
    (folder / "unicode.bin").write_bytes(build_tables(strip_accents="unicode"))
    (folder / "form.bin").write_bytes(build_tables(canonical="nfc-plain"))
    for number, head in enumerate(HEADS):
        for index, text in enumerate(TEXTS):
            (folder / "seeds" / f"{number}-{index}").write_bytes(head + text.encode())


if __name__ == "__main__":
    main()
