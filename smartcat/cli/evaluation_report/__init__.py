"""How an evaluation is shown to people: in words, on a terminal, as a page."""
