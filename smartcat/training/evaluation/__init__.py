"""Measuring a trained model on labelled documents."""
