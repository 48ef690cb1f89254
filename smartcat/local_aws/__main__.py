"""``python -m smartcat.local_aws``: local AWS in the foreground, until a signal or the end of its parent."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from smartcat.local_aws.dynamodb.table_capacity import BURST_SECONDS
from smartcat.local_aws.errors import LocalAwsError
from smartcat.local_aws.local_aws import LocalAws
from smartcat.local_aws.server.fault_rules import FaultRule, parse_rules
from smartcat.visible_text import VisibleFormatter, visible

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; print one JSON line with the endpoint when it is ready.

    Returns:
        0 after a clean stop, 2 if it could not start (the reason is on stderr).
    """
    options = _parser().parse_args(arguments)
    handler = logging.StreamHandler()
    handler.setFormatter(VisibleFormatter("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    if options.die_with_parent:
        threading.Thread(target=_set_at_end, args=(sys.stdin.fileno(), stopped), daemon=True).start()
    try:
        local_aws = LocalAws(
            host=options.host,
            port=options.port,
            initial_burst_seconds=options.initial_burst_seconds,
            log_dir=options.log_dir,
            faults=_rules(options.faults),
        )
        with local_aws:
            ready = {"endpoint_url": local_aws.endpoint_url, "environment": local_aws.environment_variables()}
            sys.stdout.write(json.dumps(ready) + "\n")
            sys.stdout.flush()
            stopped.wait()
    except (LocalAwsError, ValueError) as problem:
        sys.stderr.write(f"local_aws: {visible(str(problem))}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m smartcat.local_aws", description=__doc__.split("\n")[0])
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to bind; 0 picks a free port (%(default)s)")
    parser.add_argument(
        "--initial-burst-seconds",
        type=float,
        default=BURST_SECONDS,
        metavar="S",
        help="seconds of unused write capacity that a new table starts with, 0 to 300 (%(default)s)",
    )
    parser.add_argument("--log-dir", type=Path, metavar="D", help="directory for the functions' logs")
    parser.add_argument(
        "--faults",
        metavar="RULES",
        help="faults to inject from the start (docs/local-aws.md): a file of JSON rules, or the JSON itself",
    )
    parser.add_argument(
        "--die-with-parent",
        action="store_true",
        help="stop at the end of standard input, which comes when the parent exits",
    )
    return parser


def _rules(argument: str | None) -> tuple[FaultRule, ...]:
    if argument is None:
        return ()
    if argument.lstrip().startswith("["):
        return parse_rules(argument)
    try:
        return parse_rules(Path(argument).read_bytes())
    except OSError as problem:
        raise ValueError(f"cannot read {argument}: {problem.strerror}") from problem


def _set_at_end(descriptor: int, event: threading.Event) -> None:
    # Read the descriptor, not sys.stdin: a thread waiting in it would hold its lock at interpreter exit.
    while os.read(descriptor, 4096):
        pass
    event.set()


if __name__ == "__main__":
    sys.exit(main())
