import re
from pathlib import Path

from smartcat.cli.demo.html_report import write_report
from smartcat.cli.demo.scenario import Scenario
from smartcat.cli.demo.streaming import StreamingRun
from smartcat.cli.demo.summary import summarise


def test_the_page_stands_alone_and_other_peoples_text_stays_text(
    scenario: Scenario, finished: StreamingRun, tmp_path: Path
) -> None:
    """Three pictures inside, nothing loaded from elsewhere, and no label becomes markup or a template."""
    write_report(tmp_path / "report.html", scenario, finished, summarise(finished))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.count("<svg") == 3
    assert not re.search(r"(?:src|href|url)\s*[=(]", page)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "<own>" not in page
    assert "(expected: deed)" in page
