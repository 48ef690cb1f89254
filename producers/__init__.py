"""Filling the stream: sources of documents, packing, delivery. Knows nothing of labels."""
