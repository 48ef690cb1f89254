"""``smartcat package``: the zip that an account's Lambda function is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from smartcat.cli.console import err, one_line_errors, out, print_json

if TYPE_CHECKING:
    from smartcat.cli.lambda_package.build import Artifact


def package(
    *,
    output: Annotated[Path, typer.Option("--out", "-o", help="The zip to write.")] = Path(
        "build/function.zip"
    ),
    arch: Annotated[Literal["x86_64", "arm64"], typer.Option(help="The function's processor.")] = "x86_64",
    python: Annotated[
        Literal["3.11", "3.12", "3.13"], typer.Option(help="Version of the function's Python.")
    ] = "3.13",
    engine: Annotated[
        Literal["compiled", "sklearn"], typer.Option(help="Who computes in the function.")
    ] = "compiled",
    model: Annotated[
        Path | None,
        typer.Option("--model", "-m", help="Also pack this model directory; then SMARTCAT_MODEL=model."),
    ] = None,
    with_boto3: Annotated[
        bool, typer.Option("--with-boto3", help="Pack the boto3 of this machine; Lambda has its own.")
    ] = False,
    over_budget: Annotated[
        bool, typer.Option("--over-budget", help="Build it even if it is over 8 MB without the model.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was built as JSON.")] = False,
) -> None:
    """Build the function's zip for its own platform, with what it needs and nothing else; no Docker.

    The same versions give the same bytes. The versions of libraries are those installed here.

    Example: [bold]smartcat package --arch arm64 --out build/function.zip[/bold]
    """
    from smartcat.classifier.errors import ModelError
    from smartcat.classifier.model_directory import read_model
    from smartcat.cli.lambda_package.build import Order, build
    from smartcat.cli.lambda_package.errors import ArtifactError
    from smartcat.cli.lambda_package.target import Target

    with one_line_errors(ArtifactError, ModelError):
        if model:
            read_model(model)
        order = Order(Target(arch, python), engine, with_boto3, model, over_budget=over_budget)
        artifact = build(order, output, lambda doing: err.print(f"{doing} ..."))
    if json:
        print_json(_facts(artifact))
    else:
        _show(artifact, python)


def _facts(artifact: Artifact) -> dict[str, object]:
    return {
        "path": str(artifact.path),
        "bytes": artifact.zipped,
        "unzipped_bytes": artifact.unzipped,
        "sha256": artifact.sha256,
        "compiler": artifact.compiler,
        "bytecode": artifact.python is not None,
        "parts": [
            {"name": part.name, "bytes": part.zipped, "unzipped_bytes": part.unzipped}
            for part in artifact.parts
        ],
    }


def _show(artifact: Artifact, python: str) -> None:
    from smartcat.cli.tables import plain_table

    table = plain_table(str(artifact.path))
    table.add_column("part")
    table.add_column("zipped", justify="right")
    table.add_column("unzipped", justify="right")
    for part in artifact.parts:
        table.add_row(part.name, f"{part.zipped:,}", f"{part.unzipped:,}")
    table.add_section()
    table.add_row("all", f"{artifact.zipped:,}", f"{artifact.unzipped:,}")
    out.print(table)
    out.print(f"sha256 {artifact.sha256}")
    if artifact.python is None:
        err.print(
            f"There is no Python {python} here to compile the modules with: the function will do that itself"
            f" at each cold start, which takes a second or more. With python{python} on the path it need not."
        )
