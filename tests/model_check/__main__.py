"""``python -m model_check``: worlds by the thousand on all processors, or one of them with its trace."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from model_check.check import failing_of, report

CHUNK = 500


def main() -> int:
    """Run what the arguments say; return 1 where a world fails."""
    parser = argparse.ArgumentParser(prog="model_check", description=__doc__)
    parser.add_argument("--worlds", type=int, default=100_000, help="how many (rounded up to 500)")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, help="show this one, whole")
    parser.add_argument(
        "--shrink",
        action="store_true",
        help="with --seed: leave out what it fails without",
    )
    chosen = parser.parse_args()
    if chosen.seed is not None:
        print(text := report(chosen.seed, shrunk=chosen.shrink))  # noqa: T201 - it is what was asked for
        return int("WRONG" in text)
    begun, found, done = time.monotonic(), list[int](), 0
    chunks = [
        range(start, start + CHUNK) for start in range(chosen.first, chosen.first + chosen.worlds, CHUNK)
    ]
    with ProcessPoolExecutor(chosen.processes, mp_context=get_context("spawn")) as pool:
        for seeds in pool.map(failing_of, chunks):
            done += CHUNK
            found += seeds
            rate = 60 * done / (time.monotonic() - begun)
            told = f", seeds that fail: {found[:20]}" if found else ""
            print(f"\r{done} worlds, {rate:.0f} a minute{told}", end="", flush=True)  # noqa: T201
    print()  # noqa: T201
    if found:
        print(f"seeds that fail: {found[:50]}\n\n{report(found[0])}")  # noqa: T201
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
