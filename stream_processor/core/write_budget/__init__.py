"""How fast this environment may write, as arithmetic over timestamps."""
