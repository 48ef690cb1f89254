from benchmarks.engine_tables import tables


def test_ratios_worked_by_hand() -> None:
    """How many times the engine's time another way takes, and a way that was not measured is none."""
    cells = [
        {"kind": "k", "bits": 18, "size": "1 KB", "language": "en", "microseconds": {"int8": 2.0, "vw": 8.0}},
        {"kind": "k", "bits": 18, "size": "1 KB", "language": "de", "microseconds": {"int8": 2.0}},
    ]
    machine = {"cpu": "x", "cores": 2, "python": "3.13", "packages": {"vowpalwabbit": None}, "date": "today"}
    made = tables({"machine": machine, "rounds": 3, "cells": cells})
    assert made["ratios"].splitlines()[2:] == [
        "| k, 2^18 | 1 KB en | 1.00 | 4.00 |",
        "| k, 2^18 | 1 KB de | 1.00 | none |",
    ]
    assert made["in all"].splitlines()[2:] == ["| Vowpal Wabbit | 4.00 | 4.00 | 4.00 |"]
    assert "vowpalwabbit absent" in made["machine"]
