"""Generated mortgage paperwork with labels, so that the demo and the tests need no real documents."""
