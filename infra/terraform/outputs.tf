# What producers, operators and other configurations need to know.

output "stream_name" {
  description = "Name of the stream that documents travel on."
  value       = aws_kinesis_stream.documents.name
}

output "stream_arn" {
  description = "ARN of the stream."
  value       = aws_kinesis_stream.documents.arn
}

output "table_name" {
  description = "Name of the table of results."
  value       = aws_dynamodb_table.results.name
}

output "corrections_table" {
  description = "Name of the table of corrections."
  value       = aws_dynamodb_table.corrections.name
}

output "artifacts_bucket" {
  description = "Bucket of the package and the models."
  value       = aws_s3_bucket.this["artifacts"].bucket
}

output "quarantine_bucket" {
  description = "Bucket of the quarantine: records that the function rejected."
  value       = aws_s3_bucket.this["quarantine"].bucket
}

output "failures_bucket" {
  description = "Bucket of the failure destination: batches that Lambda gave up."
  value       = aws_s3_bucket.this["failures"].bucket
}

output "claims_bucket" {
  description = "Bucket of documents too large for the stream."
  value       = aws_s3_bucket.this["claims"].bucket
}

output "failures_queue_url" {
  description = "URL of the queue with a message for each object in the buckets quarantine and failures."
  value       = aws_sqs_queue.failures.id
}

output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.consumer.function_name
}

output "alias_arn" {
  description = "ARN of the alias that the stream invokes."
  value       = aws_lambda_alias.live.arn
}

output "mapping_uuid" {
  description = "Id of the event source mapping."
  value       = aws_lambda_event_source_mapping.documents.uuid
}

output "models_url" {
  description = "Where models are: the LOCATION of smartcat model."
  value       = local.models_url
}

output "model_version" {
  description = "The version that the function serves."
  value       = local.model_version
}

output "producer_policy_json" {
  description = "An IAM policy for whoever fills the stream."
  value       = jsonencode({ Version = "2012-10-17", Statement = [for statement in local.producer_statements : jsondecode(statement)] })
}

output "operator_policy_json" {
  description = "An IAM policy for whoever runs smartcat results, feedback, replay and model."
  value       = jsonencode({ Version = "2012-10-17", Statement = [for statement in local.operator_statements : jsondecode(statement)] })
}

output "dashboard_name" {
  description = "Name of the dashboard; null without one."
  value       = one(aws_cloudwatch_dashboard.this[*].dashboard_name)
}

output "smartcat_environment" {
  description = "The variables that smartcat's commands read, by name."
  value = {
    SMARTCAT_STREAM            = aws_kinesis_stream.documents.name
    SMARTCAT_TABLE             = aws_dynamodb_table.results.name
    SMARTCAT_QUARANTINE_BUCKET = aws_s3_bucket.this["quarantine"].bucket
    SMARTCAT_QUARANTINE_PREFIX = local.quarantine_prefix
    SMARTCAT_FAILURES_BUCKET   = aws_s3_bucket.this["failures"].bucket
    SMARTCAT_CLAIMS_BUCKET     = aws_s3_bucket.this["claims"].bucket
    SMARTCAT_CORRECTIONS_TABLE = aws_dynamodb_table.corrections.name
    SMARTCAT_MODELS            = local.models_url
  }
}

output "capacity_plan" {
  description = <<-EOT
    What the numbers come to: workers (environments) of lanes (batches that could run at once), write units a second of each
    worker, results a second, seconds of the longest full batch, seconds that a record at which the function always dies holds
    its shard, bytes of a full batch's event, and the ages in milliseconds at which lag is told of and pages.
  EOT
  value = {
    workers         = local.workers
    lanes           = local.lanes
    wcu_per_worker  = local.wcu_per_worker
    results_per_s   = local.drain_rate
    worst_batch_s   = local.batch_s
    poison_hold_s   = local.poison_s
    event_bytes     = local.event_bytes
    age_warn_ms     = local.age_warn_s * 1000
    age_critical_ms = local.age_critical_s * 1000
  }
}
