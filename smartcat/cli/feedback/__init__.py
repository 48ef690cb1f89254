"""Corrections: labels given by people, stored where no classification can overwrite them."""
