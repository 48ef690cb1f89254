"""What a producer decides. Pure: no client, clock, thread or file; times and jitter are arguments."""
