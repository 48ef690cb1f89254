import importlib.util
import marshal
import sys
from pathlib import Path

import pytest

from smartcat.cli.lambda_package import bytecode
from smartcat.cli.lambda_package.bytecode import compile_modules, find_python
from smartcat.cli.lambda_package.target import Target

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_this_interpreter_does_for_its_own_version() -> None:
    """Bytecode is_included to a version of Python, not to a processor."""
    assert find_python(Target("arm64", HERE)) == sys.executable  # type: ignore[arg-type]


def test_another_version_is_looked_for_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version manager's stand-in that only complains is not taken for one."""
    other = "3.12" if HERE != "3.12" else "3.13"
    python = tmp_path / f"python{other}"
    python.write_text(f"#!/bin/sh\necho 'cpython {other}'\n")
    python.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert find_python(Target("arm64", other)) == str(python)  # type: ignore[arg-type]
    python.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    assert find_python(Target("arm64", other)) is None  # type: ignore[arg-type]


def test_bytecode_names_lambda_s_folder_and_is_not_checked(tmp_path: Path) -> None:
    """Tracebacks show /var/task, and the source's time, which a zip does not keep, does not matter."""
    module = tmp_path / "pack" / "a.py"
    module.parent.mkdir()
    module.write_text("def f():\n    return {'a', 'b', 'c'} == {1}\n")
    compile_modules(sys.executable, tmp_path)
    (compiled,) = tmp_path.rglob("*.pyc")
    content = compiled.read_bytes()
    assert content[:4] == importlib.util.MAGIC_NUMBER
    assert content[4:8] == b"\x01\0\0\0"  # by hash, unchecked
    assert marshal.loads(content[16:]).co_filename == f"{bytecode.TASK_ROOT}/pack/a.py"  # noqa: S302 - our own


def test_a_module_that_cannot_be_compiled_is_named(tmp_path: Path) -> None:
    """One line says which."""
    (tmp_path / "bad.py").write_text("def\n")
    with pytest.raises(bytecode.PackageError, match="cannot be compiled"):
        compile_modules(sys.executable, tmp_path)
