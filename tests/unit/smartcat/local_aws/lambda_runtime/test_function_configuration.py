"""What the host reads from the API, and the variables of a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from smartcat.local_aws.lambda_runtime.function_configuration import FunctionConfiguration
from smartcat.local_aws.lambda_runtime.host import function_name

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:classify"


def test_an_answer_of_the_api_becomes_a_configuration() -> None:
    """A version in the ARN is dropped, since only the latest code runs."""
    response = {
        "FunctionName": "classify",
        "FunctionArn": ARN + ":3",
        "Handler": "a.b",
        "Runtime": "python3.12",
        "Timeout": 60,
        "MemorySize": 512,
        "Environment": {"Variables": {"A": "1"}},
    }
    assert FunctionConfiguration.from_api(response) == FunctionConfiguration(
        "classify", ARN, "a.b", "python3.12", 60, 512, {"A": "1"}
    )


def test_absent_fields_have_lambdas_defaults() -> None:
    """3 seconds and 128 MB."""
    found = FunctionConfiguration.from_api({"FunctionName": "f", "FunctionArn": ARN, "Handler": "a.b"})
    assert (found.timeout, found.memory_mb, dict(found.variables)) == (3, 128, {})


def test_reserved_variables_win_over_the_functions_own_and_those_over_the_hosts() -> None:
    """A function can point itself elsewhere, but it cannot pretend to be another."""
    function = FunctionConfiguration(
        "f", ARN, "a.b", variables={"AWS_ENDPOINT_URL": "own", "AWS_LAMBDA_FUNCTION_NAME": "other"}
    )
    found = function.process_variables(
        host_variables={"AWS_ENDPOINT_URL": "host", "PATH": "/bin"},
        task_root=Path("/code"),
        runtime_api="h:1",
        log_stream="l",
    )
    assert (found["AWS_ENDPOINT_URL"], found["PATH"], found["AWS_LAMBDA_FUNCTION_NAME"]) == (
        "own",
        "/bin",
        "f",
    )
    assert (found["AWS_REGION"], found["AWS_LAMBDA_RUNTIME_API"]) == ("eu-central-1", "h:1")


@pytest.mark.parametrize(
    "reference",
    [
        "classify",
        "classify:live",
        "123456789012:function:classify",
        "function:classify",
        ARN,
        ARN + ":$LATEST",
    ],
)
def test_every_way_to_name_a_function(reference: str) -> None:
    """Names, partial ARNs and ARNs, with and without a qualifier."""
    assert function_name(reference) == "classify"
