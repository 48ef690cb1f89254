"""The errors of training and evaluation. Messages are one line and never hold a document's text."""

from __future__ import annotations


class LearningError(Exception):
    """Base of every error this package raises on purpose."""


class CorpusError(LearningError, ValueError):
    """A labelled corpus that cannot be used; the message names file, line and what was expected."""


class TrainingError(LearningError, ValueError):
    """Documents or options from which no model can be trained."""


class EvaluationError(LearningError, ValueError):
    """Documents on which nothing can be measured."""


class SaveError(LearningError, RuntimeError):
    """A model that could not be written, or a path that must not be overwritten."""


class SpillFileError(LearningError, RuntimeError):
    """The temporary file of a corpus larger than memory cannot be created, written or read."""
