"""The contents of the package: which distributions, and which of their files. Pure data.

Declared, not traced: a trace would miss modules that are imported only for an aggregate. That the list is
complete and minimal is tested by running the package (tests/e2e/test_artifact.py).
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

Engine: TypeAlias = Literal["compiled", "sklearn"]

#: Third-party distributions that the handler imports, with all that they import in turn.
FUNCTION_DISTRIBUTIONS: Final = (
    "annotated-types",
    "aws-kinesis-agg",
    "aws-lambda-powertools",
    "backports.zstd",
    "protobuf",
    "pydantic",
    "pydantic-core",
    "tenacity",
    "typing-extensions",
    "typing-inspection",
)
#: Distributions that the sklearn engine needs in addition.
SKLEARN_DISTRIBUTIONS: Final = (
    "cloudpickle",
    "joblib",
    "narwhals",
    "numpy",
    "scikit-learn",
    "scipy",
    "threadpoolctl",
)
#: Part of Lambda's runtime, so included only on request.
BOTO3_DISTRIBUTIONS: Final = (
    "boto3",
    "botocore",
    "jmespath",
    "python-dateutil",
    "s3transfer",
    "six",
    "urllib3",
)

#: Services that the function calls, as botocore's folders are named; sts gives some credentials.
_SERVICES: Final = ("dynamodb", "s3", "sts")

_POWERTOOLS_UTILITIES: Final = (
    "auth_alpha|batch|circuit_breaker|data_classes|data_masking|feature_flags|idempotency|kafka|metadata"
    "|parameters|parser|streaming|validation"
)

_LEFT_OUT: Final = re.compile(
    "|".join(
        (
            # Tests (but numpy.testing, which SciPy imports), sources of extensions, and type stubs.
            r"(^|.*/)(tests?|__pycache__)/.*",
            r".*\.(c|h|hpp|cpp|f|f90|pyi|pyx|pxd|pyx\.tp|pxi|a|typed|build|txt|md|rst)",
            # Of the metadata, keep what vulnerability scanners read, and licences.
            r"[^/]+\.dist-info/(?!METADATA$|licenses/).*",
            r"[^/]+\.dist-info/.*/tests?/.*",
            r"aws_kinesis_agg/(aggregator|deaggregator|kpl_pb2).*",
            r"aws_lambda_powertools/event_handler/.*",
            rf"aws_lambda_powertools/utilities/({_POWERTOOLS_UTILITIES})/.*",
            r"google/protobuf/(compiler|util|testdata)/.*",
            r"pydantic/(v1|deprecated/decorator|mypy)(/.*|\.py)",
            rf"botocore/data/(?!({'|'.join(_SERVICES)})/)[^/]+/.*",
            rf"boto3/data/(?!({'|'.join(_SERVICES)})/)[^/]+/.*",
            r"boto3/examples/.*",
        )
    )
)
_LICENCE: Final = re.compile(r"[^/]+\.dist-info/licenses/.*")


def distributions(engine: Engine, *, with_boto3: bool) -> tuple[str, ...]:
    """Return the distributions of a package, sorted."""
    chosen = [*FUNCTION_DISTRIBUTIONS]
    if engine == "sklearn":
        chosen += SKLEARN_DISTRIBUTIONS
    if with_boto3:
        chosen += BOTO3_DISTRIBUTIONS
    return tuple(sorted(chosen))


def is_included(path: str) -> bool:
    """Return whether a file of a distribution is included in the package.

    Args:
        path: Its path in the zip.
    """
    if _LICENCE.fullmatch(path):
        return True
    return not _LEFT_OUT.fullmatch(path)
