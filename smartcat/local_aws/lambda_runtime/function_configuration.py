"""A function's configuration, and the environment variables that Lambda sets for its processes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ACCOUNT_CONCURRENCY: Final = 1000
"""Concurrent executions of an account with the default quota."""


@dataclass(frozen=True, slots=True)
class FunctionConfiguration:
    """One function as `GetFunctionConfiguration` describes it.

    Attributes:
        name: The function's name.
        arn: Its unqualified ARN.
        handler: Dotted path of the handler.
        runtime: For example `python3.11`; reported to the function, which the host's Python runs.
        timeout: Seconds an invocation may take, 1 to 900.
        memory_mb: Memory limit in MB, 128 to 10,240.
        variables: The function's own environment variables.
    """

    name: str
    arn: str
    handler: str
    runtime: str = "python3.11"
    timeout: int = 3
    memory_mb: int = 128
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """Return the region in the ARN."""
        return self.arn.split(":")[3]

    @classmethod
    def from_api(cls, response: Mapping[str, Any]) -> FunctionConfiguration:
        """Read the response of CreateFunction, UpdateFunctionCode or UpdateFunctionConfiguration.

        Args:
            response: The decoded JSON.

        Raises:
            KeyError: It lacks FunctionName, FunctionArn or Handler.
        """
        name = response["FunctionName"]
        return cls(
            name=name,
            arn=response["FunctionArn"].split(f":function:{name}")[0] + f":function:{name}",
            handler=response["Handler"],
            runtime=response.get("Runtime") or "python3.11",
            timeout=int(response.get("Timeout") or 3),
            memory_mb=int(response.get("MemorySize") or 128),
            variables=(response.get("Environment") or {}).get("Variables") or {},
        )

    def process_variables(
        self, *, host_variables: Mapping[str, str], task_root: Path, runtime_api: str, log_stream: str
    ) -> dict[str, str]:
        """Return all environment variables of a process of this function.

        Args:
            host_variables: What the host adds for every function: PATH, HOME, endpoint, credentials, region.
                The function's own variables override these, and Lambda's reserved ones override both.
            task_root: Directory of the code.
            runtime_api: `host:port` of the Runtime API.
            log_stream: Name of the environment's log.
        """
        return {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            **host_variables,
            **self.variables,
            "PYTHONPATH": str(task_root),
            "LAMBDA_TASK_ROOT": str(task_root),
            "_HANDLER": self.handler,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
        }
