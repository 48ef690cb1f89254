"""``python -m smartcat``: the same as the command ``smartcat``."""

from smartcat.cli import main

main()
