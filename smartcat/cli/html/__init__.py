"""Shared parts of the HTML reports: style, charts, writing files. Knows no report."""
