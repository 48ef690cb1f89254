"""What the host must know of a function, and the environment variables Lambda gives its processes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ACCOUNT_CONCURRENCY: Final = 1000
"""Concurrent executions of an account without raised quota (AWS default)."""


@dataclass(frozen=True, slots=True)
class FunctionConfiguration:
    """One function as `GetFunctionConfiguration` describes it.

    Attributes:
        name: The function's name.
        arn: Its unqualified ARN.
        handler: Dotted path of the handler.
        runtime: For example `python3.11`; only told to the function, the host's Python runs it.
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
        """The region in the ARN."""
        return self.arn.split(":")[3]

    @classmethod
    def from_api(cls, answer: Mapping[str, Any]) -> FunctionConfiguration:
        """Read the answer of CreateFunction, UpdateFunctionCode, UpdateFunctionConfiguration.

        Args:
            answer: The decoded JSON.

        Raises:
            KeyError: It lacks FunctionName, FunctionArn or Handler.
        """
        name = answer["FunctionName"]
        return cls(
            name=name,
            arn=answer["FunctionArn"].split(f":function:{name}")[0] + f":function:{name}",
            handler=answer["Handler"],
            runtime=answer.get("Runtime") or "python3.11",
            timeout=int(answer.get("Timeout") or 3),
            memory_mb=int(answer.get("MemorySize") or 128),
            variables=(answer.get("Environment") or {}).get("Variables") or {},
        )

    def process_environment(
        self, *, host: Mapping[str, str], task_root: Path, runtime_api: str, log_stream: str
    ) -> dict[str, str]:
        """Return the whole environment of a process of this function.

        Args:
            host: What the host adds for every function: PATH, HOME, endpoint, credentials, region. The
                function's own variables win over these, and Lambda's reserved ones win over both.
            task_root: Where the code lies.
            runtime_api: `host:port` of the Runtime API.
            log_stream: Name of the environment's log.
        """
        return {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            **host,
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
