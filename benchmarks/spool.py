"""How fast a spool takes documents and lets them go, and how often the disk is synced for it.

    .venv/bin/python -m benchmarks.spool                   # 20,000 of 1 KB, 5,000 of 10 KB, 1,000 of 100 KB
    .venv/bin/python -m benchmarks.spool --folder /mnt/x   # on another disk than that of temporary files

Documents are appended and synced as `smartcat produce --spool` does it, and taken in the sender's batches.
Syncs are counted by strace, in runs of their own; where there is none they are not counted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from producers.spool.sender import BATCH_BYTES, BATCH_RECORDS
from producers.spool.spool import Spool
from smartcat.cli.produce.destinations import SYNC_DOCUMENTS, SYNC_SECONDS

CASES: Final = ((1_000, 20_000), (10_000, 5_000), (100_000, 1_000))
"""Bytes of a document, and how many."""

ROUNDS: Final = 3


def main() -> None:
    """Measure, and print a line for each size."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--folder", type=Path, help="where to put spools; for temporary files by default")
    options.add_argument("--once", nargs=2, type=int, metavar=("BYTES", "COUNT"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.once:
        run(*chosen.once, chosen.folder)
        return
    print(f"{'bytes':>8} {'documents':>10} {'appended/s':>11} {'sent/s':>8} {'opened in s':>12} {'syncs':>6}")
    for size, count in CASES:
        rounds = [run(size, count, chosen.folder) for _ in range(ROUNDS)]
        append, send, opened = (sorted(figures)[ROUNDS // 2] for figures in zip(*rounds, strict=True))
        syncs = count_syncs(size, count, chosen.folder)
        print(
            f"{size:8,} {count:10,} {count / append:11,.0f} {count / send:8,.0f} {opened:12.2f}"
            f" {'?' if syncs is None else syncs:>6}"
        )


def run(size: int, count: int, parent: Path | None) -> tuple[float, float, float]:
    """Fill a spool, open it again and empty it; return the seconds of appending, emptying and opening."""
    data = [os.urandom(size) for _ in range(20)]
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        with Spool(Path(folder), "benchmark") as spool:
            begun = synced = time.perf_counter()
            for number in range(count):
                spool.append(data[number % len(data)])
                if time.perf_counter() - synced >= SYNC_SECONDS or number % SYNC_DOCUMENTS == 0:
                    spool.sync()
                    synced = time.perf_counter()
            spool.sync()
            appended = time.perf_counter()
        closed = time.perf_counter()
        with Spool(Path(folder), "benchmark") as spool:
            opened = time.perf_counter()
            while spool.waiting:
                for record in spool.take(BATCH_RECORDS, BATCH_BYTES):
                    spool.acknowledge(record)
            return appended - begun, time.perf_counter() - opened, opened - closed


def count_syncs(size: int, count: int, parent: Path | None) -> int | None:
    """Return how often a run calls fsync or fdatasync; None without strace."""
    if not shutil.which("strace"):
        return None
    with tempfile.NamedTemporaryFile() as calls:
        folder = ["--folder", str(parent)] if parent else []
        once = ["--once", str(size), str(count), *folder]
        subprocess.run(  # noqa: S603 - this file
            [  # noqa: S607 - strace, where it is installed
                "strace",
                "-f",
                "--trace=fsync,fdatasync",
                "-o",
                calls.name,
                sys.executable,
                "-m",
                __spec__.name,
                *once,
            ],
            check=True,
        )
        return sum(b"sync(" in line for line in calls)


if __name__ == "__main__":
    main()
