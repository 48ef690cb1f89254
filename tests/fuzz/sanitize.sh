#!/usr/bin/env bash
# Build the engine with AddressSanitizer and UndefinedBehaviorSanitizer and run its tests: sanitize.sh PYTHON.
# The ordinary build is put back afterwards, whatever happens.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1 built=smartcat/classifier/_native.abi3.so
include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
mkdir -p build/sanitize
[ ! -e $built ] || cp $built build/sanitize/ordinary.so
trap 'rm -f $built; [ ! -e build/sanitize/ordinary.so ] || mv build/sanitize/ordinary.so $built' EXIT
gcc -shared -fPIC -std=c11 -O1 -g -ffp-contract=off -fsanitize=address,undefined -fno-sanitize-recover=undefined \
  -DPy_LIMITED_API=0x030B0000 -I"$include" smartcat/classifier/_engine/*.c -lm -o $built
# Python itself is not instrumented: leaks of the interpreter's own are not ours to find. Under AddressSanitizer the
# address space cannot be limited, so the one test that does is left out.
LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" \
  ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
  "$python" -m pytest tests/unit/smartcat/classifier/test_native_binding.py tests/unit/smartcat/classifier/test_compiled_parity.py \
  tests/unit/smartcat/classifier/test_compiled_engine.py tests/unit/smartcat/classifier/test_unicode_tables.py \
  tests/unit/smartcat/classifier/test_canonical_parity.py tests/unit/smartcat/classifier/test_canonical_tables.py \
  tests/unit/smartcat/classifier/test_word_shares.py \
  tests/unit/smartcat/training/fitting/test_solver.py tests/unit/smartcat/training/test_page_counts.py -n 0 -q -k "not memory_that_runs_out"
