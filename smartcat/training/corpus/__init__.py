"""Labelled documents: read from files, corrected, sampled and profiled."""
