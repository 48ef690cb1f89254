"""Training on corpora larger than memory."""
