"""What was put aside, back onto the stream: reading it, choosing from it, and putting it there."""
