"""The option that chooses who computes, for every command that classifies or builds what does."""

from __future__ import annotations

from typing import Annotated

import typer

from smartcat.classifier.scorer import EngineChoice

EngineOption = Annotated[
    EngineChoice,
    typer.Option(
        "--engine",
        envvar="SMARTCAT_ENGINE",
        help="Who computes: the compiled engine, scikit-learn, or the first of them that is here.",
    ),
]
