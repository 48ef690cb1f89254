"""The package's own import: the Lambda pays for it at each cold start."""

import ast
import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parents[3] / "smartcat" / "__init__.py"


def test_importing_the_package_imports_nothing_else() -> None:
    """Seen from outside, in an interpreter that has imported as little as one can."""
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(FILE.parents[1])!r})\n"
        "before = set(sys.modules)\n"
        "import smartcat\n"
        "print(sorted(set(sys.modules) - before), smartcat.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"['smartcat'] {FILE}\n"


def test_its_file_has_no_code() -> None:
    """A docstring costs nothing; anything else would."""
    (statement,) = ast.parse(FILE.read_text("utf-8")).body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)
