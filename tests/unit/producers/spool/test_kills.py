"""Processes that end by SIGKILL at any moment, and what the next one finds."""

import subprocess
import sys
from pathlib import Path

from support import killed_spools


def play(use: str, folder: Path) -> list[int]:
    """Run a use that is killed again and again, which must succeed, and return the figures it prints."""
    done = subprocess.run(
        [sys.executable, killed_spools.__file__, use, folder],
        check=False,
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]


def test_a_writer_that_is_killed_at_random_loses_nothing(tmp_path: Path) -> None:
    """After each of 40 kills every record is there for which `append` returned: in order, none twice."""
    (kept,) = play("writer", tmp_path)
    assert kept > 1000


def test_a_kill_before_any_line_loses_nothing(tmp_path: Path) -> None:
    """Opening, appending, syncing, taking, acknowledging, closing: each line of it is the last one once."""
    (lines,) = play("every_line", tmp_path)
    assert lines > 150


def test_a_sender_that_is_killed_sends_again_and_gets_on(tmp_path: Path) -> None:
    """Sent without a receipt is sent again; what had its receipt is noted before the batch is done."""
    rounds, sent = play("sender", tmp_path)
    assert 2 < rounds <= 5
    assert 2000 < sent < 3200


def test_versions_of_a_document_stay_in_order_whatever_is_killed(tmp_path: Path) -> None:
    """Where the same ids come again and again, none is passed over, and the last one sent is the latest."""
    rounds, sent = play("sender_of_versions", tmp_path)
    assert 8 < rounds <= 11
    assert sent < 2000 + rounds
