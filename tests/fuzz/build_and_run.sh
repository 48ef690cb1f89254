#!/usr/bin/env bash
# Build the fuzzer with clang and run it: build_and_run.sh PYTHON SECONDS. Findings and corpus stay in build/fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1 seconds=$2 engine=smartcat/classifier/_engine
clang=$(command -v clang || command -v clang-14) || { echo "make fuzz needs clang with its runtime (Debian: clang, libclang-rt-14-dev)" >&2; exit 1; }
mkdir -p build/fuzz/corpus
"$python" tests/fuzz/seeds.py build/fuzz
"$clang" -std=c11 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -DSC_FAILING_MEMORY \
  -I$engine -o build/fuzz/engine tests/fuzz/engine_fuzz.c \
  $engine/{accumulate,canonical,code_table,count_table,counts,dual_descent,folding,form_tables,model,ngrams,reasons,tokens,unicode_tables,weighing,windows,word_reasons}.c -lm
ENGINE_TABLES=build/fuzz/unicode.bin ENGINE_FORM_TABLES=build/fuzz/form.bin build/fuzz/engine -max_len=700 -max_total_time="$seconds" -timeout=10 \
  -rss_limit_mb=2048 -artifact_prefix=build/fuzz/ -print_final_stats=1 build/fuzz/corpus build/fuzz/seeds
