"""Fits of the linear model: vocabulary, solver, naive Bayes, pruning, and the auxiliary columns."""
