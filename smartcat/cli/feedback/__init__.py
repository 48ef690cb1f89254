"""Corrections: what people say a document is, kept where no classification can overwrite it."""
