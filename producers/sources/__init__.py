"""Where documents come from: files, folders, S3, standard input. Knows nothing of the stream they go to."""

from producers.sources.found import Found, Position, SourceProblem, Trouble
from producers.sources.read import STDIN, read_documents, read_inputs

__all__ = [
    "STDIN",
    "Found",
    "Position",
    "SourceProblem",
    "Trouble",
    "read_documents",
    "read_inputs",
]
