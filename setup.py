"""The compiled engine: everything else about the package stands in pyproject.toml.

Where no C compiler is at hand the installation goes on without it, says so, and scikit-learn serves.
"""

import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCES = Path("smartcat", "classifier", "_engine")


class BuildEngine(build_ext):
    """Builds the engine where that is possible."""

    def build_extension(self, ext: Extension) -> None:
        """Build, or say in one paragraph what it means that it was not possible."""
        try:
            super().build_extension(ext)
        except Exception as error:  # whatever a compiler's absence raises, the engine is optional
            print(  # noqa: T201 - an installer's only voice
                f"\nsmartcat: the compiled engine was not built ({type(error).__name__}).\n"
                "Everything works without it, through scikit-learn and several times slower. To have it,\n"
                "install a C compiler (gcc or clang) and then smartcat again.\n",
                file=sys.stderr,
            )
            raise


setup(
    ext_modules=[
        Extension(
            "smartcat.classifier._native",
            sources=sorted(str(file) for file in SOURCES.glob("*.c")),
            depends=sorted(str(file) for file in SOURCES.glob("*.h")),
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            # Never fused, so that every machine computes the same last bit; -O3 alone stays portable.
            extra_compile_args=["-std=c11", "-O3", "-g0", "-ffp-contract=off", "-fvisibility=hidden"],
            libraries=["m"],
            py_limited_api=True,
            optional=True,
        )
    ],
    cmdclass={"build_ext": BuildEngine},
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
