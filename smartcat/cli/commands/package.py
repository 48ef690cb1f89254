"""``smartcat package``: build the deployment package of the Lambda function."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from smartcat.cli.console import err, one_line_errors, out, plain_table, print_json, visible

if TYPE_CHECKING:
    from smartcat.cli.lambda_package.build import LambdaPackage


def package(
    *,
    output: Annotated[Path, typer.Option("--out", "-o", help="Zip file to write.")] = Path(
        "build/function.zip"
    ),
    arch: Annotated[
        Literal["x86_64", "arm64"], typer.Option(help="Processor architecture of the function.")
    ] = "x86_64",
    python: Annotated[
        Literal["3.11", "3.12", "3.13"], typer.Option(help="Python version of the function.")
    ] = "3.13",
    engine: Annotated[
        Literal["compiled", "sklearn"], typer.Option(help="Scoring engine of the function.")
    ] = "compiled",
    model: Annotated[
        Path | None,
        typer.Option("--model", "-m", help="Include this model directory; then set SMARTCAT_MODEL=model."),
    ] = None,
    with_boto3: Annotated[
        bool, typer.Option("--with-boto3", help="Include boto3 instead of using Lambda's own.")
    ] = False,
    over_budget: Annotated[
        bool, typer.Option("--over-budget", help="Build it even if it exceeds 8 MB without the model.")
    ] = False,
    lock: Annotated[
        Path | None,
        typer.Option(
            help="Requirements file with hashes, instead of the versions that smartcat was tested with.",
            metavar="FILE",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Build the deployment package of the Lambda function for its platform, without Docker.

    Libraries are fetched by version and SHA-256 checksum. The same versions give the same bytes. A software
    bill of materials (CycloneDX) is written beside the zip.

    Example: [bold]smartcat package --arch arm64 --out build/function.zip[/bold]
    """
    from smartcat.classifier.errors import ModelError
    from smartcat.classifier.model_directory import read_model
    from smartcat.cli.lambda_package.build import BuildOptions, build
    from smartcat.cli.lambda_package.errors import PackageError
    from smartcat.cli.lambda_package.target import Target

    with one_line_errors(PackageError, ModelError):
        if model:
            read_model(model)
        options = BuildOptions(
            Target(arch, python), engine, with_boto3, model, over_budget=over_budget, lock=lock
        )
        package = build(options, output, lambda step: err.print(f"{step} ..."))
    for note in package.notes:
        err.print(visible(f"note: {note}"))
    if json:
        print_json(_as_json(package))
    else:
        _show(package, python)


def _as_json(package: LambdaPackage) -> dict[str, object]:
    return {
        "path": str(package.path),
        "bytes": package.zipped,
        "unzipped_bytes": package.unzipped,
        "sha256": package.sha256,
        "sbom": str(package.sbom),
        "compiler": package.compiler,
        "bytecode": package.python is not None,
        "parts": [
            {"name": part.name, "bytes": part.zipped, "unzipped_bytes": part.unzipped}
            for part in package.parts
        ],
    }


def _show(package: LambdaPackage, python: str) -> None:
    table = plain_table(str(package.path))
    table.add_column("part")
    table.add_column("zipped", justify="right")
    table.add_column("unzipped", justify="right")
    for part in package.parts:
        table.add_row(part.name, f"{part.zipped:,}", f"{part.unzipped:,}")
    table.add_section()
    table.add_row("total", f"{package.zipped:,}", f"{package.unzipped:,}")
    out.print(table)
    out.print(f"sha256 {package.sha256}")
    out.print(visible(f"sbom {package.sbom}"))
    if package.python is None:
        err.print(
            f"note: no Python {python} was found to compile the modules: each cold start compiles them, which"
            f" takes a second or more. To avoid this, put python{python} on the path."
        )
