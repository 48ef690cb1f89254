"""The demonstration: train, stream, classify, account, report."""
