"""Replay of quarantined and discarded records: read them, select, and put them back on the stream."""
