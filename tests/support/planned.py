"""What Terraform plans, made by boto3: each resource becomes the calls that its provider would make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcat.cli.deployment import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartcat.cli.deployment import Clients


class Planned:
    """The resources of a plan.

    Args:
        shown: What ``terraform show -json`` says of a plan of the emulator profile.
    """

    def __init__(self, shown: dict[str, Any]) -> None:
        planned = shown["planned_values"]
        self._resources = {each["address"]: each["values"] for each in planned["root_module"]["resources"]}
        self.outputs = {name: each.get("value") for name, each in planned["outputs"].items()}

    def one(self, address: str) -> dict[str, Any]:
        """Give the planned arguments of a resource."""
        values: dict[str, Any] = self._resources[address]
        return values

    def all(self, kind: str) -> Iterator[dict[str, Any]]:
        """Give those of every resource whose address begins so."""
        return (values for address, values in self._resources.items() if address.startswith(kind))

    def build(self, clients: Clients) -> Deployment:
        """Make all that documents meet on their way, in the order of their dependencies."""
        self._stream(clients("kinesis"))
        for name in ("results", "corrections"):
            self._table(clients("dynamodb"), self.one(f"aws_dynamodb_table.{name}"))
        self._buckets(clients("s3"))
        self._queues(clients("sqs"))
        role = self.one("aws_iam_role.consumer")
        arn = clients("iam").create_role(
            RoleName=role["name"], AssumeRolePolicyDocument=role["assume_role_policy"]
        )["Role"]["Arn"]
        policy = self.one("aws_iam_role_policy.consumer")
        clients("iam").put_role_policy(
            RoleName=role["name"], PolicyName=policy["name"], PolicyDocument=policy["policy"]
        )
        self._function(clients("lambda"), arn)
        return self._deployment(self._mapping(clients("kinesis"), clients("lambda")))

    def _deployment(self, mapping: str) -> Deployment:
        names = self.outputs
        return Deployment(
            stream=names["stream_name"],
            table=names["table_name"],
            quarantine_bucket=names["quarantine_bucket"],
            failures_bucket=names["failures_bucket"],
            artifacts_bucket=names["artifacts_bucket"],
            claims_bucket=names["claims_bucket"],
            function=names["function_name"],
            mapping_id=mapping,
            corrections_table=names["corrections_table"],
            models=names["models_url"],
        )

    def _stream(self, kinesis: Any) -> None:
        stream = self.one("aws_kinesis_stream.documents")
        kinesis.create_stream(
            StreamName=stream["name"],
            ShardCount=stream["shard_count"],
            StreamModeDetails={"StreamMode": stream["stream_mode_details"][0]["stream_mode"]},
        )
        kinesis.get_waiter("stream_exists").wait(
            StreamName=stream["name"], WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        if stream["retention_period"] != 24:
            kinesis.increase_stream_retention_period(
                StreamName=stream["name"], RetentionPeriodHours=stream["retention_period"]
            )
        kinesis.start_stream_encryption(
            StreamName=stream["name"], EncryptionType=stream["encryption_type"], KeyId=stream["kms_key_id"]
        )

    def _table(self, dynamodb: Any, table: dict[str, Any]) -> None:
        keys = [("HASH", table["hash_key"])] + [("RANGE", table["range_key"])] * bool(table.get("range_key"))
        units = {}
        if table["billing_mode"] == "PROVISIONED":
            units["ProvisionedThroughput"] = {
                "ReadCapacityUnits": table["read_capacity"],
                "WriteCapacityUnits": table["write_capacity"],
            }
        dynamodb.create_table(
            TableName=table["name"],
            BillingMode=table["billing_mode"],
            AttributeDefinitions=[
                {"AttributeName": each["name"], "AttributeType": each["type"]} for each in table["attribute"]
            ],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for kind, name in keys],
            **units,
        )
        for ttl in table.get("ttl") or ():
            specification = {"Enabled": ttl["enabled"], "AttributeName": ttl["attribute_name"]}
            if ttl["enabled"]:
                dynamodb.update_time_to_live(TableName=table["name"], TimeToLiveSpecification=specification)

    def _buckets(self, s3: Any) -> None:
        elsewhere = {"LocationConstraint": s3.meta.region_name}
        for bucket in self.all("aws_s3_bucket.this["):
            s3.create_bucket(Bucket=bucket["bucket"], CreateBucketConfiguration=elsewhere)
        artifacts = self.outputs["artifacts_bucket"]
        for stored in self.all("aws_s3_object."):
            content = Path(stored["source"]).read_bytes()
            s3.put_object(Bucket=artifacts, Key=stored["key"], Body=content)

    def _queues(self, sqs: Any) -> None:
        for name in ("failures_dead", "failures"):
            queue = self.one(f"aws_sqs_queue.{name}")
            retention = str(queue["message_retention_seconds"])
            sqs.create_queue(QueueName=queue["name"], Attributes={"MessageRetentionPeriod": retention})

    def _function(self, client: Any, role: str) -> None:
        function = self.one("aws_lambda_function.consumer")
        package = self.one("aws_s3_object.package")
        client.create_function(
            FunctionName=function["function_name"],
            Runtime=function["runtime"],
            Role=role,
            Handler=function["handler"],
            Architectures=function["architectures"],
            Code={"S3Bucket": self.outputs["artifacts_bucket"], "S3Key": package["key"]},
            Timeout=function["timeout"],
            MemorySize=function["memory_size"],
            Environment={"Variables": function["environment"][0]["variables"]},
        )
        client.put_function_concurrency(
            FunctionName=function["function_name"],
            ReservedConcurrentExecutions=function["reserved_concurrent_executions"],
        )

    def _mapping(self, kinesis: Any, client: Any) -> str:
        mapping, stream = self.one("aws_lambda_event_source_mapping.documents"), self.outputs["stream_name"]
        source = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
        for consumer in self.all("aws_kinesis_stream_consumer."):
            registered = kinesis.register_stream_consumer(StreamARN=source, ConsumerName=consumer["name"])
            source = registered["Consumer"]["ConsumerARN"]
        answer = client.create_event_source_mapping(
            EventSourceArn=source,
            FunctionName=self.outputs["function_name"],
            StartingPosition=mapping["starting_position"],
            BatchSize=mapping["batch_size"],
            MaximumBatchingWindowInSeconds=mapping["maximum_batching_window_in_seconds"],
            ParallelizationFactor=mapping["parallelization_factor"],
            BisectBatchOnFunctionError=mapping["bisect_batch_on_function_error"],
            MaximumRetryAttempts=mapping["maximum_retry_attempts"],
            MaximumRecordAgeInSeconds=mapping["maximum_record_age_in_seconds"],
            FunctionResponseTypes=mapping["function_response_types"],
            DestinationConfig={
                "OnFailure": {"Destination": f"arn:aws:s3:::{self.outputs['failures_bucket']}"}
            },
        )
        return str(answer["UUID"])
