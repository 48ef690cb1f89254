"""``smartcat samples``: generate labelled documents to try the other commands with."""

from __future__ import annotations

from typing import Annotated

import typer

from smartcat.cli.console import print_json


def samples(
    *,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Number of documents.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same documents.")] = 1,
) -> None:
    """Print generated mortgage paperwork (German and English, with OCR errors) with labels, as JSON lines.

    Example: [bold]smartcat samples --count 2000 > paperwork.jsonl[/bold]
    """
    from smartcat.cli.samples.paperwork import generate

    for document in generate(count, seed=seed):
        print_json(
            {
                "document_id": document.document_id,
                "label": document.label,
                "language": document.language,
                "pages": document.pages,
            }
        )
