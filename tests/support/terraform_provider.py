"""Serves the provider beside the clone to every run of Terraform: a program for that provider's own Python.

Terraform starts a provider several times a run, and each start imports gRPC, makes a key and builds the
schema: two thirds of what a run costs. It can be told of one that runs (``TF_REATTACH_PROVIDERS``).
"""

from __future__ import annotations

import importlib.util
import sys
from concurrent import futures
from typing import Any

UNBOUNDED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def load(program: str) -> Any:
    """Return the provider's program as a module."""
    spec = importlib.util.spec_from_file_location("provider", program)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def serve(program: str, socket: str) -> None:
    """Serve it on a Unix socket, say that it is ready, and end with standard input."""
    import grpc  # noqa: PLC0415 - the provider's Python has it, the tests' has not

    provider = load(program)
    schema = provider.Provider().GetProviderSchema(None, None)

    class Reused(provider.Provider):  # type: ignore[misc, name-defined] - a module made at run time
        """The provider, whose schema is built once."""

        def GetProviderSchema(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's
            return schema

    server = grpc.server(futures.ThreadPoolExecutor(10), options=UNBOUNDED)
    provider.plugin_rpc.add_ProviderServicer_to_server(Reused(), server)
    provider.stdio_rpc.add_GRPCStdioServicer_to_server(provider.Stdio(), server)
    server.add_insecure_port(f"unix://{socket}")
    server.start()
    print("ready", flush=True)  # noqa: T201 - read by whoever started it
    sys.stdin.read()
    server.stop(None)


if __name__ == "__main__":
    serve(*sys.argv[1:])
