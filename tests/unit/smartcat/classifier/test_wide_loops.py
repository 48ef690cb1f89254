"""The loops that use AVX2 where it is there, beside the same loops without it: not a bit may differ."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils import murmurhash3_32

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ENGINE = Path(__file__).resolve().parents[4] / "smartcat" / "classifier" / "_engine"
COMPILER = shutil.which("cc") or shutil.which("gcc")
SLACK = 64  # bytes behind a text that may be read, and slots behind the hashes that may be written

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C compiler here")


@pytest.fixture(scope="module")
def loops(tmp_path_factory: pytest.TempPathFactory) -> list[ctypes.CDLL]:
    """The two files with such loops, compiled as they are and without AVX2."""
    built = []
    for define in ("SC_USUAL", "SC_PLAIN"):
        library = tmp_path_factory.mktemp("loops") / f"{define}.so"
        sources = [str(ENGINE / name) for name in ("windows.c", "accumulate.c")]
        flags = ["-std=c11", "-O2", "-ffp-contract=off", "-shared", "-fPIC", f"-D{define}"]
        subprocess.run([str(COMPILER), *flags, *sources, "-o", str(library)], check=True)
        built.append(ctypes.CDLL(str(library)))
    return built


def pointer(array: NDArray[np.generic]) -> ctypes.c_void_p:
    """Where an array lies."""
    return ctypes.c_void_p(array.ctypes.data)


@given(token=st.binary(min_size=1, max_size=80), length=st.integers(1, 40))
def test_windows_hash_alike_and_as_in_scikit_learn(
    loops: Sequence[ctypes.CDLL], token: bytes, length: int
) -> None:
    """Every stretch of a token has scikit-learn's hash, however many are hashed at a time."""
    length = min(length, len(token))
    text = np.frombuffer(token + bytes(SLACK), np.uint8)
    windows = len(token) - length + 1
    expected = [murmurhash3_32(token[i : i + length], positive=True) for i in range(windows)]
    for library in loops:
        hashes = np.zeros(windows + SLACK, np.uint32)
        sizes = (ctypes.c_size_t(windows), ctypes.c_size_t(length))
        library.sc_hash_windows(pointer(text), *sizes, pointer(hashes))
        assert hashes[:windows].tolist() == expected


@given(
    columns=st.integers(1, 70),
    count=st.integers(0, 600),
    small=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_rows_add_up_to_the_same_bits(
    loops: Sequence[ctypes.CDLL], columns: int, count: int, seed: int, *, small: bool
) -> None:
    """Sums of rows of weights are equal to the last bit, for any number of columns, and are the sums."""
    dice = np.random.default_rng(seed)
    weights = dice.integers(-127, 128, (50, columns)).astype(np.int8 if small else np.float32)
    rows = dice.integers(0, 50, count, dtype=np.uint32)
    values = dice.normal(size=count).astype(np.float32)
    totals = []
    for library in loops:
        sums = np.zeros(columns)
        add = library.sc_accumulate_i8 if small else library.sc_accumulate_f32
        sizes = (ctypes.c_size_t(columns), pointer(rows), pointer(values), ctypes.c_size_t(count))
        add(pointer(weights), *sizes, pointer(sums))
        totals.append(sums)
    assert totals[0].tobytes() == totals[1].tobytes()
    expected = values.astype(np.float64) @ weights[rows].astype(np.float64)
    np.testing.assert_allclose(totals[0], expected, rtol=1e-4, atol=1e-2)
