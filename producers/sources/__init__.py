"""Where documents come from: files, folders, S3, standard input. Knows nothing of the stream they go to."""

from producers.sources.formats.read_result import Position, ProblemCode, ReadResult, SourceProblem
from producers.sources.inputs import STDIN, read_documents, read_inputs

__all__ = [
    "STDIN",
    "Position",
    "ProblemCode",
    "ReadResult",
    "SourceProblem",
    "read_documents",
    "read_inputs",
]
