"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from smartcat.classifier.scorer import EngineChoice

PATHS_HELP: Final = (
    "Files (.txt, .pdf, .jsonl, .csv, the last two also .gz), folders, s3://bucket/prefix,"
    " or - for JSON lines on stdin."
)
"""Help of the argument that names documents."""

EngineOption = Annotated[
    EngineChoice,
    typer.Option("--engine", envvar="SMARTCAT_ENGINE", help="Scoring engine: compiled, sklearn, or auto."),
]
StackOption = Annotated[
    bool, typer.Option("--stack", help="Treat each document as a stack of scans and split it into documents.")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Stop at the first input that cannot be read.")]
