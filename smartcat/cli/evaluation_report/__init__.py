"""Reports of an evaluation: summary text, on a terminal, and as an HTML page."""
