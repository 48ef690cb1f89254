"""What a cold start costs: the artifact, the one with scikit-learn, and handlers of boto3 alone.

    python -m benchmarks.cold_start [--python python3.13] [--runs 20] [--limited-runs 20]

Zips are built with ``smartcat package`` for this machine's processor and unpacked; a model of generated
paperwork lies in a folder beside them. Each start is a clean process that has Lambda's runtime (boto3 and
awslambdaric, nothing else) and the unpacked zip: it imports awslambdaric and then the handler, which loads
the model and makes the client of DynamoDB. CPU time is the process's own, from its first instruction on; wall
time is from before it was started until the handler is there. Variants take turns, so that other load on
the machine is shared by all.

A function of M MB has M / 1,769 of a processor; a control group gives a process that much where this may be
done (root and the cpu controller, version 1 or 2), in periods of 20 ms. Lambda itself does not limit
initialisation so hard, so these wall times are upper bounds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from benchmarks.docs_page import replace_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RESULTS = Path("benchmarks/results/cold_start.json")
PAGE = Path("docs/performance.md")
WORK = Path("build/cold_start").absolute()
BARE = "import boto3\n\n\ndef handler(event, context):\n    return None\n"
WITH_CLIENT = BARE.replace("boto3\n", "boto3\n\nclient = boto3.client('dynamodb')\n", 1)
START = """
import json, resource, sys, time
sys.path.insert(0, {root!r})
from awslambdaric import bootstrap
bootstrap._get_handler({handler!r})
use = resource.getrusage(resource.RUSAGE_SELF)
print()
print(json.dumps([time.time(), use.ru_utime + use.ru_stime, use.ru_maxrss / 1024]))
"""
MODEL = """
import json, time
from smartcat.classifier.classifier import load_classifier
load_classifier("model")
began = time.process_time()
load_classifier("model")
print(json.dumps(time.process_time() - began))
"""
SETTINGS = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "SMARTCAT_TABLE": "results",
    "SMARTCAT_QUARANTINE_BUCKET": "quarantine",
    "SMARTCAT_CLAIMS_BUCKET": "claims",
    "SMARTCAT_WRITE_UNITS_PER_SECOND": "50",
}
MEMORY_MB = {256: 256 / 1769, 512: 512 / 1769, 1769: 1.0}
PERIOD_US = 20_000


def prepare(python: str) -> tuple[str, dict[str, Path]]:
    """Make a runtime, a model and the unpacked zips; return the interpreter and the variants by name."""
    runtime = WORK / "runtime"
    if not (runtime / "ready").exists():
        run(python, "-m", "venv", str(runtime))
        pins = [f"{name}=={version(name)}" for name in ("boto3", "botocore", "awslambdaric")]
        run(str(runtime / "bin/python"), "-m", "pip", "install", "--quiet", *pins)
        run(str(runtime / "bin/python"), "-m", "compileall", "-q", str(runtime / "lib"))
        (runtime / "ready").touch()
    smartcat = (sys.executable, "-m", "smartcat")
    model = WORK / "model"
    if not model.exists():
        samples = WORK / "samples.jsonl"
        samples.write_bytes(run(*smartcat, "samples", "--count", "1500").encode())
        run(*smartcat, "train", "--quick", str(samples), "--out", str(model))
    release = run(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    beside = str(Path(run(python, "-c", "import sys; print(sys.executable)").strip()).parent)
    arch = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    variants = {"boto3 alone": WORK / "bare", "boto3 and a client of DynamoDB": WORK / "client"}
    for folder, code in zip(variants.values(), (BARE, WITH_CLIENT), strict=True):
        folder.mkdir(exist_ok=True)
        (folder / "bare.py").write_text(code)
    for variant, options in (("compiled", ()), ("sklearn", ("--engine", "sklearn"))):
        file = WORK / f"{variant}.zip"
        if not file.exists() or file.stat().st_mtime < newest_source():
            build = ("package", "--arch", arch, "--python", release, "--out", str(file), *options)
            run(*smartcat, *build, path=beside)  # the modules are compiled with that Python
        variants[variant] = unpack(file, WORK / variant)
    variants["compiled, no bytecode"] = unpack(WORK / "compiled.zip", WORK / "no-bytecode", bytecode=False)
    return str(runtime / "bin/python"), variants


def newest_source() -> float:
    """Return when our own code was last changed: zips that are younger are used again."""
    rooms = (
        Path(room)
        for room in (
            "smartcat/classifier",
            "smartcat/cli/lambda_package",
            "stream_processor",
            "smartcat/wire_format",
        )
    )
    return max(
        file.stat().st_mtime for room in rooms for file in room.rglob("*.[pch]*") if file.suffix != ".pyc"
    )


def run(*command: str, cwd: Path | None = None, path: str = "") -> str:
    """Run a command that must succeed, with a folder before the others of the path; give what it printed."""
    variables = {**os.environ, "PATH": os.pathsep.join(filter(None, (path, os.environ["PATH"])))}
    done = subprocess.run(  # noqa: S603
        command, check=True, stdout=subprocess.PIPE, text=True, cwd=cwd, env=variables
    )
    return done.stdout


def unpack(file: Path, folder: Path, *, bytecode: bool = True) -> Path:
    """Unpack a zip as Lambda does."""
    run("rm", "-rf", str(folder))
    with ZipFile(file) as archive:
        names = [name for name in archive.namelist() if bytecode or not name.endswith(".pyc")]
        archive.extractall(folder, names)
    (folder / "model").symlink_to((WORK / "model").absolute())
    return folder


@contextmanager
def limited(share: float) -> Iterator[Path | None]:
    """Return a control group that has a share of one processor; None where there can be none."""
    groups = Path("/sys/fs/cgroup")
    old = (groups / "cpu").is_dir()
    group = (groups / "cpu" if old else groups) / f"smartcat-{os.getpid()}"
    quota = round(PERIOD_US * share)
    try:
        group.mkdir()
        if old:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
    except OSError:
        if group.is_dir():
            group.rmdir()
        yield None
        return
    try:
        yield group
    finally:
        for _ in range(100):
            try:
                group.rmdir()
                break
            except OSError:  # the last process has not quite left it
                time.sleep(0.05)


def start(python: str, variant: str, root: Path, group: Path | None) -> dict[str, float]:
    """Start once; return CPU and wall time in ms and peak memory in MB."""
    handler = "bare.handler" if variant.startswith("boto3") else "stream_processor.handler.handler"
    code = START.format(root=str(root.absolute()), handler=handler)
    command = [python, "-I", "-B", "-c", code]
    if group:
        command = ["sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh", *command]
    variables = {**SETTINGS, "PATH": os.environ["PATH"], "SMARTCAT_MODEL": "model"}
    began = time.time()
    done = subprocess.run(  # noqa: S603
        command, check=True, stdout=subprocess.PIPE, text=True, cwd=root, env=variables
    )
    ended, cpu, memory = json.loads(done.stdout.splitlines()[-1])
    return {"cpu_ms": 1000 * cpu, "wall_ms": 1000 * (ended - began), "memory_mb": memory}


def medians(starts: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the median of each figure."""
    return {key: round(statistics.median(each[key] for each in starts), 1) for key in starts[0]}


def measure(python: str, variants: dict[str, Path], runs: int, limited_runs: int) -> list[dict[str, Any]]:
    """Return the medians of every variant, unlimited and at each size."""
    rows: list[dict[str, Any]] = []
    for memory, share in [(0, 1.0), *MEMORY_MB.items()]:
        with limited(share) if memory else limited(1.0) as group:
            if memory and group is None:
                continue
            found: dict[str, list[dict[str, float]]] = {variant: [] for variant in variants}
            for turn in range((limited_runs if memory else runs) + 1):
                for variant, root in variants.items():
                    figures = start(python, variant, root, group if memory else None)
                    if turn:  # the first fills the page cache
                        found[variant].append(figures)
        rows += [{"way": variant, "limit_mb": memory, **medians(starts)} for variant, starts in found.items()]
    return rows


def tables(result: dict[str, Any]) -> dict[str, str]:
    """Return the tables of docs/performance.md by mark."""
    sizes = result["zip_bytes"]
    about = (
        f"{result['machine']}, {result['python']}, boto3 {result['boto3']}; medians of {result['runs']} "
        f"clean processes, {result['limited_runs']} where the processor is limited, {result['date'][:10]}. "
        f"Zips: {sizes['compiled']:,} and {sizes['sklearn']:,} bytes. "
        f"Loading a model of {result['model_bytes']:,} bytes: {result['model_ms']:.1f} ms of CPU."
    )
    return {"cold start": _starts(result), "cold start machine": about}


def _starts(result: dict[str, Any]) -> str:
    lines = [
        "| of a processor | what starts | CPU ms | times boto3 alone | wall ms | peak memory MB |",
        "| --- " * 6 + "|",
    ]
    bare = {row["limit_mb"]: row["cpu_ms"] for row in result["starts"] if row["way"] == "boto3 alone"}
    for row in result["starts"]:
        size = f"as {row['limit_mb']:,} MB" if row["limit_mb"] else "all"
        ratio = row["cpu_ms"] / bare[row["limit_mb"]]
        lines.append(
            f"| {size} | {row['way']} | {row['cpu_ms']:.0f} | {ratio:.2f} | {row['wall_ms']:.0f}"
            f" | {row['memory_mb']:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print the tables, write the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default="python3.13")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--limited-runs", type=int, default=20)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--table", action="store_true", help="renew the page from the results alone")
    options = parser.parse_args()
    if not options.table:
        WORK.mkdir(parents=True, exist_ok=True)
        python, variants = prepare(options.python)
        loads = [float(run(python, "-c", MODEL, cwd=variants["compiled"])) for _ in range(options.runs)]
        result = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
            "python": run(python, "--version").strip(),
            "boto3": version("boto3"),
            "runs": options.runs,
            "limited_runs": options.limited_runs,
            "zip_bytes": {
                variant: (WORK / f"{variant}.zip").stat().st_size for variant in ("compiled", "sklearn")
            },
            "model_bytes": sum(file.stat().st_size for file in (WORK / "model").iterdir()),
            "model_ms": round(1000 * statistics.median(loads), 2),
            "starts": measure(python, variants, options.runs, options.limited_runs),
        }
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    shown = tables(json.loads(options.out.read_text()))
    print("\n\n".join(shown.values()))
    if options.out == RESULTS:
        PAGE.write_text(replace_tables(PAGE.read_text("utf-8"), shown), encoding="utf-8")


if __name__ == "__main__":
    main()
