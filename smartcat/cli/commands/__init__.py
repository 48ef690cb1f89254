"""One command per module; each imports what it needs when it runs."""
