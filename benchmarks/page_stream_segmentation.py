"""How long splitting takes: the largest stack there may be, of pages that were scored before.

For example: ``python benchmarks/page_stream_segmentation.py --labels 150``.
"""

from __future__ import annotations

import argparse
import random
import time

from smartcat.classifier.page_stream_segmentation import segment_pages
from smartcat.classifier.rule import Link, Page, Rule
from smartcat.classifier.segmentation_parameters import SegmentationParameters
from smartcat.wire_format.document import MAX_PAGES


def main() -> None:
    """Split a stack of made-up scores, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=150)
    parser.add_argument("--pages", type=int, default=MAX_PAGES)
    chosen = parser.parse_args()
    draw = random.Random(1)  # noqa: S311 - made-up scores, not a secret
    labels = chosen.labels
    rule = Rule(
        labels=tuple(f"label-{number}" for number in range(labels)),
        intercept=(0.0,) * labels,
        link=Link(3.0, 9.0, -0.5, 0.1),
        thresholds=(0.5,) * labels,
        segmentation=SegmentationParameters(label_weight=0.3, similarity_weight=10.0, typical_similarity=0.3),
    )
    pages = [
        Page(tuple(draw.gauss(-1.0, 0.3) for _ in range(labels)), boundary_logit=draw.gauss(0.0, 4.0))
        for _ in range(chosen.pages)
    ]
    similarities = [draw.random() for _ in pages]
    begun = time.process_time()
    segments = segment_pages(rule, pages, similarities)
    seconds = time.process_time() - begun
    print(f"{chosen.pages} pages, {labels} labels, {len(segments)} documents: {seconds:.2f} s of CPU")


if __name__ == "__main__":
    main()
