"""Everything of the processor that touches the world, one service a file."""
