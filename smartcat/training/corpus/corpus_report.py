"""The corpus report: what is unusual about a corpus, as data and in words. Holds ids and labels, no text."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

FEW: Final = 5
"""Documents of a label below which it cannot be held out of five folds."""
MAX_NAMED: Final = 5
"""Labels that are named one by one."""
UNSPACED_SHARE: Final = 0.05
"""Share of documents in scripts without spaces from which words are not what to learn from."""
_DOMINANT: Final = 0.9
_BOILERPLATE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Conflict:
    """A document whose text is there before with another label: one of the two is likely a mistake.

    Attributes:
        document_id: The later document.
        label: Its label.
        earlier_label: The label of the first document with this text.
    """

    document_id: str
    label: str
    earlier_label: str


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """What a corpus holds beside its documents.

    Attributes:
        documents: Documents read.
        copies: Those that have text and label of an earlier one, and are not learned from.
        conflicting: Those that have the text of an earlier one, and another label.
        conflicts: The first few of these.
        blank: Those without a letter or digit.
        unspaced: Those in scripts without spaces between words.
        examples: How many examples carry each label, copies left out; see
            :func:`smartcat.training.corpus.examples.examples_of`.
        near_copies: Documents nearly equal to an earlier one; ``None`` where that was not looked for.
        from_templates: Documents nearly equal to so large a share of their label that they are of one form,
            and not held together; ``None`` likewise.
        boilerplate: Share of the text that occurs in most documents of every label, 0..1; ``None`` likewise.
    """

    documents: int
    copies: int
    conflicting: int
    conflicts: tuple[Conflict, ...]
    blank: int
    unspaced: int
    examples: dict[str, int] = field(default_factory=dict)
    near_copies: int | None = None
    from_templates: int | None = None
    boilerplate: float | None = None

    @property
    def few(self) -> tuple[str, ...]:
        """Labels with fewer than :data:`FEW` examples."""
        return tuple(label for label, size in self.examples.items() if size < FEW)

    @property
    def variants(self) -> tuple[tuple[str, ...], ...]:
        """Labels that differ only by case, spaces or Unicode form; see :func:`label_variants`."""
        return label_variants(self.examples)

    @property
    def words_fail(self) -> bool:
        """Whether so many documents are in scripts without spaces that characters should be learned from."""
        return self.unspaced > 0 and self.unspaced >= UNSPACED_SHARE * self.documents

    def share(self, label: str) -> float:
        """Return the share of the examples that carry a label, 0..1."""
        return self.examples[label] / sum(self.examples.values())

    @property
    def largest(self) -> str:
        """The label of most examples; of equals the alphabetically first."""
        return max(self.examples, key=self.examples.__getitem__)

    @property
    def smallest(self) -> str:
        """The label of fewest examples; of equals the alphabetically first."""
        return min(self.examples, key=self.examples.__getitem__)

    def notes(self) -> Iterator[str]:
        """Yield what a person should know before anything is learned; nothing if all is well."""
        yield from self._notes_on_copies()
        yield from self._notes_on_labels()
        yield from self._notes_on_texts()

    def _notes_on_copies(self) -> Iterator[str]:
        if self.copies:
            yield (
                f"{self._number(self.copies, 'a copy', 'copies')}, with text and label of an earlier one."
                " Each is learned from once, and counts once in every figure."
            )
        if self.near_copies:
            yield (
                f"{self._number(self.near_copies)} nearly equal to an earlier one. They are held out"
                " together with it, and count once in held-out figures."
            )
        if self.from_templates:
            yield (
                f"{self._number(self.from_templates)} nearly equal to a large share of their label, as"
                " a form is that was filled in. Held-out figures say little of other forms."
            )
        if self.conflicting:
            listed = "; ".join(
                f"{each.document_id} ({each.label}, before that {each.earlier_label})"
                for each in self.conflicts
            )
            others = self.conflicting - len(self.conflicts)
            more = f"; and {others} more" if others else ""
            yield (
                f"{self._number(self.conflicting)} equal to an earlier one but for the label, and"
                f" one of the two labels is likely wrong: {listed}{more}."
            )

    def _notes_on_labels(self) -> Iterator[str]:
        for names in self.variants[:MAX_NAMED]:
            listed = ", ".join(map(repr, names))
            yield f"Labels that differ only by case, spaces or Unicode form are learned apart: {listed}."
        if self.few:
            more = f" and {len(self.few) - MAX_NAMED} more" if len(self.few) > MAX_NAMED else ""
            yield f"Labels with fewer than {FEW} documents: {', '.join(self.few[:MAX_NAMED])}{more}."
        if self.examples and self.share(self.largest) > _DOMINANT:
            yield (
                f"{self.share(self.largest):.1%} of the documents are {self.largest!r}. Accuracy says little"
                " here: look at precision and recall of the others, such as"
                f" {self.smallest!r} ({self.examples[self.smallest]})."
            )

    def _notes_on_texts(self) -> Iterator[str]:
        if self.blank:
            yield f"{self._number(self.blank)} blank: there is nothing to learn from."
        if self.words_fail:
            yield (
                f"{self._number(self.unspaced)} in a script without spaces between"
                " words, such as Chinese, Japanese, Thai, Khmer, Lao or Burmese. Characters can be learned"
                " there, words cannot."
            )
        if self.boilerplate is not None and self.boilerplate >= _BOILERPLATE:
            yield (
                f"About {self.boilerplate:.0%} of the text is on most pages of every label, and says nothing"
                " about the label."
            )

    def _number(self, some: int, one: str = "", several: str = "") -> str:
        what = f"is {one}" if some == 1 else f"are {several}"
        return f"Of {self.documents} documents {some} {what}".rstrip()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON; ids and labels, no text."""
        return asdict(self) | {"few": list(self.few), "variants": [list(names) for names in self.variants]}


def no_report(report: CorpusReport) -> None:
    """Say nothing of a corpus."""


def label_variants(labels: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """Return groups of labels that differ only by case, white space or Unicode form (NFKC), each in order."""
    alike: dict[str, list[str]] = {}
    for label in sorted(labels):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold())
        alike.setdefault("".join(folded.split()), []).append(label)
    return tuple(tuple(names) for names in alike.values() if len(names) > 1)
