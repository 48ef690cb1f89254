import subprocess
import sys

import pytest

from smartcat.distribution import install_command


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these lines first."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("library", "arguments", "extra", "requirement"),
    [
        ("typer", ["--help"], "", "'typer>=0.15'"),
        ("numpy", ["train", "x.jsonl", "--out", "model"], "train", "'numpy>=2'"),
        ("moto", ["local", "--port", "0"], "all", "'moto[dynamodb,kinesis,s3,server,sqs]<6,>=5.1'"),
    ],
)
def test_a_missing_library_is_named_with_what_to_install(
    library: str, arguments: list[str], extra: str, requirement: str
) -> None:
    """One line says it, whether the program or one of its commands needs it."""
    done = run(
        f"import sys; sys.modules[{library!r}] = None; sys.argv = ['smartcat', *{arguments!r}]\n"
        "from smartcat.__main__ import main; main()"
    )
    assert done.returncode == 1
    assert done.stderr == f"error: {library} is not installed: {install_command(extra)}\n"
    assert f" {requirement}" in done.stderr


def test_a_missing_module_of_ours_is_a_bug() -> None:
    """What no extra brings is not dressed up as a missing library."""
    done = run("import sys; sys.modules['smartcat.cli'] = None\nfrom smartcat.__main__ import main; main()")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
