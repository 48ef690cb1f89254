from importlib.util import find_spec
from pathlib import Path

import pytest

from smartcat.cli.lambda_package import native
from smartcat.cli.lambda_package.errors import PackageError
from smartcat.cli.lambda_package.native import Compiler, check_glibc, compile_engine, find_compiler
from smartcat.cli.lambda_package.target import Target


def test_without_zig_only_this_machine_s_platform_can_be_compiled_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error says what to install; where the platform matches, the machine's own compiler does."""
    monkeypatch.setattr(native, "find_spec", lambda _: None)
    monkeypatch.setattr(native.platform, "system", lambda: "Linux")
    monkeypatch.setattr(native.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(native.shutil, "which", lambda name: f"/bin/{name}" if name == "gcc" else None)
    with pytest.raises(PackageError, match=r"pip install 'ziglang<0\.18,>=0\.14'$"):
        find_compiler(Target("arm64", "3.13"))
    assert find_compiler(Target("x86_64", "3.13")) == Compiler(("/bin/gcc",), "gcc of this machine")
    monkeypatch.setattr(native.shutil, "which", lambda _: None)
    with pytest.raises(PackageError, match=r"no C compiler here: .* -m pip install 'ziglang"):
        find_compiler(Target("x86_64", "3.13"))


def test_a_newer_glibc_than_the_runtime_s_is_refused() -> None:
    """Lambda's loader would refuse it at the first start; here it is one line."""
    library = b"\0GLIBC_2.2.5\0GLIBC_2.29\0"
    check_glibc(library, Target("x86_64", "3.12"), "gcc")
    with pytest.raises(PackageError, match=r"glibc 2.29, but Python 3.11 on x86_64 has 2.26"):
        check_glibc(library, Target("x86_64", "3.11"), "gcc")


def test_a_compiler_s_error_is_one_line(tmp_path: Path) -> None:
    """Whatever it printed, the first error is what counts."""
    script = tmp_path / "cc"
    script.write_text("#!/bin/sh\necho 'note: x' >&2\necho 'a.c:1: error: no such thing' >&2\nexit 1\n")
    script.chmod(0o755)
    with pytest.raises(PackageError, match=r"^cc cannot compile the engine: a\.c:1: error: no such thing$"):
        compile_engine(Target("x86_64", "3.13"), Compiler((str(script),), "cc"), tmp_path)


@pytest.mark.skipif(find_spec("ziglang") is None, reason="ziglang is not installed: pip install '.[package]'")
def test_zig_compiles_for_the_other_processor(tmp_path: Path) -> None:
    """An arm64 library comes out on any machine, for the oldest glibc, and twice the same bytes."""
    target = Target("arm64", "3.11")
    contents = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        (folder / "smartcat" / "classifier").mkdir(parents=True)
        compile_engine(target, find_compiler(target), folder)
        contents.append((folder / native.ENGINE_FILE).read_bytes())
    assert contents[0] == contents[1]
    assert contents[0][18] == 183  # EM_AARCH64
    assert str(tmp_path).encode() not in contents[0]
