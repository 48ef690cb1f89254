"""Measurements: the engine, the handler, the producers, and the write capacity of a table in virtual time."""
