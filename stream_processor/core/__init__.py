"""The pure part: an event in, writes and a response out. Clock, randomness and AWS are ports."""
