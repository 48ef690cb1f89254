"""What `smartcat produce` does: read, keep, send, go on after a break, and say what became of it."""
