"""The runbook and the alarms agree, and every alarm leads to its entry."""

from __future__ import annotations

import re

from support.terraform import MODULE, ROOT

ALARMS = (MODULE / "alarms.tf").read_text("utf-8")
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text("utf-8")


def test_every_alarm_has_an_entry_and_every_entry_an_alarm() -> None:
    """Thirteen alarms, and the one that pages; a heading's anchor is the alarm's name."""
    names = set(re.findall(r'^ {6}"([a-z-]+)" = \{$', ALARMS, re.MULTILINE))
    assert len(names) == 13
    assert set(re.findall(r"^## ([a-z-]+)$", RUNBOOK, re.MULTILINE)) == names | {"data-at-risk"}


def test_descriptions_point_to_the_runbook() -> None:
    """What CloudWatch shows names the entry."""
    assert 'runbook       = "docs/runbook.md"' in ALARMS
    assert "${local.runbook}#${each.key}" in ALARMS
    assert "${local.runbook}#data-at-risk" in ALARMS


def test_entries_say_what_it_means_where_to_look_and_what_to_do() -> None:
    """Each entry has the three parts, in this order."""
    entries = re.split(r"^## ", RUNBOOK, flags=re.MULTILINE)[1:]
    parts = ("**Means**", "**Look at**", "**Do**")
    wrong = [
        entry.split("\n")[0] for entry in entries if re.findall(r"\*\*[A-Z][a-z ]+\*\*", entry) != [*parts]
    ]
    assert wrong == []
