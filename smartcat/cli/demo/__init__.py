"""The demo: train, stream, classify, reconcile, report."""
