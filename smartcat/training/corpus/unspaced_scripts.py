"""Scripts that put no space between words, so that "a word" is a whole sentence. The one list of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCRIPTS: Final = {
    # Unicode's blocks of the letters, first and last code point. Korean puts spaces between words.
    "Thai": "\u0e00-\u0e7f",
    "Lao": "\u0e80-\u0eff",
    "Burmese": "\u1000-\u109f",
    "Khmer": "\u1780-\u17ff",
    "kana": "\u3041-\u30ff\uff66-\uff9f",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f",
}
_UNSPACED: Final = re.compile(f"[{''.join(_SCRIPTS.values())}]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_HEAD: Final = 2000
"""Characters of a page that are looked at: a page rarely changes its script after them."""


def is_unspaced(pages: Sequence[str]) -> bool:
    """Return whether most letters of a document are of scripts without spaces between words.

    Args:
        pages: The texts of its pages; the top of each is looked at.
    """
    heads = [page[:_HEAD] for page in pages]
    unspaced = sum(len(_UNSPACED.findall(head)) for head in heads if not head.isascii())
    # Of nearly all documents nothing is to be counted, so letters are counted last.
    return unspaced > 0 and 2 * unspaced > sum(len(_LETTER.findall(head)) for head in heads)
