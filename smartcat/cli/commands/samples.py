"""``smartcat samples``: labelled paperwork to try the other commands on."""

from __future__ import annotations

from typing import Annotated

import typer

from smartcat.cli.console import print_json


def samples(
    *,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many documents.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same documents.")] = 1,
) -> None:
    """Write generated, labelled mortgage paperwork (German and English, with OCR noise) as JSON lines.

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
