import subprocess
import sys

ASSERTIONS = """
import sys, types
mine = types.ModuleType("config_pb2")
if {shadow}:
    sys.modules["config_pb2"] = mine
path = list(sys.path)
from smartcat.wire_format.kpl_message import aggregated_record_class
message = aggregated_record_class()()
message.partition_key_table.append("k")
assert message.SerializeToString() == b"\\n\\x01k"
assert sys.path == path
assert sys.modules.get("config_pb2") is (mine if {shadow} else None)
assert "aws_kinesis_agg.aggregator" not in sys.modules
import aws_kinesis_agg.aggregator, aws_kinesis_agg.deaggregator
"""


def run(code: str) -> None:
    """Run the code in a fresh interpreter, warnings being errors."""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


def test_import_leaves_no_trace() -> None:
    """The message is imported without warnings, and neither sys.path nor the name config_pb2 is touched."""
    run(ASSERTIONS.format(shadow=False))


def test_import_survives_a_foreign_config_pb2() -> None:
    """A module of the user's with the same top-level name is neither used nor replaced."""
    run(ASSERTIONS.format(shadow=True))


def test_reading_documents_does_not_import_protobuf() -> None:
    """A cold start without aggregates does not pay for protobuf."""
    run(
        "import sys, smartcat.wire_format.document, smartcat.wire_format.aggregation as a;"
        "assert not a.is_aggregate(b'{}');"
        "assert not [m for m in sys.modules if 'protobuf' in m or m.startswith('aws_kinesis_agg')]"
    )
