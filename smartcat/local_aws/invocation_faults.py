"""The mapping's invocations, which come over no HTTP, meet the fault rules of Lambda's Invoke as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from smartcat.local_aws.lambda_runtime.host import InvokeResult, function_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.local_aws.server.fault_injection import FaultInjection

_LOST: Final = InvokeResult(200, b'{"errorMessage":"the answer was lost"}', "Unhandled")
"""An invocation of which the mapping knows no more than that it did not succeed."""


class Invocation(NamedTuple):
    """What a rule needs to know of an invocation."""

    resources: frozenset[str]
    service: str = "lambda"
    operation: str = "Invoke"


def with_faults(
    invoke: Callable[[str, bytes], InvokeResult], faults: Callable[[], FaultInjection | None]
) -> Callable[[str, bytes], InvokeResult]:
    """Return what invokes a function under the rules in force.

    Args:
        invoke: Invokes a function: ``invoke(arn, payload)``.
        faults: Gives the rules; None while there are none yet.
    """

    def invoked(function: str, payload: bytes) -> InvokeResult:
        rules = faults()
        if rules is None:
            return invoke(function, payload)
        call = Invocation(frozenset({function_name(function)}))
        return rules.call_function(call, lambda: invoke(function, payload), _LOST)

    return invoked
