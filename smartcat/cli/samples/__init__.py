"""Generated mortgage paperwork, so that the demo and the tests need nobody's documents."""
