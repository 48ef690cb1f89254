"""A plan as variables of infra/terraform, and the text of their file. Writes no file."""

from __future__ import annotations

import json
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Final

from smartcat.cli.capacity_planning.costs import READ_UNITS
from smartcat.cli.capacity_planning.plan import COLD_START_SECONDS, MAX_RECORD_KIB, WINDOW_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.cli.capacity_planning.plan import Plan
    from smartcat.cli.capacity_planning.quotas import Quotas

Value = bool | int | float | str

#: Paths relative to infra/terraform.
PACKAGE: Final = "../../build/function.zip"
MODEL: Final = "../../model"

#: Significant digits of fractions.
_DIGITS: Final = 6


def variables(plan: Plan, quotas: Quotas, region: str | None = None) -> dict[str, str | dict[str, Value]]:
    """Return the variables of one deployment.

    Args:
        plan: The plan.
        quotas: The account's; Terraform checks one of them.
        region: AWS region; None leaves it to Terraform's environment.
    """
    workload, traffic = plan.workload, plan.stream_traffic
    top: dict[str, str | dict[str, Value]] = {} if region is None else {"region": region}
    top["package"] = {"zip_path": PACKAGE}
    top["model"] = {"path": MODEL}
    top["stream"] = {
        "mode": "PROVISIONED",
        "shards": plan.shards,
        "retention_hours": plan.retention_hours,
        "max_record_kib": MAX_RECORD_KIB,
        "other_consumers": workload.other_consumers,
    }
    consumer: dict[str, Value] = {
        "memory_mb": workload.memory_mb,
        "timeout_s": plan.timeout_s,
        "batch_size": plan.batch_size,
        "batching_window_s": WINDOW_SECONDS,
        "parallelization_factor": plan.parallelization_factor,
        "max_retries": plan.retries,
        "max_record_age_s": plan.max_age_hours * 3600,
    }
    if plan.environments != plan.environments_by_table:
        # Terraform's own formula would give another number.
        consumer["reserved_concurrency"] = plan.environments
    top["consumer"] = consumer
    top["table"] = {
        "billing_mode": "PROVISIONED",
        "write_capacity": plan.write_units,
        "max_write_capacity": plan.max_write_units,
        "read_capacity": READ_UNITS,
        "target_utilization": workload.target_utilization,
        "ttl_days": rounded(workload.kept_days),
    }
    peak_records = traffic.records(workload.peak, plan.shards)
    top["load"] = {
        "records_per_s": rounded(workload.documents_per_second),
        "peak_records_per_s": rounded(peak_records),
        "documents_per_record": traffic.most_documents,
        "avg_record_bytes": rounded(workload.peak * traffic.stream_bytes / peak_records),
        "wcu_per_result": workload.wcu_per_result,
        "classify_ms_per_record": rounded(1000 * workload.classify_seconds),
        "cold_start_s": rounded(COLD_START_SECONDS),
        "tolerated_outage_h": rounded(workload.outage_hours),
        "account_concurrency": quotas.account_concurrency,
    }
    return top


def rounded(value: float) -> float | int:
    """Return the first six significant digits, never rounded up; a whole number as an ``int``.

    Rounded up, a rate could violate a constraint that the exact one meets.
    """
    near = Decimal(repr(float(value)))
    step = Decimal(1).scaleb(near.adjusted() - _DIGITS + 1)
    found = float(
        near.quantize(step, ROUND_FLOOR) if near > 1 / step or step < 1 else near.to_integral_value()
    )
    return int(found) if found.is_integer() else found


def render(found: Mapping[str, str | Mapping[str, Value]], plan: Plan) -> str:
    """Return the text of the file: values as JSON, which HCL accepts, in ``terraform fmt``'s layout."""
    workload = plan.workload
    lines = [
        f"# smartcat plan: {workload.documents_per_day:,.12g} documents per day,",
        f"# {workload.documents_per_second:,.6g} per second on average, {workload.peak:,.6g} at the peak.",
        "# In load, records_per_s counts documents; the peak and the bytes are those of Kinesis records.",
    ]
    if plan.deployments > 1:
        lines.append(
            f"# One of {plan.deployments} deployments that share the workload: give each its own name."
        )
    lines.append("# package and model are where the commands of docs/deploy.md put them.")
    for name, value in found.items():
        lines.append("")
        if isinstance(value, str):
            lines.append(f"{name} = {_literal(value)}")
            continue
        width = max(map(len, value))
        lines.append(f"{name} = {{")
        lines += [f"  {key:<{width}} = {_literal(each)}" for key, each in value.items()]
        lines.append("}")
    return "\n".join(lines) + "\n"


def _literal(value: Value) -> str:
    # In HCL, "${" and "%{" in a string start a template.
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
