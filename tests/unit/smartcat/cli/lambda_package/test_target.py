import pytest

from smartcat.cli.lambda_package.target import Target


def test_platforms_go_up_to_the_runtime_s_glibc_and_no_further() -> None:
    """Python 3.11 runs on Amazon Linux 2 with glibc 2.26, later ones on 2023 with 2.34; newest tags first."""
    old = Target("x86_64", "3.11").wheel_platforms()
    new = Target("arm64", "3.13").wheel_platforms()
    assert (old[0], old[-1]) == ("manylinux_2_26_x86_64", "manylinux2014_x86_64")
    assert (new[0], new[-1]) == ("manylinux_2_34_aarch64", "manylinux2014_aarch64")
    assert (len(old), len(new)) == (11, 19)


@pytest.mark.parametrize(
    ("arch", "triple"), [("x86_64", "x86_64-linux-gnu.2.17"), ("arm64", "aarch64-linux-gnu.2.17")]
)
def test_what_we_compile_runs_on_every_runtime(arch: str, triple: str) -> None:
    """The compiler is told the oldest glibc of all."""
    target = Target(arch, "3.12")  # type: ignore[arg-type]
    assert target.triple == triple
    assert str(target) == f"Python 3.12 on {arch}"
