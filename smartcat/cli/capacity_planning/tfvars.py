"""A plan as variables of infra/terraform, and the file that holds them. Text only: writes nothing."""

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

#: Seen from infra/terraform.
PACKAGE: Final = "../../build/function.zip"
MODEL: Final = "../../model"

#: Significant digits of what is no whole number.
_DIGITS: Final = 6


def variables(plan: Plan, quotas: Quotas, region: str | None = None) -> dict[str, str | dict[str, Value]]:
    """Give the variables of one stack.

    Args:
        plan: What was planned.
        quotas: Of the account; Terraform checks one of them.
        region: Where, or None to leave it to the environment.
    """
    load, flow = plan.load, plan.traffic
    top: dict[str, str | dict[str, Value]] = {} if region is None else {"region": region}
    top["package"] = {"zip_path": PACKAGE}
    top["model"] = {"path": MODEL}
    top["stream"] = {
        "mode": "PROVISIONED",
        "shards": plan.shards,
        "retention_hours": plan.retention_hours,
        "max_record_kib": MAX_RECORD_KIB,
        "other_consumers": load.other_consumers,
    }
    consumer: dict[str, Value] = {
        "memory_mb": load.memory_mb,
        "timeout_s": plan.timeout_s,
        "batch_size": plan.batch_size,
        "batching_window_s": WINDOW_SECONDS,
        "parallelization_factor": plan.factor,
        "max_retries": plan.retries,
        "max_record_age_s": plan.max_age_hours * 3600,
    }
    if plan.concurrency != plan.concurrency_by_table:
        # What Terraform makes of the table by itself would not be this.
        consumer["reserved_concurrency"] = plan.concurrency
    top["consumer"] = consumer
    top["table"] = {
        "billing_mode": "PROVISIONED",
        "write_capacity": plan.write_units,
        "max_write_capacity": plan.max_write_units,
        "read_capacity": READ_UNITS,
        "target_utilization": load.target_utilization,
        "ttl_days": rounded(load.kept_days),
    }
    top["load"] = {
        "records_per_s": rounded(load.documents_per_second),
        "peak_records_per_s": rounded(flow.records(load.peak, plan.shards)),
        "documents_per_record": flow.most_documents,
        "avg_record_bytes": rounded(load.peak * flow.stream_bytes / flow.records(load.peak, plan.shards)),
        "wcu_per_result": load.wcu_per_result,
        "classify_ms_per_record": rounded(1000 * load.classify_seconds),
        "cold_start_s": rounded(COLD_START_SECONDS),
        "tolerated_outage_h": rounded(load.outage_hours),
        "account_concurrency": quotas.account_concurrency,
    }
    return top


def rounded(value: float) -> float | int:
    """Give the first six significant digits, never rounded up, and a whole number as one.

    Rounded up, a rate could break a relation that the exact one keeps.
    """
    near = Decimal(repr(float(value)))
    step = Decimal(1).scaleb(near.adjusted() - _DIGITS + 1)
    found = float(
        near.quantize(step, ROUND_FLOOR) if near > 1 / step or step < 1 else near.to_integral_value()
    )
    return int(found) if found.is_integer() else found


def render(found: Mapping[str, str | Mapping[str, Value]], plan: Plan) -> str:
    """Write the file: every value as JSON has it, which HCL takes, in ``terraform fmt``'s columns."""
    load = plan.load
    lines = [
        f"# smartcat plan: {load.documents_per_day:,.12g} documents a day,",
        f"# {load.documents_per_second:,.6g} a second on average, {load.peak:,.6g} at the peak.",
        "# In load, records_per_s counts documents; the peak and the bytes are those of Kinesis records.",
    ]
    if plan.stacks > 1:
        lines.append(f"# One of {plan.stacks} stacks that share the load: give each another name.")
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
    # In HCL "${" and "%{" in a string begin a template.
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
