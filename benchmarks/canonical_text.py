"""What the canonical form of text changes: accuracy, what is accepted of the same text in other bytes, time.

    python -m benchmarks.canonical_text CORPUS.jsonl.gz ... [--features words characters]
    python -m benchmarks.canonical_text --time

Learns "train" of each corpus with `--quick` features, without the form and with it, and judges "test": as it
is, decomposed (NFD), with a soft hyphen in one of five words, and with 256 spaces before it. ``--time`` gives
the compiled engine's processor time a page with and without the form, the least of many rounds in turns.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.engine_texts import documents
from smartcat.classifier.classifier import Classifier, make_scorer
from smartcat.classifier.native_binding import feature_space
from smartcat.training.corpus.labelled_documents import read_labelled
from smartcat.training.corpus.pages import by_page, join_pages
from smartcat.training.hyperparameters import CHARACTERS, FEATURE_SETS, WORDS, TrainingOptions
from smartcat.training.train import train
from smartcat.training.unicode_recording import build_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.classifier.spec import Form
    from smartcat.training.corpus.labelled_documents import LabelledDocument

FORMS: Final[tuple[Form | None, ...]] = (None, "nfc-plain")
ROUNDS: Final = 100


def soft_hyphens(text: str) -> str:
    """Return a text with a soft hyphen in every fifth word, where software may break it."""
    words = text.split(" ")
    return " ".join(
        f"{word[:2]}\u00ad{word[2:]}" if place % 5 == 0 and len(word) > 3 else word
        for place, word in enumerate(words)
    )


WRITTEN: Final[dict[str, Callable[[str], str]]] = {
    "as it is": str,
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "soft hyphens": soft_hyphens,
    "256 spaces": lambda text: " " * 256 + text,
}


def read(path: Path) -> tuple[list[LabelledDocument], list[LabelledDocument]]:
    """Return the training and the test side of a corpus."""
    documents_of = list(read_labelled(path))
    whole = list(join_pages(documents_of))
    joined = list(by_page(whole)) if any(each.page_labels for each in whole) else whole
    return [each for each in joined if each.split == "train"], [
        each for each in joined if each.split == "test"
    ]


def judge(
    classifier: Classifier, test: list[LabelledDocument], write: Callable[[str], str]
) -> dict[str, float]:
    """Return the accuracy and the share that is accepted, in percent."""
    pages = [tuple(write(page) for page in document.pages) for document in test]
    decisions = classifier.classify(pages, reasons=0)
    right = sum(decision.label == document.label for decision, document in zip(decisions, test, strict=True))
    accepted = sum(decision.decision == "accepted" for decision in decisions)
    return {"right": 100 * right / len(test), "accepted": 100 * accepted / len(test)}


def measure(path: Path, features: str) -> list[dict[str, object]]:
    """Return one row for each way of writing the test side, with and without the form."""
    learned, test = read(path)
    rows: list[dict[str, object]] = []
    for form in FORMS:
        options = TrainingOptions.quick(*FEATURE_SETS[features], canonical=form)
        classifier = Classifier(make_scorer(train(learned, options=options).model))
        for written, write in WRITTEN.items():
            row: dict[str, object] = {
                "corpus": path.name.split(".")[0],
                "features": features,
                "form": form,
                "written": written,
                **judge(classifier, test, write),
            }
            rows.append(row)
            print(json.dumps(row), file=sys.stderr)
    return rows


def table(rows: list[dict[str, object]]) -> str:
    """Return the rows as a table: right / accepted in percent."""
    lines = [
        "| corpus, features | form |" + "".join(f" {name} |" for name in WRITTEN),
        "| --- " * (len(WRITTEN) + 2) + "|",
    ]
    groups: dict[tuple[object, object, object], list[str]] = {}
    for row in rows:
        cells = groups.setdefault((row["corpus"], row["features"], row["form"]), [])
        cells.append(f"{row['right']:.1f} / {row['accepted']:.1f}")
    for (corpus, features, form), cells in groups.items():
        lines.append(f"| {corpus}, {features} | {form or 'none'} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


# Words of many scripts, put together at random: the time of a character is what is measured.
_SENTENCES: Final = {
    "Russian": "Настоящий договор заключён между арендодателем и арендатором сроком на пять лет",
    "Hindi": "यह समझौता मकान मालिक और किरायेदार के बीच पाँच वर्षों के लिए किया गया है",
}


def texts_by_language() -> dict[str, list[str]]:
    """Return 200 texts of each language, of about 3,500 characters."""
    texts = {"English": documents("en", 3500, 200), "German": documents("de", 3500, 200)}
    for language, sentence in _SENTENCES.items():
        words = unicodedata.normalize("NFC", sentence).split()
        long = [
            f"{words[i % len(words)]}{words[i // len(words) % len(words)]}" for i in range(len(words) ** 2)
        ]
        texts[language] = [" ".join(long[k % 7 :: 7] * 6)[:3500] for k in range(200)]
    texts["German, NFD"] = [unicodedata.normalize("NFD", text) for text in texts["German"]]
    return texts


def times() -> str:
    """Return the table of times."""
    tables = {form: build_tables(canonical=form) for form in FORMS}
    lines = ["| text | features | without, µs a page | with the form | |", "| --- | --- | --- | --- | --- |"]
    for language, texts in texts_by_language().items():
        for part in (WORDS, CHARACTERS):
            best = dict.fromkeys(FORMS, float("inf"))
            spaces = {form: feature_space(tables[form], (part,), 2**20) for form in FORMS}
            for _ in range(ROUNDS):
                for form, space in spaces.items():
                    started = time.thread_time()
                    space.count(texts)
                    best[form] = min(best[form], time.thread_time() - started)
            before, after = (1e6 * best[form] / len(texts) for form in FORMS)
            change = f"{100 * (after / before - 1):+.1f} %"
            lines.append(f"| {language} | {part.describe()} | {before:.1f} | {after:.1f} | {change} |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", nargs="*", type=Path)
    parser.add_argument(
        "--features", nargs="+", choices=sorted(FEATURE_SETS), default=["words", "characters"]
    )
    parser.add_argument("--time", action="store_true")
    arguments = parser.parse_args()
    rows = [
        row
        for path in arguments.corpora
        for features in arguments.features
        for row in measure(path, features)
    ]
    if rows:
        print(table(rows))
    if arguments.time:
        print(times())


if __name__ == "__main__":
    main()
